import Foundation
import Glibc
import Testing
import VaultTestSupport

/// Drills and status as a user runs them.
@Suite struct DrillCommandTests {
    private let stage: Stage

    init() throws {
        stage = try Stage()
        try stage.make("src/kept")
        try stage.write("src/kept/secret-name", "secret content\n")
        #expect(try stage.shell("head -c 300000 /dev/urandom > src/large; ln -s kept src/link").status == 0)
        try stage.initialise()
        #expect(try stage.vault("backup", "src", "--system", "web").status == 0)
    }

    private func drill(_ arguments: String...) throws -> Stage.Outcome {
        let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
        return try stage.shell("vault drill run --scratch scratch --passphrase-file passphrase \(quoted)")
    }

    @Test func journey() throws {
        let before = try stage.vault("status", "--json")
        #expect(before.status == 21 && before.output.contains("never drilled"))
        let run = try drill("--json")
        #expect(run.status == 0, "\(run.output) \(run.errors)")
        let report = try #require(run.json().first)
        #expect(report["schema"] as? String == "vault/drill-run/v1" && report["verdict"] as? String == "proven")
        let checks = try #require(report["checks"] as? [[String: Any]])
        #expect(checks.count == 12)
        for check in checks where check["name"] as? String == "sealed-sample" {
            #expect(check["compared"] as? Int == 2 && check["verdict"] as? String == "proven")
        }
        #expect((report["rtoMilliseconds"] as? Int ?? -1) >= 0 && (report["rpoSeconds"] as? Int ?? -1) >= 0)
        #expect(try stage.shell("ls scratch").output == "")

        let list = try #require(stage.vault("drill", "list", "--json").json().first?["drills"] as? [[String: Any]])
        #expect(list.count == 1 && list[0]["id"] as? String == report["id"] as? String)
        let id = String((list[0]["id"] as? String ?? "").prefix(8))
        #expect(try stage.vault("drill", "list").output.contains("\(id)  "))
        let shown = try stage.vault("drill", "show", id)
        #expect(shown.status == 0 && shown.output.contains("signature and record agree"))
        #expect(try stage.vault("status").status == 0)
        #expect(try stage.vault("status", "--system", "web").output.contains("web: proven, all of it"))
        #expect(try stage.vault("verify").status == 0)
        try stage.vault("drill", "show", "12345678").expectFailure(2, "12345678")
        try stage.vault("status", "--system", "mail").expectFailure(2, "mail")
    }

