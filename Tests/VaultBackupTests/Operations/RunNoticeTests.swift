import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// What people and programs are told of a run, and what they are not.
@Suite struct RunNoticeTests {
    private let folder: TemporaryDirectory

    init() throws {
        // As the program has it: a reader that went away is an error of the writing.
        signal(SIGPIPE, SIG_IGN)
        folder = try TemporaryDirectory()
    }

    private func report(_ system: String = "web") -> RunReport {
        var report = RunReport(started: Timestamp(milliseconds: 1_800_000_000_000))
        let due = DueTask(task: .backup, system: system, reason: "it was never done")
        report.outcomes = [
            RunOutcome(due: due, result: .failed, message: "/home/jane/secret.txt cannot be read", code: .failed)
        ]
        return report
    }

    private func script(_ text: String) throws -> [UInt8] {
        let path = folder.path + "/program"
        let content = Data("#!/bin/sh\ncd '\(folder.path)'\n\(text)\n".utf8)
        #expect(FileManager.default.createFile(atPath: path, contents: content, attributes: [.posixPermissions: 0o755]))
        return Array(path.utf8)
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
    }

    /// No name of a file goes out, and no line of a header can be made up by a name.
    @Test func mail() throws {
        let sendmail = try script("printf '%s\\n' \"$@\" > arguments; cat > message")
        let notice = RunNotice(report("web\nBcc: all@example.org"), problems: 2, host: "ward\r\nX: y")
        try notice.mail(to: ["root", "backup@example.org"], sendmail: sendmail)
        #expect(try text("arguments") == "-t\n-oi\n")
        let message = try text("message")
        #expect(message.hasPrefix("To: root, backup@example.org\nSubject: FAILED: vault on ward??X: y\n"), "\(message)")
        #expect(message.contains("backup of web?Bcc: all@example.org: failed\npolicies: 2 faults"), "\(message)")
        #expect(!message.contains("secret") && !message.contains("jane"))
    }

    @Test func programs() throws {
        try RunNotice(report()).tell([script("cat > told")])
        let told = try text("told")
        #expect(told.hasSuffix("\n") && !told.contains("secret"))
        guard case .object(let members) = try CanonicalJSON.decode(Array(told.utf8.dropLast()), "notice") else {
            Issue.record("no object")
            return
        }
        #expect(members["failed"] == .bool(true))
        // One that reads nothing, even of a long notice, may be content all the same.
        var long = report()
        long.outcomes = Array(repeating: long.outcomes[0], count: 20_000)
        try RunNotice(long).tell([script("exit 0")])
        let error = #expect(throws: VaultError.self) { try RunNotice(report()).tell([script("exit 7")]) }
        #expect(error?.message.contains("program ended with exited(7)") == true, "\(error?.message ?? "")")
        #expect(throws: VaultError.self) { try RunNotice(report()).tell([Array("/no/such".utf8)]) }
    }

    @Test func namesInMetricsAreEscaped() throws {
        let path = Array((folder.path + "/vault.prom").utf8)
        try RunMetrics(report("a\"b\\c\nd"), status: []).write(to: path)
        let metrics = try text("vault.prom")
        #expect(metrics.contains(#"system="a\"b\\c\nd",result="failed"} 1"#), "\(metrics)")
        #expect(metrics.contains("\nvault_run_failed 1\n"))
        #expect(throws: VaultError.self) { try RunMetrics(report(), status: []).write(to: Array("/no/such/file".utf8)) }
    }
}
