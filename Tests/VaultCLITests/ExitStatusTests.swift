import Foundation
import Glibc
import Testing
import VaultTestSupport

/// Every failure has its status, one sentence and a next step.
@Suite struct ExitStatusTests {
    private let stage: Stage

    init() throws {
        stage = try Stage()
        try stage.make("src")
        try stage.write("src/file", "content")
    }

    private func withSnapshot() throws {
        try stage.initialise()
        #expect(try stage.vault("backup", "src").status == 0)
    }

    @Test func wrongUsage() throws {
        try stage.vault("snapshots").expectFailure(2, "No repository is named")
        try stage.vault("backup").expectFailure(2, "Give the paths to back up")
        try stage.vault("backup", "--compression", "none", "src").expectFailure(2, "none")
        try stage.vault("frobnicate").expectFailure(2, "frobnicate")
        try stage.vault("restore", "latest").expectFailure(2, "--target")
        try stage.vault("backup", "--stdin-name", "a", "--command", "b").expectFailure(2, "not both")
        try stage.vault("init", "repo", "--passphrase-file", "missing").expectFailure(2, "missing")
    }

    @Test func snapshotThatIsNotThere() throws {
        try withSnapshot()
        try stage.vault("ls", "00000000", "--passphrase-file", "passphrase").expectFailure(2, "00000000")
        try stage.vault("ls", "latest:none", "--passphrase-file", "passphrase").expectFailure(2, "none")
        try stage.vault("ls", "latest:/nowhere", "--passphrase-file", "passphrase").expectFailure(2, "nowhere")
    }

    @Test func storeThatCannotBeMade() throws {
        try stage.vault("init", "src", "--passphrase-file", "passphrase").expectFailure(1, "src")
        #expect(try stage.vault("snapshots").status == 2, "a failed init is not remembered")
    }

    /// What a killed init leaves is in nobody's way; what may be somebody's is.
    @Test func initAfterAnInterruptedOne() throws {
        try stage.make("repo/log/000000000")
        try stage.write("repo/.probe-0011.tmp", "x")
        try stage.write("repo/log/000000000/.0011.tmp", "x")
        try stage.initialise()
        try stage.vault("init", "repo", "--passphrase-file", "passphrase").expectFailure(1, "a repository already")
        try stage.make("other/log/notes")
        try stage.write("other/log/notes/mine", "x")
        try stage.vault("init", "other", "--passphrase-file", "passphrase").expectFailure(1, "it holds 'log'")
    }

