import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// What a backup leaves out, and that the scan cache stays right when that changes.
@Suite struct SelectionTests {
    private let fixture: SelectionFixture
    private static let tag = "Signature: 8a477f597d28d172789f06886806bc55\n# made by hand\n"

    init() throws { fixture = try SelectionFixture() }

    private func rules(_ patterns: [String]) throws -> ExclusionRules {
        var rules = ExclusionRules()
        for pattern in patterns { try rules.add(Array(pattern.utf8)) }
        return rules
    }

    private func paths(_ patterns: String...) throws -> [String] {
        try fixture.paths(fixture.backup { $0.exclude = try rules(patterns) }.snapshot)
    }

    @Test func cacheStaysRightWhenRulesChange() throws {
        for path in ["a/x.o", "a/y.c", "b/x.o", "b/deep/z.c"] { try fixture.write(path, path) }
        let all = ["a", "a/x.o", "a/y.c", "b", "b/deep", "b/deep/z.c", "b/x.o"]
        #expect(try paths() == all)
        #expect(try paths("*.o") == ["a", "a/y.c", "b", "b/deep", "b/deep/z.c"])
        // As many entries in each directory as the cache has, but others.
        #expect(try paths("y.c", "deep") == ["a", "a/x.o", "b", "b/x.o"])
        #expect(try paths("b") == ["a", "a/x.o", "a/y.c"])
        // What was written while it was left out, too.
        try fixture.write("b/deep/new.c", "new")
        #expect(try paths() == (all + ["b/deep/new.c"]).sorted())
        #expect(try paths("\(fixture.source)/*", "!b") == ["b", "b/deep", "b/deep/new.c", "b/deep/z.c", "b/x.o"])
        #expect(try paths() == (all + ["b/deep/new.c"]).sorted())
    }

    @Test func sizesAndCounts() throws {
        try fixture.write("small", "123")
        try fixture.write("large", "1234")
        try fixture.make("all/src/directory")
        let result = try fixture.backup { $0.excludeLargerThan = 3 }
        #expect(try fixture.paths(result.snapshot) == ["directory", "small"])
        #expect(result.leftOut == 1 && result.bytes == 3)
        #expect(try fixture.paths(fixture.backup().snapshot) == ["directory", "large", "small"])
    }

    @Test func cacheDirectoriesKeepTheirTag() throws {
        try fixture.write("c/CACHEDIR.TAG", Self.tag)
        try fixture.write("c/blob/x", "x")
        try fixture.write("d/CACHEDIR.TAG", "Signature: something else\n")
        try fixture.write("d/file", "x")
        try fixture.write("e/CACHEDIR.TAG/file", "x")
        let kept = [
            "c", "c/CACHEDIR.TAG", "d", "d/CACHEDIR.TAG", "d/file", "e", "e/CACHEDIR.TAG", "e/CACHEDIR.TAG/file",
        ]
        #expect(try fixture.paths(fixture.backup().snapshot) == kept)
        let all = (kept + ["c/blob", "c/blob/x"]).sorted()
        #expect(try fixture.paths(fixture.backup { $0.excludeCaches = false }.snapshot) == all)
        // Whoever names a cache wants it.
        let named = try fixture.backup([fixture.source + "/c"])
        #expect(try fixture.paths(named.snapshot) == ["c", "c/CACHEDIR.TAG", "c/blob", "c/blob/x"])
    }

    @Test func markersKeepThemselves() throws {
        try fixture.write("a/.nobackup", "")
        try fixture.write("a/file", "x")
        try fixture.write("b/file", "x")
        let result = try fixture.backup { $0.excludeIfPresent = [Array(".nobackup".utf8), Array("other".utf8)] }
        #expect(try fixture.paths(result.snapshot) == ["a", "a/.nobackup", "b", "b/file"])
    }

    @Test func noDumpFlag() throws {
        for path in ["marked", "plain", "dir/file"] { try fixture.write(path, "x") }
        let mark = runProgram(["chattr", "+d", fixture.source + "/marked", fixture.source + "/dir"])
        // Not every file system has the flag; then everything is kept.
        let expected = mark?.status == 0 ? ["plain"] : ["dir", "dir/file", "marked", "plain"]
        #expect(try fixture.paths(fixture.backup { $0.excludeNoDump = true }.snapshot) == expected)
        #expect(try fixture.paths(fixture.backup().snapshot) == ["dir", "dir/file", "marked", "plain"])
    }

    @Test func repositoryAndCacheAreLeftOut() throws {
        try fixture.write("file", "x")
        // Through a link the names are others.
        try FileManager.default.createSymbolicLink(
            atPath: fixture.directory.path + "/link", withDestinationPath: fixture.directory.path + "/all")
        let log = EventLog()
        let result = try fixture.backup([fixture.directory.path + "/link/."], events: log)
        let paths = try fixture.paths(result.snapshot)
        #expect(paths.contains("file"))
        #expect(!paths.contains { $0.hasSuffix("/repository") || $0.contains("/packs") || $0.contains("/index") })
        #expect(log.all.count { $0.contains("/repository: left out, it is the repository itself") } == 1, "\(log.all)")
        #expect(log.all.count { $0.contains("left out, it is a cache of this program") } == 1, "\(log.all)")
        #expect(result.problemCount == 0)
    }

    @Test func namedSourceThatARuleLeavesOut() throws {
        try fixture.write("a/file", "x")
        try fixture.write("b/file", "x")
        let log = EventLog()
        let sources = [fixture.source + "/a", fixture.source + "/b/file"]
        let result = try fixture.backup(sources, events: log) { $0.exclude = try rules(["b"]) }
        #expect(try fixture.paths(result.snapshot) == ["a", "a/file", "b"])
        #expect(log.all == ["notice: \(fixture.source)/b/file: left out, by the pattern 'b'"])
        let error = #expect(throws: VaultError.self) {
            try fixture.backup(sources) { $0.exclude = try rules(["src"]) }
        }
        #expect(error?.code == .usage)
    }

    @Test(arguments: [
        ("PostgreSQL", ["PG_VERSION", "postmaster.pid"]), ("MariaDB", ["ibdata1", "host.pid"]),
        (nil, ["PG_VERSION"]), (nil, ["ibdata1", "pid"]), (nil, ["postmaster.pid", "host.pid"]),
    ])
    func runningDatabases(_ server: String?, _ files: [String]) throws {
        for file in files { try fixture.write("data/" + file, "1") }
        let log = EventLog()
        let result = try fixture.backup(events: log)
        #expect(result.problemCount == 0)
        #expect(try fixture.paths(result.snapshot) == (["data"] + files.map { "data/" + $0 }).sorted())
        guard let server else { return #expect(log.all == []) }
        #expect(log.all.count == 1)
        #expect(log.all.first?.hasPrefix("warning: \(fixture.source)/data: a \(server)") == true, "\(log.all)")
        #expect(log.all.first?.contains("--command") == true)
        let quiet = EventLog()
        try fixture.backup(events: quiet) { $0.exclude = try rules(["data"]) }
        #expect(quiet.all == [])
    }
}
