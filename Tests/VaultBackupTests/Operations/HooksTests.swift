import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Programs around a backup: their order, and what happens when one of them fails.
@Suite struct HooksTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func shell(_ line: String) -> [[UInt8]] {
        ["/bin/sh", "-c", "cd '\(folder.path)' && \(line)"].map { Array($0.utf8) }
    }

    private func hooks(before: [String] = [], after: [String] = []) -> PolicyHooks {
        var hooks = PolicyHooks()
        hooks.before = before.map(shell)
        hooks.after = after.map(shell)
        return hooks
    }

    private var trace: String {
        (try? String(contentsOfFile: folder.path + "/trace", encoding: .utf8)) ?? ""
    }

    private func note(_ word: String) {
        let line = Data("\(word)\n".utf8)
        let path = folder.path + "/trace"
        let old = FileManager.default.contents(atPath: path) ?? Data()
        #expect(FileManager.default.createFile(atPath: path, contents: old + line))
    }

    private struct WorkFailed: Error {}

    @Test func orderAndSurroundings() throws {
        let say = "echo $VAULT_PHASE $VAULT_SYSTEM $VAULT_RESULT >> trace"
        let value = try Hooks(hooks(before: [say, "echo two >> trace"], after: [say]), system: "web").around {
            note("work")
            return 7
        }
        #expect(value == 7)
        #expect(trace == "before web\ntwo\nwork\nafter web done\n")
    }

    /// The work is not begun, later programs before it are not run, and all that come after are.
    @Test func oneBeforeFails() throws {
        let around = Hooks(
            hooks(
                before: ["echo frozen >> trace; exit 3", "echo never >> trace"],
                after: ["echo thawed $VAULT_RESULT >> trace"]),
            system: "web")
        let error = #expect(throws: VaultError.self) { try around.around { note("work") } }
        #expect(
            error?.code == .failed && error?.message.contains("ended with exit status 3, so there is no backup") == true
        )
        #expect(trace == "frozen\nthawed failed\n")
    }

    @Test func theWorkFails() throws {
        let around = Hooks(
            hooks(before: ["true"], after: ["exit 1", "echo thawed $VAULT_RESULT >> trace"]), system: "web")
        #expect(throws: WorkFailed.self) { try around.around { throw WorkFailed() } }
        #expect(trace == "thawed failed\n")
    }

    @Test func oneAfterFails() throws {
        let around = Hooks(hooks(after: ["kill -9 $$", "echo last >> trace"]), system: "web")
        let error = #expect(throws: VaultError.self) { try around.around { note("work") } }
        let message = error?.message ?? ""
        #expect(message.contains("was ended by signal 9; the snapshot itself is made"), "\(message)")
        #expect(trace == "work\nlast\n")
    }

    /// Ctrl-C while a program runs ends it and what it has started; what comes after is still run.
    @Test func interruption() throws {
        let cancellation = Cancellation()
        let path = folder.path
        let ender = Foundation.Thread {
            while !FileManager.default.fileExists(atPath: path + "/begun") { usleep(10_000) }
            cancellation.cancel()
        }
        ender.start()
        let around = Hooks(
            hooks(before: ["touch begun; sleep 600 & wait"], after: ["echo thawed >> trace"]), system: "web",
            cancellation: cancellation)
        let error = within(.seconds(300)) {
            #expect(throws: VaultError.self) { try around.around { note("work") } }
        }
        #expect(error?.code == .interrupted && trace == "thawed\n")
    }

    @Test func timeIsBounded() throws {
        let around = Hooks(hooks(before: ["sleep 600"]), system: "web", timeoutSeconds: 1)
        let error = within(.seconds(300)) {
            #expect(throws: VaultError.self) { try around.around { note("work") } }
        }
        #expect(error?.message.contains("did not end within 1 s") == true && trace == "")
    }

    @Test func aProgramThatIsMissingIsNamed() throws {
        var missing = PolicyHooks()
        missing.before = [[Array("/no/such/program".utf8)]]
        let error = #expect(throws: VaultError.self) { try Hooks(missing, system: "web").around {} }
        #expect(error?.message.contains("/no/such/program") == true)
    }
}
