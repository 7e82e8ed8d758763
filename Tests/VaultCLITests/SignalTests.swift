import Foundation
import Glibc
import Testing
import VaultTestSupport

/// Ctrl-C and the end of a session in the middle of long work: what was done stays, and what is said goes on.
@Suite struct SignalTests {
    private let stage: Stage

    init() throws {
        stage = try Stage()
        try stage.make("src")
        try stage.write("src/file", "content")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func signalInTheMiddle(_ number: Int32) throws {
        try stage.initialise()
        #expect(try stage.shell("head -c 300000000 /dev/urandom > src/large").status == 0)
        let process = try stage.start(
            ["/bin/sh", "-c", "echo $$ > pid; exec '\(Stage.program)' backup src"], output: stage.path + "/out",
            errors: stage.path + "/err")
        // Once the first pack is stored, the work is in its middle.
        var pid: Int32?
        for _ in 0..<6000 where pid == nil && process.isRunning {
            usleep(20_000)
            if try stage.shell("find repo -type f -size +1M | grep -q .").status == 0 {
                pid = Int32(stage.text(stage.path + "/pid").trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
        #expect(kill(try #require(pid), number) == 0)
        let outcome = Stage.Outcome(
            status: process.wait(), output: stage.text(stage.path + "/out"),
            errors: stage.text(stage.path + "/err"))
        outcome.expectFailure(130, "interrupted")
        #expect(outcome.output == "")
        let list = try #require(stage.vault("snapshots", "--json").json().first?["snapshots"] as? [Any])
        #expect(list.isEmpty)
        // What was stored is not stored again.
        let second = try stage.vault("backup", "src", "--json")
        let again = try #require(second.json().first, "\(second.status): \(second.errors)")
        let newBytes = try #require(again["newBytes"] as? Int)
        #expect(newBytes < 300_000_000)
        if number == SIGINT { try restoreInTheMiddle() }
    }

    /// What is said to do next goes on, and ends with what was backed up.
    private func restoreInTheMiddle() throws {
        let restore = ["restore", "latest:\(stage.path)/src", "--target", "back", "--passphrase-file", "passphrase"]
        let process = try stage.start(
            ["/bin/sh", "-c", "echo $$ > pid; exec '\(Stage.program)' \(restore.joined(separator: " "))"],
            output: stage.path + "/out", errors: stage.path + "/err")
        var isBegun = false
        for _ in 0..<1_000 where !isBegun {
            usleep(5_000)
            isBegun = FileManager.default.fileExists(atPath: stage.path + "/back")
        }
        let pid = Int32(stage.text(stage.path + "/pid").trimmingCharacters(in: .whitespacesAndNewlines))
        try #require(isBegun)
        #expect(kill(try #require(pid), SIGINT) == 0)
        let outcome = Stage.Outcome(
            status: process.wait(), output: stage.text(stage.path + "/out"), errors: stage.text(stage.path + "/err"))
        outcome.expectFailure(130, "interrupted")
        #expect(outcome.errors.contains("Add --overwrite if-changed"), "\(outcome.errors)")
        let line = "vault \(restore.joined(separator: " ")) --overwrite if-changed -q && diff -r src back"
        #expect(try stage.shellSucceeding(line).output == "")
    }
}
