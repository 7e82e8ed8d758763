import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Files with more pieces than a window of a restore holds.
@Suite struct LongFileTests {
    private let fixture: RestoreFixture

    init() throws {
        // Two dumps, cut small, and one with holes; others before, between and behind them.
        fixture = try RestoreFixture(
            """
            cd src; echo first > a; (echo PGDMP; head -c 1500000 /dev/urandom) > b; ln b b2; echo between > c
            (echo PGDMP; head -c 900000 /dev/urandom) > d; truncate -s 3M d
            (head -c 700000 b; head -c 400000 /dev/urandom) | dd of=d bs=64k seek=30 conv=notrunc status=none
            truncate -s 5M d; : > e; cp b z; find . -exec touch -h -d '2020-01-01 00:00:00.5' {} +
            """)
    }

    private func restore(_ target: String, pieces: Int, _ change: (inout RestoreRequest) -> Void = { _ in }) throws
        -> RestoreResult
    {
        try fixture.restore(target) {
            $0.options.windowPiecesMax = pieces
            change(&$0)
        }
    }

    /// By rsync, with contents, hard links and attributes, and by the space in use.
    private func expectSame(_ target: String) throws {
        #expect(try fixture.shell("rsync -naciHAX --delete src/ \(target)/") == "")
        let blocks = try fixture.shell("stat -c %b \(target)/d")
        #expect(Int(blocks.dropLast()) ?? 0 < 5000, "the holes of d are holes")
    }

    @Test(arguments: [1, 2, 7, 50, 1000, 1 << 18])
    func everyLengthOfAWindow(_ pieces: Int) throws {
        let result = try restore("target", pieces: pieces)
        #expect(result.problems.isEmpty)
        try expectSame("target")
        // The digest of each was right, whatever it was made of: the next backup reads none of them.
        let journal = try fixture.shell("ls $PWD/cache/*/scan/restored.*").dropLast()
        #expect(ScanJournal(reading: Array(journal.utf8)).count == 7)
    }

    /// What is there already is looked at, and what is wrong is written, in the same way whatever a window holds: a file
    /// is patched in its place, one with another name or with something in a hole is made anew, one is only cut.
    @Test(arguments: [false, true])
    func overExistingFiles(verifying: Bool) throws {
        func changes(_ target: String, _ pieces: Int, isDry: Bool) throws -> [String] {
            let (changes, result) = try fixture.changes(target, isDry: isDry) {
                $0.options.windowPiecesMax = pieces
                $0.options.verifyExisting = verifying
            }
            #expect(result.problems.isEmpty)
            return changes
        }
        var first: [String]?
        for pieces in [1 << 18, 1, 7, 50] {
            let target = "target\(pieces)"
            _ = try restore(target, pieces: 1 << 18)
            try fixture.shell(
                """
                cd \(target); write() { printf changed | dd of=$1 bs=1 seek=$2 conv=notrunc status=none; }
                write z 1200000; write z 1499000; write z 2; touch -r ../src/z z; write d 1200000; echo more >> a
                ln b b3; write b 700000; stat -c %i z > ../inode
                """)
            let planned = try changes(target, pieces, isDry: true)
            let done = try changes(target, pieces, isDry: false)
            #expect(planned == done)
            if !verifying { try fixture.shell("cp -p src/z \(target)/z") }
            try expectSame(target)
            #expect(try fixture.shell("stat -c %i \(target)/z | cmp - inode && echo same") == "same\n")
            #expect(done.contains { $0.hasPrefix("change z ") } == verifying, "\(done)")
            #expect(done == first ?? done)
            first = done
        }
    }

    /// What differs only in its length is cut, and what is right is left alone.
    @Test func onlyTheLengthIsWrong() throws {
        _ = try restore("target", pieces: 20)
        try fixture.shell("cd target; echo more >> z; stat -c '%i %Z' b z > ../before; sleep 1")
        let result = try restore("target", pieces: 20) {
            $0.options.overwrite = .ifChanged
            $0.options.verifyExisting = true
        }
        #expect(result.problems.isEmpty && result.changed.entries == 1)
        try expectSame("target")
        let after = try fixture.shell("cd target; stat -c '%i %Z' b z > ../after; cd ..; diff before after | wc -l")
        #expect(after == "4\n", "z keeps its inode and has another time of change; b is as it was")
    }

    @Test func aDryRunWritesNothing() throws {
        let result = try restore("target", pieces: 20) { $0.options.dryRun = true }
        #expect(result.problems.isEmpty)
        #expect(try fixture.shell("test ! -e target && echo none") == "none\n")
    }

    /// Damage in a later window is named, for each file, and all else is restored.
    @Test func damageInALaterWindow() throws {
        // What damages a pack are these six bytes, well before its end, where its directory is.
        try fixture.shell(
            """
            for p in $(find repo/packs -type f -size +1M); do
                chmod u+w $p; printf 'DAMAGE' | dd of=$p bs=1 seek=$(( $(stat -c %s $p) * 2 / 3 )) conv=notrunc status=none
            done
            """)
        let result = try restore("target", pieces: 20)
        #expect(!result.problems.isEmpty)
        for problem in result.problems {
            let sameFile = "cannot be restored: it is the same file as /b, which could not be"
            #expect(problem.reason.hasPrefix("is damaged: ") || problem.reason == sameFile)
        }
        let names = Set(result.problems.map { PathText.readable($0.path) })
        for name in try fixture.shell("cd src; ls").split(separator: "\n") {
            let isSame = try fixture.shell("cmp -s src/\(name) target/\(name) && echo same || echo other") == "same\n"
            #expect(isSame || names.contains(String(name)), "\(name), \(names)")
        }
    }

    /// A file whose last chunk is in no pack is not begun, whatever a window holds.
    @Test(arguments: [1, 2, 1000])
    func whatIsNotAllThereIsNotBegun(_ pieces: Int) throws {
        let fixture = try RepositoryFixture()
        let made = try HandmadeSnapshot(fixture)
        var extents = try ["one", "two", "three"].map {
            Extent.chunk(id: try made.add(.data, Array($0.utf8)), length: $0.utf8.count)
        }
        extents.append(.chunk(id: ChunkID(Digest.zero), length: 4))
        let id = try made.commit(
            try made.leaf([
                try made.file("a", "first"), made.file("b", size: 15, extents: extents), try made.file("c", "last"),
            ]))
        let access = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
        let target = fixture.directory.path + "/target"
        var request = RestoreRequest(try SnapshotPath(Array(id.hex.utf8)), target: Array(target.utf8))
        request.options.windowPiecesMax = pieces
        let result = try Restore.run(request, with: access)
        #expect(result.problems.map { PathText.readable($0.path) } == ["b"])
        #expect(result.problems.first?.reason.hasPrefix("cannot be restored: chunk ") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: target).sorted() == ["a", "c"])
    }
}
