import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct PolicyFilesTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
        for name in ["systems", "profiles"] {
            try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: true)
        }
    }

    private func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let path = folder.path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func read() throws -> PolicySet { try PolicyFiles.read(folder.bytes()) }

    /// Whether exactly one problem is there, with these words; returns it.
    @discardableResult
    private func expectProblem(_ words: String, isError: Bool = true) throws -> PolicyProblem {
        let problems = try read().problems
        #expect(problems.count == 1, "\(problems)")
        let problem = try #require(problems.first)
        #expect(problem.message.contains(words) && problem.isError == isError, "\(problem)")
        return problem
    }

    @Test func policiesAreFoundByName() throws {
        try write("systems/web.yaml", "sources: {paths: [/etc]}")
        try write("systems/db.yml", "system: database\nsources: {databases: [postgres:all]}")
        for name in ["systems/.hidden.yaml", "systems/web.yaml~", "systems/notes.txt", "web.yaml"] {
            try write(name, "wrong: [")
        }
        let set = try read()
        #expect(set.problems.isEmpty && set.fileCount == 2)
        #expect(set.entries.map(\.policy.system) == ["database", "web"])
        let loaded = try PolicyFiles.load(folder.bytes())
        #expect(loaded.policies == set.entries.map(\.policy) && loaded.problems.isEmpty)
    }

    @Test func aMissingFolderHasNone() throws {
        let set = try PolicyFiles.read(folder.bytes("nowhere"))
        #expect(set.fileCount == 0 && set.problems.isEmpty)
    }

    /// One that is wrong does not hinder the others; wrong defaults hinder all.
    @Test func wrongOnesAreNotUsed() throws {
        try write("systems/a.yaml", "sources: {paths: [/etc]}")
        try write("systems/b.yaml", "sources: {paths: [etc]}")
        try write("systems/c.yaml", "")
        var set = try read()
        #expect(set.entries.map(\.policy.system) == ["a"] && set.problems.count == 2)
        try write("defaults.yaml", "schedule: {backup: often}")
        set = try read()
        #expect(set.entries.isEmpty)
        #expect(set.problems.count(where: { $0.message.contains("'often'") }) == 1, "\(set.problems)")
    }

    @Test func twoFilesForOneSystem() throws {
        try write("systems/a.yaml", "system: web\nsources: {paths: [/etc]}")
        try write("systems/web.yaml", "sources: {paths: [/home]}")
        try expectProblem("has another policy")
        #expect(try read().entries.isEmpty)
    }

    /// As sudo and ssh have it.
    @Test(arguments: [0o666, 0o664, 0o646]) func filesThatOthersCanWriteAreRefused(_ mode: Int) throws {
        try write("systems/web.yaml", "sources: {paths: [/etc]}", mode: mode)
        try expectProblem("can be written by")
        #expect(try read().entries.isEmpty)
        try write("systems/web.yaml", "sources: {paths: [/etc]}")
        #expect(try read().problems.isEmpty)
    }

    @Test func foldersThatOthersCanWriteAreRefused() throws {
        try write("systems/web.yaml", "sources: {paths: [/etc]}")
        for (name, mode) in [("systems", 0o777), ("", 0o775)] {
            let path = folder.path + "/" + name
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            try expectProblem("can be written by")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        // A link leads to what somebody else may own.
        try FileManager.default.removeItem(atPath: folder.path + "/systems/web.yaml")
        try write("web.yaml", "sources: {paths: [/etc]}", mode: 0o666)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/systems/web.yaml", withDestinationPath: folder.path + "/web.yaml")
        try expectProblem("can be written by")
    }

    @Test(.enabled(if: isRoot)) func filesOfOthersAreRefused() throws {
        try write("systems/web.yaml", "sources: {paths: [/etc]}")
        #expect(chown(folder.path + "/systems/web.yaml", 65_534, 65_534) == 0)
        try expectProblem("belongs to another user")
    }

    /// Who may turn a link decides what is read next time, whatever it leads to now.
    @Test(.enabled(if: isRoot)) func linksThatOthersMayTurnAreRefused() throws {
        try write("real.yaml", "sources: {paths: [/etc]}")
        let theirs = folder.path + "/theirs"
        try FileManager.default.createDirectory(atPath: theirs, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: theirs + "/link", withDestinationPath: "../real.yaml")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/systems/web.yaml", withDestinationPath: theirs + "/link")
        #expect(try read().problems.isEmpty)
        #expect(chown(theirs, 65_534, 65_534) == 0)
        try expectProblem("theirs belongs to another user")
        #expect(chown(theirs, 0, 0) == 0 && lchown(theirs + "/link", 65_534, 65_534) == 0)
        try expectProblem("theirs/link belongs to another user")
        // One that leads to itself leads nowhere.
        try FileManager.default.removeItem(atPath: theirs + "/link")
        try FileManager.default.createSymbolicLink(atPath: theirs + "/link", withDestinationPath: "link")
        try expectProblem("cannot be read")
    }

    @Test func programsAreLookedAt() throws {
        let program = folder.path + "/hook"
        let text = "sources: {paths: [/etc]}\nhooks: {before: [[\(program)]]}"
        try write("systems/web.yaml", text)
        try expectProblem("no program", isError: false)
        try write("hook", "#!/bin/sh\n")
        try expectProblem("cannot be run")
        try write("hook", "#!/bin/sh\n", mode: 0o777)
        let problem = try expectProblem("Others can change the program")
        #expect(problem.place == TextPlace(line: 2, column: 18))
        try write("hook", "#!/bin/sh\n", mode: 0o755)
        #expect(try read().problems.isEmpty)
        for key in [
            "drill: {checks: [script], script: [/nowhere]}", "notification: {command: [/nowhere]}",
            "hooks: {after: [[/nowhere]]}",
        ] {
            try write("systems/web.yaml", "sources: {paths: [/etc]}\n\(key)")
            try expectProblem("no program /nowhere", isError: false)
        }
    }

    /// It can name a library that is loaded.
    @Test func optionFilesAreLookedAt() throws {
        try write("systems/web.yaml", "sources: {databases: ['mysql:x'], defaults-file: \(folder.path)/my.cnf}")
        try expectProblem("There is no file", isError: false)
        try write("my.cnf", "[client]\n", mode: 0o666)
        try expectProblem("Others can change the option file")
        try write("my.cnf", "[client]\n")
        #expect(try read().problems.isEmpty)
    }

    @Test func namesOfThingsAreKnown() throws {
        try write("systems/web.yaml", "sources: {databases: ['oracle:x']}")
        try expectProblem("names no database")
        try write("systems/web.yaml", "sources: {paths: [/etc]}\nprofile: vn-level-33")
        #expect(try expectProblem("no requirement profile").suggestion.contains("Did you mean 'vn-level-3'?"))
        // The owner's own profiles count too, and take the place of built-in ones.
        try write(
            "profiles/ours.yaml",
            "profile: ours\ntitle: O\nversion: 1\nsources: [we]\nrequirements: [{id: a, text: t, offsite: true}]")
        try write("systems/web.yaml", "sources: {paths: [/etc]}\nprofile: ours")
        #expect(try read().problems.isEmpty)
        #expect(try RequirementProfiles.find("ours", folder.bytes()).requirements.count == 1)
        try write(
            "profiles/cis-11.yaml",
            "profile: cis-11\ntitle: O\nversion: 9\nsources: [we]\nrequirements: [{id: a, text: t, offsite: true}]")
        #expect(try RequirementProfiles.find("cis-11", folder.bytes()).version == 9)
        try write("profiles/cis-11.yaml", "profile: cis-11", mode: 0o666)
        let error = #expect(throws: VaultError.self) { try RequirementProfiles.find("cis-11", folder.bytes()) }
        #expect(error?.message.contains("can be written by anybody") == true, "\(error?.message ?? "")")
        try write("profiles/cis-11.yaml", "profile: other")
        #expect(throws: VaultError.self) { try RequirementProfiles.find("cis-11", folder.bytes()) }
        #expect(throws: VaultError.self) { try RequirementProfiles.find("nothing", folder.bytes()) }
    }

    /// State secrets stay on disks of this machine.
    @Test func networkFileSystemsAreKnown() throws {
        for type in ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.rclone", "fuse", "9p"] {
            #expect(PolicyChecks.isNetwork(type), "\(type)")
        }
        for type in ["ext4", "xfs", "btrfs", "zfs", "fuseblk", "overlay", "tmpfs", "vfat"] {
            #expect(!PolicyChecks.isNetwork(type), "\(type)")
        }
        try write(
            "systems/web.yaml", "classification: restricted\nrepository: \(folder.path)/repo\nsources: {paths: [/etc]}")
        let problem = try expectProblem("government cipher", isError: false)
        #expect(problem.place.line == 1)
    }

    /// Every template loads, and only with what this machine has not.
    @Test func templatesAreRight() throws {
        let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("policies").path
        let names = try FileManager.default.contentsOfDirectory(atPath: top).filter { $0.hasSuffix(".yaml") }.sorted()
        #expect(names.count == 7)
        for name in names {
            let text = try String(contentsOfFile: top + "/" + name, encoding: .utf8)
            try write("systems/" + name, text)
            // The file says which lines are to be changed.
            #expect(text.contains("<--") && text.contains("vault system lint"), "\(name)")
        }
        let set = try read()
        #expect(set.problems.isEmpty, "\(set.problems)")
        #expect(set.entries.map { $0.policy.system + ".yaml" } == names)
        #expect(set.entries.allSatisfy { $0.policy.retention != nil && $0.policy.profile != nil })
        for entry in set.entries {
            let again = PolicyDecodingTests.decode(PolicyWriter(entry.policy).text).policy
            #expect(again == entry.policy, "\(entry.policy.system)")
        }
    }
}
