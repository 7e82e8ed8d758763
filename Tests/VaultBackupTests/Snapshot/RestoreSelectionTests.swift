import Testing

@testable import VaultBackup

@Suite struct RestoreSelectionTests {
    private func rules(_ patterns: String...) throws -> ExclusionRules {
        var rules = ExclusionRules()
        for pattern in patterns { try rules.add(Array(pattern.utf8)) }
        return rules
    }

    @Test func whatMatchesADirectoryMatchesWhatIsInIt() throws {
        let selection = RestoreSelection(include: try rules("/etc"), exclude: try rules("*.tmp", "!keep.tmp"))
        func verdict(_ path: String) -> RestoreSelection.Verdict { selection.place(Array(path.utf8)).verdict }
        #expect(verdict("") == .passage)
        #expect(verdict("etc") == .selected)
        #expect(verdict("etc/a/b") == .selected)
        #expect(verdict("etc/a.tmp/b") == .excluded)
        #expect(verdict("etc/keep.tmp") == .selected)
        #expect(verdict("var") == .passage)
        #expect(RestoreSelection().place(Array("a".utf8)).verdict == .selected)
    }

    @Test func laterPatternsTakeBack() throws {
        let selection = RestoreSelection(include: try rules("/etc", "!/etc/ssh", "ssh/*.pub"), exclude: try rules())
        func verdict(_ path: String, _ isDirectory: Bool) -> RestoreSelection.Verdict {
            selection.place(Array(path.utf8), isDirectory: isDirectory).verdict
        }
        #expect(verdict("etc/hosts", false) == .selected)
        #expect(verdict("etc/ssh", true) == .passage)
        #expect(verdict("etc/ssh/key", false) == .passage)
        #expect(verdict("etc/ssh/key.pub", false) == .selected)
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
