import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct DifferenceTests {
    /// Differences below the source, as `M path`.
    private func changes(
        _ fixture: LookFixture, _ run: ((EntryChange) throws -> Void) throws -> DifferenceResult
    ) throws -> (rows: Set<String>, result: DifferenceResult) {
        var rows: Set<String> = []
        let result = try run { change in
            let name = fixture.relative(change.path)
            if !name.hasPrefix("/") { #expect(rows.insert("\(change.kind) \(name)").inserted, "\(name) twice") }
            #expect(
                (change.before == nil) == (change.kind == .added) && (change.after == nil) == (change.kind == .removed))
        }
        return (rows, result)
    }

    private static let before = """
        mkdir -p same/deep gone/sub turns; echo 1 > same/deep/f; echo 1 > gone/sub/f; echo 1 > content; echo 1 > mode
        ln -s a link; echo 1 > kind; echo 1 > turns/x; printf z > "$(printf 'odd\\377\\nx')"; dd if=/dev/zero of=sparse bs=1 count=1 seek=9999999
        """
    private static let after = """
        rm -r gone; echo 2 > content; chmod 600 mode; ln -sfn b link; rm kind; mkdir kind; echo 1 > kind/new; echo 1 > added
        rm -r turns; echo 1 > turns; rm "$(printf 'odd\\377\\nx')"
        """
    private static let expected: Set<String> = [
        "removed gone", "removed gone/sub", "removed gone/sub/f", "modified content", "metadata mode", "modified link",
        "typeChanged kind", "added kind/new", "added added", "typeChanged turns", "removed turns/x",
        "removed odd\\xff\\x0ax",
        "metadata .",
    ]

    @Test func twoSnapshots() throws {
        let fixture = try LookFixture()
        try fixture.shell(Self.before)
        let first = try fixture.backup()
        try fixture.shell("sleep 0.02;" + Self.after)
        let second = try fixture.backup()
        let access = try fixture.access()
        let found = try changes(fixture) {
            try Difference.run(fixture.path(first), fixture.path(second), with: access, $0)
        }
        #expect(found.rows == Self.expected)
        #expect(found.result.counts == [.removed: 5, .added: 2, .modified: 2, .typeChanged: 2, .metadata: 2])
        #expect(found.result.addedBytes == 8 && found.result.removedBytes == 9)
        #expect(found.result.problemCount == 0 && !found.result.isDamaged)
        // The other way round.
        let back = try changes(fixture) {
            try Difference.run(fixture.path(second), fixture.path(first), with: access, $0)
        }
        #expect(back.result.counts[.added] == 5 && back.result.counts[.removed] == 2)
        let noMetadata = try changes(fixture) {
            try Difference.run(fixture.path(first), fixture.path(second), with: access, withMetadata: false, $0)
        }
        #expect(noMetadata.rows == Self.expected.filter { !$0.hasPrefix("metadata") })
        let file = try changes(fixture) {
            try Difference.run(fixture.path(first, "content"), fixture.path(second, "content"), with: access, $0)
        }
        #expect(file.rows == ["modified content"])
    }

    @Test func snapshotAndDisk() throws {
        let fixture = try LookFixture()
        try fixture.shell(Self.before)
        let first = try fixture.backup()
        let access = try fixture.access()
        func disk(_ options: DiskComparisonOptions) throws -> Set<String> {
            let found = try changes(fixture) {
                try Difference.run(
                    fixture.path(first), against: Array(fixture.source.utf8), with: access, options: options, $0)
            }
            #expect(found.result.problemCount == 0)
            return found.rows
        }
        var content = DiskComparisonOptions()
        content.readsContent = true
        #expect(try disk(DiskComparisonOptions()) == [])
        #expect(try disk(content) == [])
        try fixture.shell("sleep 0.02;" + Self.after)
        // The directory itself is what is compared; only what is in it is visited.
        #expect(try disk(content) == Self.expected.subtracting(["metadata ."]))
        content.withMetadata = false
        #expect(try disk(content) == Self.expected.filter { !$0.hasPrefix("metadata") })
        // All of the snapshot against `/`: nothing outside the source counts.
        let whole = try changes(fixture) { visit in
            try Difference.run(SnapshotPath(Array(first.utf8)), against: [0x2f], with: access, options: content) {
                #expect(!fixture.relative($0.path).hasPrefix("/"))
                try visit($0)
            }
        }
        #expect(whole.rows == Self.expected.filter { !$0.hasPrefix("metadata") })
    }

    @Test func sameSizeAndTimeNeedsContent() throws {
        let fixture = try LookFixture()
        try fixture.shell("head -c 300000 /dev/zero > zeros; echo 1 > f; truncate -s 1000000 hole; cp -p f f.was")
        let first = try fixture.backup()
        try fixture.shell(
            """
            printf 2 | dd of=f conv=notrunc; touch -r f.was f; touch -r zeros t
            printf x | dd of=hole bs=1 seek=500000 conv=notrunc; touch -d @1 zeros
            """)
        let access = try fixture.access()
        func disk(_ readsContent: Bool) throws -> Set<String> {
            var options = DiskComparisonOptions()
            options.readsContent = readsContent
            options.withMetadata = false
            return try changes(fixture) {
                try Difference.run(
                    fixture.path(first), against: Array(fixture.source.utf8), with: access, options: options, $0)
            }.rows
        }
        #expect(try disk(false) == ["added t", "modified zeros", "modified hole"])
        #expect(try disk(true) == ["added t", "modified f", "modified hole"])
    }

    @Test func largeDirectories() throws {
        let fixture = try LookFixture()
        try fixture.shell("seq -f 'file-with-a-longer-name-%05g' 6000 | xargs touch -d @1")
        let first = try fixture.backup()
        try fixture.shell("rm *-00001 *-03?17; touch -d @2 *-04242; touch -d @1 a z file-with-a-longer-name-02000b")
        let second = try fixture.backup()
        let access = try fixture.access()
        let found = try changes(fixture) {
            try Difference.run(fixture.path(first), fixture.path(second), with: access, $0)
        }
        #expect(found.result.counts == [.removed: 11, .metadata: 2, .added: 3])
        #expect(
            found.rows.isSuperset(of: [
                "metadata file-with-a-longer-name-04242", "added file-with-a-longer-name-02000b",
            ]))
        var options = DiskComparisonOptions()
        options.readsContent = true
        let disk = try changes(fixture) {
            try Difference.run(
                fixture.path(first), against: Array(fixture.source.utf8), with: access, options: options, $0)
        }
        #expect(disk.rows == found.rows.subtracting(["metadata ."]))
    }

    @Test func whatIsSharedIsNotRead() throws {
        let fixture = try LookFixture()
        try fixture.shell("mkdir d; echo 1 > d/f")
        let first = try fixture.backup()
        let access = try fixture.access()
        // The index is kept; after this, whatever is read is missing.
        _ = try Find.run(FindRequest([try PathPattern(Array("f".utf8))]), with: access)
        try fixture.removePacks()
        let whole = try SnapshotPath(Array(first.utf8))
        let same = try Difference.run(whole, whole, with: fixture.access()) { _ in Issue.record("a difference") }
        #expect(same.isSame && same.problemCount == 0)
        #expect(throws: VaultError.self) {
            try Difference.run(fixture.path(first), fixture.path(first), with: fixture.access()) { _ in }
        }
    }
}
