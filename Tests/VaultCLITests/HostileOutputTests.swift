import Foundation
import Testing
import VaultTestSupport

/// What is written when the surroundings are against it.
@Suite struct HostileOutputTests {
    private func prepared() throws -> LookingStage {
        let user = try LookingStage()
        try user.require(
            #"""
            printf x > "$(printf 'src/esc-\033]0;title\007\033[2J')"; printf y > "$(printf 'src/line\nerror: forged')"
            printf z > "$(printf 'src/\342\200\256txt.exe')"; printf v > "$(printf 'src/c1-\302\233m')"
            """#)
        try user.require("vault backup src --system web")
        return user
    }

    /// Commands with results, and those that only do something.
    private static let looking = [
        "snapshots", "snapshots latest", "snapshots latest --details", "ls -R latest", "ls -lR latest", "find '*'",
        "find '*' -l", "identity show", "verify", "help", "help --all", "--version",
        "completion bash", "help backup", "log show", "log show 0 --raw", "log pin", "log checkpoint",
        "recovery-kit print", "cat latest:$PWD/src/\"$(ls src | head -1)\"",
    ]

    @Test func fullOutputIsAnErrorWithASentence() throws {
        let user = try prepared()
        for command in Self.looking + ["dump latest", "backup src", "restore latest --target full"] {
            let full = try user.shell("vault \(command) > /dev/full")
            full.expectFailure(1, "cannot be written")
            #expect(full.errors.contains("No space left"), "\(command): \(full.errors)")
        }
        // What was done stays done.
        #expect(try user.shell("vault snapshots").output.split(separator: "\n").count == 3)
    }

    @Test func readerThatIsGoneIsNoNews() throws {
        let user = try prepared()
        for command in Self.looking + ["dump latest", "backup src", "restore latest --target gone"] {
            // A reader that has ended before the first byte.
            let gone = try user.shell("exec 3>&1; { sleep 0.2; vault \(command) 2>&3; } | true")
            #expect(gone.output == "", "\(command): \(gone.output)")
            #expect(try user.shell("vault \(command) 2>/dev/null | head -1 | wc -l").status == 0)
        }
    }

    @Test func closedOutputsHarmNothing() throws {
        let user = try prepared()
        for (number, closed) in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"].enumerated() {
            let restored = try user.shell(
                "vault restore latest:$PWD/src --target closed\(number) \(closed); diff -r src closed\(number)")
            #expect(restored.status == 0, "\(closed): \(restored.output)\(restored.errors)")
        }
    }

    /// Nothing that comes from a file, a name or an argument drives the terminal or forges a line.
    @Test func namesCannotDriveATerminal() throws {
        let user = try prepared()
        let dirty = "$(printf 'e\\033[2Jvil\\nerror: forged')"
        let commands =
            Self.looking.filter { !$0.hasPrefix("cat") } + [
                "ls \"latest:/\(dirty)\"", "snapshots \"\(dirty)\"", "restore latest --target \"\(dirty)\" --dry-run",
                "backup \"\(dirty)\"", "backup src --system \"\(dirty)\"", "backup src --tag \"\(dirty)\"",
                "snapshots -r \"\(dirty)\"", "\"\(dirty)\"", "identity \"\(dirty)\"", "help \"\(dirty)\"",
                "backup --\"\(dirty)\" src", "ls latest --identity \"\(dirty)\"", "completion \"\(dirty)\"",
                "backup --command x -- sh -c \"exit 3\" \"\(dirty)\"", "snapshots --system \"\(dirty)\"",
                "find \"\(dirty)\"", "backup src --exclude \"\(dirty)\"", "init \"\(dirty)\"", "snapshots",
            ]
        for command in commands {
            for option in ["", " --json"] where option.isEmpty || !command.contains("help") {
                let outcome = try user.shell("vault \(command)\(command.contains(" -- ") ? "" : option)")
                for text in [outcome.output, outcome.errors] {
                    let isClean = text.unicodeScalars.allSatisfy {
                        $0 == "\n" || $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) && $0.value != 0x202e
                    }
                    #expect(isClean, "\(command): \(text.debugDescription)")
                    #expect(!text.contains("\nerror: forged"), "\(command): \(text)")
                    #expect(!text.hasPrefix("error: forged"), "\(command): \(text)")
                }
            }
        }
    }

    /// Names of keys hold no control characters, and the refusal shows none.
    @Test func notesCannotDriveATerminal() throws {
        let user = try LookingStage()
        try user.require(
            #"""
            vault log checkpoint --output head -q
            printf '\342\200\224 ev\302\233il %s\n' "$(head -c 68 /dev/zero | base64 -w0)" >> head
            """#)
        let seen = try Tools.terminal(
            ["vault", "log", "cosign", "head"], user.stage, columns: 100, environment: user.passphrase)
        #expect(seen.status == 2 && seen.text.contains("head is no checkpoint"), "\(seen.text)")
        #expect(!seen.text.unicodeScalars.contains("\u{9b}"), "\(seen.text.debugDescription)")
    }

    @Test func quietMeansResultsWarningsAndErrors() throws {
        let user = try prepared()
        try user.require("mkdir src/db; : > src/db/PG_VERSION; : > src/db/postmaster.pid")
        for command in [
            "backup src", "backup src --dry-run", "restore latest --target q", "verify", "verify --read-data",
            "init second", "identity change-passphrase --new-passphrase-file passphrase",
        ] {
            let quiet = try user.shell("vault \(command) --quiet")
            #expect(quiet.status == 0 && quiet.output == "", "\(command): \(quiet.output)\(quiet.errors)")
            let isWarned = command.hasPrefix("backup")
            #expect(quiet.errors.contains(" warn: ") == isWarned, "\(command): \(quiet.errors)")
            #expect(!quiet.errors.contains(" note: "), "\(command): \(quiet.errors)")
        }
        try user.require("vault backup src -q -r repo 2>/dev/null")
        for command in ["snapshots", "ls latest", "find 'PG*'", "identity show", "diff latest latest:/"] {
            let loud = try user.shell("vault \(command) -r repo")
            let quiet = try user.shell("vault \(command) -r repo --quiet")
            #expect(quiet.status == loud.status && quiet.errors == "", "\(command): \(quiet.errors)")
            #expect(command.hasPrefix("diff") || quiet.output == loud.output && !quiet.output.isEmpty, "\(command)")
        }
    }
}
