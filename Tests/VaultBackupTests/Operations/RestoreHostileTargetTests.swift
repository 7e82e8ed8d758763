import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Targets prepared by somebody who wants the restore to write, read or remove elsewhere, and targets that resist.
@Suite struct RestoreHostileTargetTests {
    private let fixture: RestoreFixture

    init() throws {
        fixture = try RestoreFixture(
            "mkdir src/d; echo new > src/d/passwd; echo file > src/f; chmod 644 src/f; touch -d 2001-01-01 src/f src/d/passwd"
        )
        try fixture.shell(
            "mkdir -p outside target; echo old > outside/passwd; echo keep > outside/keep; chmod 600 outside/*")
    }

    /// Runs a restore and checks that nothing outside has changed in any way.
    private func run(_ change: (inout RestoreOptions) -> Void) throws -> RestoreResult {
        let look = "find outside -printf '%p %y %m %U %T@ %C@ %n\\n' | sort; cat outside/*"
        let before = try fixture.shell(look)
        let result = try fixture.restore { change(&$0.options) }
        let after = try fixture.shell(look)
        // A second name that goes away changes the count of names and the time of that, and nothing else.
        #expect(before.split(separator: "\n").count == after.split(separator: "\n").count)
        #expect(
            try fixture.shell("cat outside/*; stat -c '%a %U' outside/*") == "keep\nold\n600 \(owner)\n600 \(owner)\n")
        return result
    }

    private var owner: String { NSUserName() }

    @Test(arguments: [OverwritePolicy.always, .ifChanged, .ifNewer, .never]) func linkToADirectoryOutside(
        _ policy: OverwritePolicy
    ) throws {
        try fixture.shell("ln -s ../outside target/d; touch -h -d 1990-01-01 target/d")
        let result = try run {
            $0.overwrite = policy
            $0.delete = true
        }
        if policy == .never {
            #expect(result.problemCount == 1)
        } else {
            #expect(result.problemCount == 0, "\(result.problems)")
            #expect(try fixture.shell("test ! -L target/d; cat target/d/passwd") == "new\n")
        }
    }

    @Test(arguments: [OverwritePolicy.always, .ifChanged, .ifNewer]) func linkInPlaceOfAFile(_ policy: OverwritePolicy)
        throws
    {
        try fixture.shell("ln -s ../outside/passwd target/f; touch -h -d 1990-01-01 target/f")
        let result = try run { $0.overwrite = policy }
        #expect(result.problemCount == 0, "\(result.problems)")
        #expect(try fixture.shell("test ! -L target/f; cat target/f") == "file\n")
    }

    @Test(arguments: [false, true]) func secondNameOfAFileOutside(_ isSameContent: Bool) throws {
        // In the one case content is to be written, in the other only metadata to be set.
        if isSameContent { try fixture.shell("echo file > outside/passwd; touch -d 2001-01-01 outside/passwd") }
        try fixture.shell("ln outside/passwd target/f")
        let before = try fixture.shell("cat outside/passwd; stat -c '%a %Y' outside/passwd")
        for verify in [true, false] {
            let result = try fixture.restore {
                $0.options.overwrite = .ifChanged
                $0.options.verifyExisting = verify
            }
            #expect(result.problemCount == 0, "\(result.problems)")
        }
        #expect(try fixture.shell("cat outside/passwd; stat -c '%a %Y' outside/passwd") == before)
        #expect(try fixture.shell("cat target/f; stat -c '%a %h' target/f") == "file\n644 1\n")
    }

    @Test(arguments: [OverwritePolicy.always, .ifChanged]) func fifoInPlaceOfAFile(_ policy: OverwritePolicy) throws {
        try fixture.shell("mkfifo target/f")
        let result = try run {
            $0.overwrite = policy
            $0.verifyExisting = policy == .ifChanged
        }
        #expect(result.problemCount == 0, "\(result.problems)")
        #expect(try fixture.shell("cat target/f") == "file\n")
    }

    @Test func directoryInPlaceOfAFile() throws {
        try fixture.shell("mkdir -p target/f/sub; ln -s ../../outside target/f/link; echo x > target/f/sub/x")
        let refused = try run { $0.overwrite = .always }
        #expect(refused.problems.map(\.path) == [Array("f".utf8)])
        #expect(try fixture.shell("cat target/f/sub/x target/d/passwd") == "x\nnew\n", "the rest is restored")
        let done = try run {
            $0.overwrite = .always
            $0.delete = true
        }
        #expect(done.problemCount == 0, "\(done.problems)")
        #expect(try fixture.shell("cat target/f") == "file\n")
    }

    @Test func removingGoesThroughNoLink() throws {
        try fixture.shell("ln -s ../outside target/extra; mkdir target/more; ln -s ../../outside target/more/link")
        let result = try run {
            $0.overwrite = .ifChanged
            $0.delete = true
        }
        #expect(result.problemCount == 0 && result.removed.entries == 3, "\(result)")
        #expect(try fixture.shell("ls target") == "d\nf\n")
    }

    @Test func ownRepositoryIsNeverRemoved() throws {
        var request = RestoreRequest(
            try SnapshotPath(Array("latest:".utf8) + fixture.folder.bytes("src")), target: fixture.folder.bytes())
        request.options.overwrite = .ifChanged
        request.options.delete = true
        let result = try Restore.run(request, with: fixture.access)
        #expect(result.problemCount == 0, "\(result.problems)")
        #expect(try fixture.shell("ls; cat f") == "cache\nconfig\nd\nf\nrepo\nfile\n")
        #expect(try fixture.shell("test -e repo/packs && find config -name '*.identity' | wc -l") == "2\n")
    }

    @Test(.enabled(if: isRoot)) func immutableFile() throws {
        try fixture.shell("echo mine > target/f")
        guard runProgram(["chattr", "+i", fixture.path + "/target/f"])?.status == 0 else { return }
        defer { _ = runProgram(["chattr", "-i", fixture.path + "/target/f"]) }
        let result = try run { $0.overwrite = .always }
        #expect(result.problems.map(\.path) == [Array("f".utf8)])
        #expect(
            try fixture.shell("cat target/f target/d/passwd; ls -A target") == "mine\nnew\nd\nf\n",
            "no temporary file stays")
    }

    @Test func damagedContentLeavesWhatWasThere() throws {
        try fixture.shell(
            "echo mine > target/f; for p in $(find repo/packs -type f); do chmod u+w $p; dd if=/dev/zero of=$p bs=1 seek=400 count=60 conv=notrunc 2>/dev/null; done"
        )
        let result = try? fixture.restore { $0.options.overwrite = .always }
        if let result { #expect(result.problemCount > 0) }
        #expect(try fixture.shell("cat target/f") == "mine\n")
    }
}
