import Testing

@testable import VaultBackup

@Suite struct FindTests {
    // A pattern that is refused finds nothing, which no test here wants.
    private func request(_ patterns: String...) -> FindRequest {
        FindRequest(patterns.compactMap { try? PathPattern(Array($0.utf8)) })
    }

    @Test func distinctEntriesWithTheirSnapshots() throws {
        let fixture = try LookFixture()
        try fixture.shell("mkdir -p a/b c; echo 1 > a/b/x.txt; echo 1 > c/x.txt; echo 1 > c/y")
        let first = try fixture.backup()
        try fixture.shell("echo 22 > c/x.txt")
        let second = try fixture.backup()
        try fixture.shell("rm c/x.txt")
        let third = try fixture.backup(system: "mail")
        let access = try fixture.access()

        let found = try Find.run(request("x.*"), with: access)
        #expect(found.snapshotCount == 3 && found.damage.isEmpty)
        let rows = found.entries.map {
            [
                fixture.relative($0.path), $0.first.id.hex, $0.last.id.hex, String($0.snapshotCount),
                String($0.entry.size),
            ]
        }
        #expect(
            rows == [
                ["a/b/x.txt", first, third, "3", "2"], ["c/x.txt", first, first, "1", "2"],
                ["c/x.txt", second, second, "1", "3"],
            ])
        var one = request("x.*")
        one.snapshot = second
        #expect(try Find.run(one, with: access).entries.map(\.entry.size) == [2, 3])
        one.snapshot = nil
        one.system = "mail"
        #expect(try Find.run(one, with: access).entries.map { fixture.relative($0.path) } == ["a/b/x.txt"])
    }

    @Test func sharedDirectoriesAreReadOnce() throws {
        let fixture = try LookFixture()
        // Not what `d` holds: two files that are written at once may have one time, and their directories would be equal.
        try fixture.shell("mkdir -p a/b/c d; echo above > a/b/c/f; echo 1 > d/f")
        for text in ["1", "2", "3"] {
            try fixture.shell("echo \(text) > d/f")
            try fixture.backup()
        }
        let access = try fixture.access()
        let above = fixture.source.split(separator: "/").count
        let found = try Find.run(request("f"), with: access)
        // In each snapshot another `d`, another top and other directories above it; `a` with all below it once.
        #expect(found.directoryCount == 3 * (above + 2) + 3)
        #expect(found.entries.count == 4)
        // By path nothing else is found.
        let byPath = try Find.run(request("**/f"), with: access)
        #expect(byPath.entries.map(\.path) == found.entries.map(\.path))
    }

    @Test func equalDirectoriesAtTwoPlacesAreBothFound() throws {
        let fixture = try LookFixture()
        try fixture.shell("mkdir -p one/sub; echo 1 > one/sub/f; cp -a one two; touch -r one two")
        try fixture.backup()
        let access = try fixture.access()
        #expect(
            try Find.run(request("f"), with: access).entries.map { fixture.relative($0.path) } == [
                "one/sub/f", "two/sub/f",
            ])
        #expect(
            try Find.run(request("two/**/f"), with: access).entries.map { fixture.relative($0.path) } == ["two/sub/f"])
    }

    @Test func filters() throws {
        let fixture = try LookFixture()
        try fixture.shell(
            """
            printf 123 > f3; printf 1234567 > f7; mkdir fd; ln -s f3 fl
            touch -d '2001-01-01 00:00:00.5' f3; touch -d 2020-01-01 f7
            """)
        try fixture.backup()
        let access = try fixture.access()
        func names(_ change: (inout FindRequest) -> Void) throws -> [String] {
            var request = request("f?")
            change(&request)
            return try Find.run(request, with: access).entries.map { fixture.relative($0.path) }
        }
        #expect(try names { _ in } == ["f3", "f7", "fd", "fl"])
        #expect(try names { $0.size = 3...6 } == ["f3"])
        #expect(try names { $0.kinds = [.directory, .symbolicLink] } == ["fd", "fl"])
        // Half a second after the first moment of the year.
        let half = Timestamp("2001-01-01T00:00:00.500Z")
        let later = Timestamp("2001-01-01T00:00:00.501Z")
        #expect(try names { $0.older = half } == [])
        #expect(try names { $0.older = later } == ["f3"])
        #expect(
            try names {
                $0.newer = half
                $0.kinds = [.file]
            } == ["f3", "f7"])
        #expect(
            try names {
                $0.newer = later
                $0.kinds = [.file]
            } == ["f7"])
    }

    @Test func damageIsToldAndTheRestIsFound() throws {
        let fixture = try LookFixture()
        try fixture.shell("echo 1 > f")
        try fixture.backup()
        let access = try fixture.access()
        #expect(try Find.run(request("f"), with: access).damage == [])
        try fixture.removePacks()
        let found = try Find.run(request("f"), with: fixture.access())
        #expect(found.entries.isEmpty && !found.damage.isEmpty)
    }
}
