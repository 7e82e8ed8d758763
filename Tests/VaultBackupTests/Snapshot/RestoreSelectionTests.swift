import Testing

@testable import VaultBackup

@Suite struct RestoreSelectionTests {
    private func matches(_ pattern: String, _ path: String) throws -> Bool {
        try RestorePattern(Array(pattern.utf8)).matches(Array(path.utf8).split(separator: 0x2f))
    }

    @Test(arguments: [
        ("*.conf", "etc/a.conf", true), ("*.conf", "etc/a.conf/b", false), ("a", "x/y/a", true), ("a", "x/ab", false),
        ("a?c", "abc", true), ("a?c", "ac", false), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false),
        ("[!a-c]x", "dx", true), ("[^a-c]x", "ax", false), ("[]]x", "]x", true), ("[x", "[x", true), ("\\*", "*", true),
        ("\\*", "a", false), ("*", "anything", true), ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-b-b", false),
        ("/etc/ssh", "etc/ssh", true), ("/etc/ssh", "x/etc/ssh", false), ("ssh/config", "etc/ssh/config", true),
        ("ssh/config", "etc/ssh/x/config", false), ("/etc/*", "etc/a", true), ("/etc/*", "etc/a/b", false),
        ("/etc/**/b", "etc/b", true), ("/etc/**/b", "etc/x/y/b", true), ("/etc/**/b", "etc/x/y/c", false),
        ("/**/b/**/c", "a/b/d/b/c", true), ("**", "a/b", true), ("a/", "x/a", true), ("A", "a", false),
    ])
    func patterns(_ pattern: String, _ path: String, _ isMatch: Bool) throws {
        #expect(try matches(pattern, path) == isMatch, "\(pattern) on \(path)")
    }

    @Test func manyStarsAreNotSlow() throws {
        let pattern = String(repeating: "*a", count: 100) + "b"
        #expect(try !matches(pattern, String(repeating: "a", count: 250)))
    }

    @Test func emptyPatternIsRefused() {
        #expect(throws: VaultError.self) { try RestoreSelection(include: [[]], exclude: []) }
        #expect(throws: VaultError.self) { try RestoreSelection(include: [], exclude: [Array("/".utf8)]) }
    }

    @Test func whatMatchesADirectoryMatchesWhatIsInIt() throws {
        let selection = try RestoreSelection(include: [Array("/etc".utf8)], exclude: [Array("*.tmp".utf8)])
        #expect(selection.verdict(onTop: []) == .passage)
        #expect(selection.verdict(onTop: Array("etc".utf8)) == .selected)
        #expect(selection.verdict(onTop: Array("etc/a/b".utf8)) == .selected)
        #expect(selection.verdict(onTop: Array("etc/a.tmp/b".utf8)) == .excluded)
        #expect(selection.verdict(onTop: Array("var".utf8)) == .passage)
        #expect(RestoreSelection().verdict(onTop: Array("a".utf8)) == .selected)
    }
}

@Suite struct RestoreDecisionTests {
    private func decision(
        _ policy: OverwritePolicy?, _ kind: FileStatus.Kind, size: UInt64, seconds: Int64, verify: Bool = false
    ) -> RestoreDecision {
        var entry = TreeEntry(
            name: [0x61], kind: .file, mode: 0o644, owner: 0, group: 0, mtimeSeconds: 100, mtimeNanoseconds: 5)
        entry.size = 10
        var status = FileStatus.ofStream()
        status.kind = kind
        status.size = size
        status.modified = FileStatus.Time(seconds: seconds, nanoseconds: 5)
        var options = RestoreOptions()
        options.overwrite = policy
        options.verifyExisting = verify
        return RestoreDecision(entry, existing: status, options)
    }

    @Test func everyPolicy() {
        #expect(decision(.always, .file, size: 10, seconds: 100) == .replace)
        #expect(decision(.never, .fifo, size: 0, seconds: 0) == .keep)
        #expect(decision(.ifNewer, .file, size: 10, seconds: 99) == .replace)
        #expect(decision(.ifNewer, .file, size: 1, seconds: 100) == .keep)
        #expect(decision(.ifNewer, .file, size: 1, seconds: 101) == .keep)
        #expect(decision(.ifChanged, .file, size: 10, seconds: 100) == .inspect)
        #expect(decision(.ifChanged, .file, size: 11, seconds: 100) == .replace)
        #expect(decision(.ifChanged, .file, size: 10, seconds: 99) == .replace)
        #expect(decision(.ifChanged, .file, size: 11, seconds: 99, verify: true) == .inspect)
        #expect(decision(.ifChanged, .symbolicLink, size: 10, seconds: 100, verify: true) == .replace)
    }

    @Test func optionsThatMakeNoSense() {
        var options = RestoreOptions()
        options.delete = true
        #expect(throws: VaultError.self) { try options.check() }
        options.overwrite = .always
        #expect(throws: Never.self) { try options.check() }
        options.verifyExisting = true
        #expect(throws: VaultError.self) { try options.check() }
        options.overwrite = .ifChanged
        options.dryRun = true
        options.verify = true
        #expect(throws: VaultError.self) { try options.check() }
    }
}