    /// An identity file may be gone between two looks at it; the program looks once.
    @Test func anIdentityFileThatVanishes() throws {
        try stage.initialise()
        let config = stage.path + "/home/.config/vault"
        let folder = try #require(
            FileManager.default.contentsOfDirectory(atPath: config).first { $0.count == 32 }.map { config + "/" + $0 })
        let content = try #require(FileManager.default.contents(atPath: folder + "/machine.identity"))
        for name in ["machine", "jane-doe"] { try FileManager.default.removeItem(atPath: "\(folder)/\(name).identity") }
        let pipe = folder + "/once.identity"
        #expect(mkfifo(pipe, 0o600) == 0)
        let writer = Foundation.Thread {
            let end = FileHandle(forWritingAtPath: pipe)
            unlink(pipe)
            end?.write(content)
            try? end?.close()
        }
        writer.start()
        let found = try stage.vault("snapshots")
        #expect(found.status == 0, "\(found.errors)")
    }

    @Test func noRepository() throws {
        try stage.vault("snapshots", "-r", "nowhere").expectFailure(10, "nowhere")
        try stage.vault("snapshots", environment: ["VAULT_REPOSITORY": stage.path + "/src"]).expectFailure(10, "src")
    }

    /// What another process of this machine takes for dead is closed. The one that was not dead must say so, and make no
    /// snapshot of what may be gone.
    @Test func sessionThatAnotherOneClosed() throws {
        try stage.initialise()
        let ended = try stage.shell(
            """
            records() { find repo/log -type f | wc -l; }; before=$(records)
            mkfifo pipe; (vault backup --stdin-name x < pipe > out 2> err; echo $? > status) & exec 3> pipe
            until [ $(records) -gt $before ] && ls home/.cache/vault/*/sessions/* > /dev/null 2>&1; do sleep 0.1; done
            lock=$(ls home/.cache/vault/*/sessions/*); rm "$lock"; : > "$lock"
            vault backup src > other || exit 99
            echo data >&3; exec 3>&-; wait; cat err >&2; exit $(cat status)
            """)
        ended.expectFailure(11, "session")
        #expect(try stage.vault("snapshots", "--json").json().first?["snapshots"] as? [Any] != nil)
        #expect(try stage.vault("backup", "src").status == 0)
        #expect(try stage.vault("verify").status == 0)
    }

    @Test func wrongPassphrase() throws {
        try withSnapshot()
        try stage.write("wrong", "battery staple\n")
        try stage.vault("ls", "latest", "--passphrase-file", "wrong").expectFailure(12, "Jane Doe")
    }

    @Test func noTerminalToAsk() throws {
        try stage.vault("init", "repo").expectFailure(12, "no terminal")
        try withSnapshot()
        let failed = try stage.vault("ls", "latest")
        failed.expectFailure(12, "no terminal")
        for way in ["--passphrase-file", "--passphrase-command", "VAULT_PASSPHRASE_FILE", "VAULT_PASSPHRASE_COMMAND"] {
            #expect(failed.errors.contains(way))
        }
    }

    @Test func passphraseFromAllPlaces() throws {
        try withSnapshot()
        let file = stage.path + "/passphrase"
        #expect(try stage.vault("ls", "latest", environment: ["VAULT_PASSPHRASE_FILE": file]).status == 0)
        #expect(try stage.vault("ls", "latest", environment: ["VAULT_PASSPHRASE_COMMAND": "cat '\(file)'"]).status == 0)
        try stage.make("credentials")
        try stage.write("credentials/vault-passphrase", Stage.passphrase)
        let credentials = ["CREDENTIALS_DIRECTORY": stage.path + "/credentials"]
        #expect(try stage.vault("ls", "latest", environment: credentials).status == 0)
        try stage.vault("ls", "latest", "--passphrase-command", "exit 7").expectFailure(1, "status 7")
        try stage.vault("ls", "latest", "--passphrase-command", "yes").expectFailure(2, "more output")
    }

    @Test func foreignIdentity() throws {
        try withSnapshot()
        let other = try Stage()
        try other.initialise()
        let foreign = try other.machineFile()
        // Its anchor is that of another repository.
        try stage.vault("backup", "src", "--identity", foreign).expectFailure(12, "anchor")
    }

    @Test func machineMayNotRead() throws {
        try withSnapshot()
        let machine = try stage.machineFile()
        try stage.vault("ls", "latest", "--identity", machine).expectFailure(13, "web1")
    }

    @Test func systemThatTheMachineMayNotWrite() throws {
        let made = try stage.vault("init", "repo", "--system", "web", "--passphrase-file", "passphrase")
        #expect(made.status == 0, "\(made.errors)")
        #expect(try stage.vault("backup", "src", "--json").json().first?["system"] as? String == "web")
        try stage.vault("backup", "src", "--system", "mail").expectFailure(13, "mail")
    }

    @Test func rolledBack() throws {
        try withSnapshot()
        #expect(try stage.shell("cp -a repo old").status == 0)
        #expect(try stage.vault("backup", "src").status == 0)
        #expect(try stage.shell("rm -r repo; mv old repo").status == 0)
        try stage.vault("snapshots").expectFailure(14, "position")
    }

    @Test func damageIsNamed() throws {
        try stage.initialise()
        #expect(try stage.shell("head -c 3000000 /dev/urandom > src/big; printf kept > src/kept").status == 0)
        // One worker puts all into one pack, the large file before the other.
        #expect(try stage.vault("backup", "src", "--workers", "1").status == 0)
        let broken = try stage.shell(
            "f=$(find repo -type f -size +1M | head -1); chmod u+w $f; "
                + "printf '\\377\\000\\377' | dd of=$f bs=1 seek=1000000 conv=notrunc 2>&1")
        #expect(broken.status == 0, "\(broken.errors)")
        #expect(try stage.vault("verify").status == 0, "reading no pack finds no changed byte")
        let verified = try stage.vault("verify", "--read-data", "--json")
        #expect(verified.status == 23, "\(verified.errors)")
        #expect(try (verified.json().first?["findings"] as? [String])?.count == 1)
        let restored = try stage.vault(
            "restore", "latest", "--target", "back", "--passphrase-file", "passphrase", "--json")
        #expect(restored.status == 23, "\(restored.errors)")
        let problems = try #require(restored.json().first?["problems"] as? [[String: Any]])
        #expect(problems.count == 1)
        #expect((problems.first?["path"] as? String)?.hasSuffix("/src/big") == true)
        #expect(stage.text(stage.path + "/back" + stage.path + "/src/kept") == "kept")
    }

    @Test func missingSource() throws {
        try stage.initialise()
        let failed = try stage.vault("backup", "src", "missing")
        #expect([2, 3].contains(failed.status), "\(failed.errors)")
        #expect(failed.errors.contains("missing"))
    }

    @Test(.enabled(if: isRoot)) func unreadableSource() throws {
        // As a user who may not read everything.
        try stage.write("src/secret", "no")
        let prepared = try stage.shell(
            "chmod 600 src/secret; mkdir s; cp -a src s; chown -R 65534:65534 .; chown 0 s/src/secret")
        #expect(prepared.status == 0)
        let made = try stage.vault("init", "repo", "--passphrase-file", "passphrase", user: Stage.nobody)
        #expect(made.status == 0, "\(made.errors)")
        let backup = try stage.vault("backup", "s/src", "--json", user: Stage.nobody)
        #expect(backup.status == 3, "\(backup.errors)")
        let problems = try #require(backup.json().first?["problems"] as? [[String: Any]])
        #expect((problems.first?["path"] as? String)?.hasSuffix("/s/src/secret") == true)
        #expect(try backup.errorJSON().contains { $0["schema"] as? String == "vault/warning/v1" })
        let restored = try stage.vault(
            "restore", "latest", "--target", "back", "--passphrase-file", "passphrase", user: Stage.nobody)
        #expect(stage.text(stage.path + "/back" + stage.path + "/s/src/file") == "content", "\(restored.errors)")
    }

    /// Neither a silent program nor a silent input keeps the work from ending.
    @Test(arguments: ["--command x -- sh -c 'echo $$ > pid2; exec sleep 15'", "--stdin-name x"])
    func signalWhileWaiting(_ source: String) throws {
        try stage.initialise()
        let silence = Pipe()
        let process = try stage.start(
            ["/bin/sh", "-c", "echo $$ > pid; exec '\(Stage.program)' backup \(source)"],
            input: silence.fileHandleForReading, output: stage.path + "/out", errors: stage.path + "/err")
        // A session is there once signals are taken; the program, if there is one, is to run.
        let isReady = "ls home/.cache/vault/*/sessions/* > x 2>&1 && [ -s \(source.contains("pid2") ? "pid2" : "pid") ]"
        #expect(try stage.shell("for i in $(seq 600); do \(isReady) && exit 0; sleep 0.1; done; exit 1").status == 0)
        usleep(300_000)
        let start = ContinuousClock.now
        #expect(try stage.shell("kill -TERM $(cat pid)").status == 0)
        let status = process.wait()
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(status == 130, "\(stage.text(stage.path + "/err"))")
        if source.contains("pid2") {
            #expect(try stage.shell("kill -0 $(cat pid2)").status != 0, "the program goes on")
        }
        try silence.fileHandleForWriting.close()
    }
}
