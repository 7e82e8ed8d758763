import Foundation
import Glibc
import Testing
import VaultTestSupport

/// `vault restore` as people and programs use it.
@Suite struct RestoreCommandTests {
    private let stage: Stage
    private let source: String

    init() throws {
        stage = try Stage()
        source = "latest:" + stage.path + "/src"
        let made = try stage.shell(
            "mkdir -p src/d; echo one > src/one; echo two > src/d/two.conf; chmod 500 src/d; head -c 200000 /dev/urandom > src/big"
        )
        #expect(made.status == 0)
        try stage.initialise()
        #expect(try stage.vault("backup", "src", "--system", "web").status == 0)
    }

    private func restore(_ arguments: String..., user: [String] = []) throws -> Stage.Outcome {
        let all = ["restore", source, "--passphrase-file", "passphrase"] + arguments
        let quoted = (user + [Stage.program] + all).map { "'\($0)'" }.joined(separator: " ")
        return try stage.shell(quoted)
    }

    /// Found by the class `errors` of the campaign: what a new target inherits could not be taken away, and nobody said
    /// what it was about.
    @Test(.enabled(if: runProgram(["strace", "-qq", "-o", "/dev/null", "true"])?.status == 0))
    func targetThatCannotBePrepared() throws {
        let strace = ["strace", "-f", "-qq", "-o", "trace", "-e", "inject=removexattr:error=EBUSY"]
        let failed = try restore("--target", "t", user: strace)
        try #require(stage.text(stage.path + "/trace").contains("INJECTED"))
        failed.expectFailure(1, "The target t cannot be used")
        #expect(failed.errors.contains("busy") && failed.errors.contains(" next: "), "\(failed.errors)")
        #expect(try restore("--target", "t").status == 0)
    }

    @Test func wrongUsage() throws {
        try restore("--target", "t", "--delete").expectFailure(2, "Deleting")
        try restore("--target", "t", "--verify-existing").expectFailure(2, "compared")
        try restore("--target", "t", "--verify", "--dry-run").expectFailure(2, "dry run")
        try restore("--target", "t", "--overwrite", "sometimes").expectFailure(2, "sometimes")
        try restore("--target", "t", "--owner", "name", "--no-owner").expectFailure(2, "not both")
        try restore("--target", "t", "--as-of", "yesterday").expectFailure(2, "yesterday")
        try restore("--target", "t", "--as-of", "2001-01-01").expectFailure(2, "2001-01-01T23:59:59.999Z")
        try restore("--target", "t", "--system", "db").expectFailure(2, "'db'")
        #expect(try stage.shell("mkdir t; echo x > t/x").status == 0)
        try restore("--target", "t").expectFailure(2, "not empty")
    }

    @Test func dryRunListsAndJSONCounts() throws {
        #expect(try restore("--target", "t", "--as-of", "2999-01-01 08:15", "--system", "web").status == 0)
        #expect(try stage.shell("echo 1 > t/one; echo > t/extra").status == 0)
        let text = try restore("--target", "t", "--overwrite", "if-changed", "--delete", "-n")
        #expect(text.status == 0, "\(text.errors)")
        #expect(text.output.contains("change ") && text.output.contains(" one\n") && text.output.contains(" extra\n"))
        #expect(text.output.contains("Removed") && text.output.contains("Kept"))
        let lines = try restore("--target", "t", "--overwrite", "if-changed", "--delete", "-n", "--json").json()
        let result = try #require(lines.last)
        #expect(result["schema"] as? String == "vault/restore/v1" && result["dryRun"] as? Bool == true)
        #expect((result["removed"] as? [String: Int])?["entries"] == 1)
        let actions = lines.dropLast().map { "\($0["action"] ?? "") \($0["path"] ?? "")" }
        #expect(Set(actions) == ["change one", "remove extra", "keep d", "keep d/two.conf", "keep big"])
        #expect(stage.text(stage.path + "/t/one") == "1\n")
        let done = try #require(
            restore("--target", "t", "--overwrite", "if-changed", "--delete", "--verify", "--json").json().last)
        #expect(done["verified"] as? Int == 4)
        #expect(try stage.shell("diff -r src t").status == 0)
    }

    @Test func patterns() throws {
        #expect(try restore("--target", "t", "--include", "*.conf", "--include", "one").status == 0)
        #expect(try stage.shell("find t -type f | sort").output == "t/d/two.conf\nt/one\n")
        #expect(try restore("--target", "u", "--exclude", "\(stage.path)/src/d").status == 0)
        #expect(try stage.shell("ls u").output == "big\none\n")
    }

    @Test func killedRestoreIsCompleted() throws {
        #expect(
            try stage.shell("for i in $(seq 400); do head -c 100000 /dev/urandom > src/f$i; done; vault backup src")
                .status == 0)
        let process = try stage.start(
            [
                "/bin/sh", "-c",
                "echo $$ > pid; exec '\(Stage.program)' restore '\(source)' --target t --passphrase-file passphrase --limit-write 10M",
            ], output: stage.path + "/out", errors: stage.path + "/err")
        let files = { (try? FileManager.default.contentsOfDirectory(atPath: stage.path + "/t"))?.count ?? 0 }
        while files() < 20, process.isRunning { usleep(1000) }
        let number = try #require(
            Int32(stage.text(stage.path + "/pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(number, SIGKILL) == 0, "it must not end before it is killed")
        process.wait()
        let rest = try restore("--target", "t", "--overwrite", "if-changed", "--json")
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(try stage.shell("diff -r src t && rsync -nicaHAS --delete src/ t/").output == "")
    }

    @Test(.enabled(if: isRoot)) func userWithReadOnlyDirectoriesAndOthersFiles() throws {
        let kit = try #require(
            stage.shell(
                "ls \(stage.path)/home/.config/vault/*/recovery-kit.txt 2>/dev/null || find home -name recovery-kit.txt"
            ).output.split(separator: "\n").first)
        #expect(
            try stage.shell(
                "chown -R 65534:65534 home repo passphrase; chmod 755 .; mkdir w; chown 65534:65534 w; cp '\(kit)' kit; chown 65534 kit"
            ).status == 0)
        let first = try restore("--target", "w/t", "--json", user: Stage.nobody)
        #expect(first.status == 0, "\(first.errors)")
        let lines = try first.json()
        let result = try #require(lines.last)
        let owners = (result["notApplied"] as? [[String: Any]])?.first { $0["kind"] as? String == "owner" }
        #expect(owners?["count"] as? Int == 5, "the top directory and four entries belong to root")
        #expect(
            lines.filter { $0["schema"] as? String == "vault/restore-metadata/v1" }.count == result["notAppliedCount"]
                as? Int)
        // The directory d has mode 0500: its owner must let himself in to mend what is in it, and leave it as it was.
        #expect(try stage.shell("echo wrong > w/t/d/two.conf; touch w/t/d/more").status == 0)
        let again = try restore(
            "--target", "w/t", "--overwrite", "if-changed", "--delete", "--no-owner", user: Stage.nobody)
        #expect(again.status == 0, "\(again.errors)")
        #expect(try stage.shell("ls w/t/d; cat w/t/d/two.conf; stat -c %a w/t/d").output == "two.conf\ntwo\n500\n")
        let plain = try restore("--target", "w/t", "--overwrite", "if-changed", user: Stage.nobody)
        #expect(plain.errors.contains("modification time") == false, "\(plain.errors)")
    }
}