    /// The commands of docs/DRILLS.md, without our program.
    @Test func exportIsCheckedByOthers() throws {
        #expect(try drill().status == 0)
        let export = try stage.vault("drill", "export", "latest", "--output", "out")
        #expect(export.status == 0 && export.output.split(separator: "\n").count == 4)
        let text = try String(contentsOfFile: Tools.top + "/docs/DRILLS.md", encoding: .utf8)
        let commands = try #require(
            text.components(separatedBy: "```\n").first { $0.hasPrefix("jq -r .payload") }, "the page has the commands")
        let checked = try stage.shell("set -e; cd out\n\(commands)")
        #expect(checked.status == 0, "\(checked.errors)")
        #expect(checked.output.contains("Signature Verified Successfully") && checked.output.contains("\"PASSED\""))
        let subject = try #require(checked.output.split(separator: "\n").first { $0.hasPrefix("\"") && $0.count == 66 })
        #expect(checked.output.contains(subject.dropFirst().dropLast() + "  drill-"))
        #expect(try !stage.shell("cat out/*.intoto.jsonl | jq -r .payload | base64 -d").output.contains("secret"))
        let tampered = try stage.shell(
            "cd out; sed -i 's/PASSED/FAILED/' body; cat body > pae; openssl pkeyutl -verify -rawin -pubin "
                + "-inkey *.pem -in pae -sigfile sig")
        #expect(tampered.status != 0)
        try stage.vault("drill", "export", "latest", "--output", "out").expectFailure(2, "there already")
    }

    @Test func failureIsNamedAndKept() throws {
        let broken = try stage.shell(
            "f=$(find repo/packs -type f -size +250k); chmod u+w $f; "
                + "printf 'vault-drill' | dd of=$f bs=1 seek=100000 conv=notrunc 2>&1")
        #expect(broken.status == 0)
        let run = try drill("--keep-failed", "12h")
        #expect(run.status == 20, "\(run.output)")
        #expect(run.output.contains("/src/large") && run.output.contains("packs/") && run.output.contains("Kept"))
        #expect(try stage.shell("ls scratch").output.hasPrefix("vault-drill-"))
        let status = try stage.vault("status")
        #expect(status.status == 20 && status.output.contains("the last drill failed"))
        let shown = try stage.vault("drill", "show", "--json").json().first
        #expect((shown?["evidence"] as? [String: Any])?["verdict"] as? String == "failed")
    }

    @Test func nothingIsNotProven() throws {
        try stage.make("nothing")
        #expect(try stage.vault("backup", "nothing", "--system", "empty").status == 0)
        let run = try drill("latest:empty")
        #expect(run.status == 21, "\(run.output)")
        #expect(run.output.contains("content: not-proven, 0 of 0"))
        #expect(try stage.vault("status", "--system", "empty").status == 21)
    }

    @Test func wrongUse() throws {
        for sample in ["0", "-1", "101", "x", "nan"] {
            try stage.vault("drill", "run", "--sample=\(sample)").expectFailure(2, "sample")
        }
        try stage.vault("drill", "run", "latest", "--snapshot", "latest").expectFailure(2, "once")
        try stage.vault("drill", "run", "12345678").expectFailure(2, "12345678")
        try stage.vault("drill", "run", "--valid-for", "soon").expectFailure(2, "soon")
        try stage.vault("drill", "show").expectFailure(2, "no drill on record")
        try stage.vault("drill", "run", "--scratch", "repo", "--passphrase-file", "passphrase")
            .expectFailure(2, "in the repository")
        let machine = try stage.machineFile()
        try stage.vault("drill", "run", "--identity", machine).expectFailure(13, "web1")
        #expect(try stage.vault("drill", "list", "--json").output.contains("\"drills\":[]"))
    }

    /// A drill that is killed leaves no evidence, and the next one takes its scratch directory away.
    @Test func killedInTheMiddle() throws {
        #expect(try stage.shell("for i in $(seq 3000); do echo $i > src/$i; done").status == 0)
        #expect(try stage.vault("backup", "src", "--system", "web").status == 0)
        let process = try stage.start(
            [
                "/bin/sh", "-c",
                "echo $$ > pid; exec '\(Stage.program)' drill run --scratch scratch --passphrase-file passphrase",
            ], output: stage.path + "/out", errors: stage.path + "/err")
        // Looked at from here: a shell would take longer than the drill.
        let scratch = stage.path + "/scratch"
        func isRestoring() -> Bool {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? []
            return names.contains { FileManager.default.fileExists(atPath: "\(scratch)/\($0)/tree") }
        }
        for _ in 0..<10_000 where !isRestoring() { usleep(1_000) }
        let pid = try #require(Int32(stage.text(stage.path + "/pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        kill(pid, SIGKILL)
        #expect(process.wait() != 0)
        #expect(try stage.shell("ls scratch").output.hasPrefix("vault-drill-"), "it was killed in the middle")
        #expect(try stage.vault("drill", "list", "--json").output.contains("\"drills\":[]"))
        #expect(try stage.shell("find repo/evidence -type f 2>/dev/null").output == "")
        let run = try drill()
        #expect(run.status == 0, "\(run.output)")
        #expect(run.errors.contains("which an earlier drill left"))
        #expect(try stage.shell("ls scratch").output == "")
    }

    /// As an ordinary user owners cannot be compared; that is said, and the rest is proven.
    @Test(.enabled(if: isRoot)) func asAnOrdinaryUser() throws {
        #expect(try stage.shell("chown -R 65534:65534 .").status == 0)
        let run = try stage.vault(
            "drill", "run", "--scratch", "scratch", "--passphrase-file", "passphrase", "--json", user: Stage.nobody)
        #expect(run.status == 0, "\(run.output) \(run.errors)")
        let skipped = try #require(run.json().first?["skipped"] as? [[String: Any]])
        #expect(skipped.contains { $0["reason"] as? String == "owner" && ($0["count"] as? Int ?? 0) > 0 })
    }
}
