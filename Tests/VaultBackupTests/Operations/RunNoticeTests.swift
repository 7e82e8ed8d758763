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
        try notice.letter(to: ["root", "backup@example.org"]).send(through: sendmail, Cancellation())
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
        #expect(error?.message.contains("program ended with exit status 7") == true, "\(error?.message ?? "")")
        #expect(throws: VaultError.self) { try RunNotice(report()).tell([Array("/no/such".utf8)]) }
    }

    /// Who hangs is ended: a run that waits for him would hold up all that is due.
    @Test func whoHangsIsEnded() throws {
        let hanging = try script("sleep 600 & wait")
        let told = within(.seconds(300)) {
            #expect(throws: VaultError.self) { try RunNotice(report()).tell([hanging], seconds: 1) }
        }
        #expect(told?.message.hasSuffix("did not end within 1 s, and was ended") == true, "\(told?.message ?? "")")
        let letter = RunNotice(report()).letter(to: ["root"])
        let mailed = within(.seconds(300)) {
            #expect(throws: VaultError.self) { try letter.send(through: hanging, seconds: 1, Cancellation()) }
        }
        #expect(mailed?.message.hasPrefix("The mail cannot be sent: ") == true)
        let cancellation = Cancellation()
        cancellation.cancel()
        let stopped = #expect(throws: VaultError.self) { try letter.send(through: hanging, cancellation) }
        #expect(stopped?.code == .interrupted)
    }

    /// A subject in any language is one that every mail program shows.
    @Test func subjectsAreEncoded() throws {
        let subject = "Diễn tập khôi phục trên máy chủ phường Đông Hòa, tỉnh Đồng Nai"
        let letter = String(decoding: Mail(addresses: ["a"], subject: subject, lines: ["x\ny"]).bytes, as: UTF8.self)
        let lines = letter.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 76 } && lines.suffix(3) == ["", "x?y", ""], "\(letter)")
        let python =
            "import sys,email,email.policy as p;"
            + "sys.stdout.write(email.message_from_binary_file(sys.stdin.buffer, policy=p.default)['subject'])"
        try AtomicFile.write(folder.bytes("letter"), Array(letter.utf8))
        let read = runProgram([
            "/bin/sh", "-c", "PYTHONIOENCODING=utf-8 python3 -c \"$1\" < \"$2\"", "sh", python, folder.path + "/letter",
        ])
        #expect(read?.output == subject, "\(read?.output ?? "")")
    }

    @Test func namesInMetricsAreEscaped() throws {
        let path = Array((folder.path + "/vault.prom").utf8)
        try RunMetrics(report("a\"b\\c\nd"), status: []).write(to: path)
        let metrics = try text("vault.prom")
        #expect(metrics.contains(#"system="a\"b\\c\nd",result="failed"} 1"#), "\(metrics)")
        #expect(metrics.contains("\nvault_run_failed 1\n"))
        #expect(throws: VaultError.self) { try RunMetrics(report(), status: []).write(to: Array("/no/such/file".utf8)) }
    }

    /// The exporter drops a file in which a name stands twice with the same labels. What never happened is there too.
    @Test func metricsAreUniqueAndComplete() throws {
        let fixture = try DrillFixture("echo web > src/file")
        let status = try Status.run(fixture.repository, expected: ["web", "mail"])
        var other = status
        other.repository = RepositoryID(words: (7, 7))
        other.damage = [Irregularity(position: 3, kind: .missingRecord, reason: "")]
        var report = report()
        for path in ["/mnt/a", "/mnt/b"] {
            let due = DueTask(task: .copy, copy: Array(path.utf8), reason: "a backup is due")
            report.outcomes.append(RunOutcome(due: due, result: .done, message: ""))
        }
        let lines = RunMetrics(report, status: [status, other]).text.split(separator: "\n").filter { $0.first != "#" }
        let series = lines.map { $0.prefix { $0 != " " } }
        #expect(Set(series).count == series.count, "\(lines)")
        let id = fixture.repository.id.hex.prefix(8)
        for line in [
            #"vault_run_task_result{task="copy",system="",result="done"} 2"#,
            #"vault_snapshot_started_seconds{system="mail",repository="\#(id)"} 0"#,
            #"vault_recoverable{system="mail",repository="\#(id)"} 0"#,
            #"vault_drill_proven_seconds{system="web",repository="\#(id)"} 0"#,
        ] {
            #expect(lines.contains(line[...]), "\(line)")
        }
    }
}
