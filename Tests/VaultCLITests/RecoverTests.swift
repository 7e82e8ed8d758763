import Foundation
import Testing
import VaultTestSupport

@testable import vault

/// From the paper to the data: what a stranger with a fresh machine does, and what goes wrong for him.
@Suite struct RecoverTests {
    /// A repository with two snapshots, and the printed kit as `kit.txt` and `kit.html`.
    static func stage(_ language: String = "en") throws -> Stage {
        let stage = try Stage()
        try #require(
            stage.shell("mkdir -p src/sub; echo hello > src/a; head -c 300000 /dev/urandom > src/sub/b; ln -s a src/l")
                .status == 0)
        let made = try stage.vault("init", "repo", "--passphrase-file", "passphrase", "--language", language)
        try #require(made.status == 0, "\(made.errors)")
        try #require(stage.vault("backup", "src", "--system", "web").status == 0)
        try #require(
            stage.shell(
                """
                umask 077; mv home/.config/vault/*/recovery-kit.txt kit.txt
                mv home/.config/vault/*/recovery-kit.html kit.html
                """
            ).status == 0)
        return stage
    }

    private func recover(_ stage: Stage, _ edit: String, _ options: String = "") throws -> Stage.Outcome {
        try stage.shell(
            "mkdir -p fresh && sed '\(edit)' kit.txt > edited && exec vault recover edited \(options)",
            environment: ["HOME": stage.path + "/fresh", "VAULT_PASSPHRASE_FILE": stage.path + "/passphrase"])
    }

    @Test func eachMistakeHasItsSentence() throws {
        let stage = try Self.stage()
        func fails(_ edit: String, _ status: Int32, _ sentence: String, _ options: String = "") throws {
            try recover(stage, edit, options).expectFailure(status, sentence)
        }
        let typed = "/^seed:/d;"
        try fails("", 10, "There is no repository at none", "-r none")
        try fails("s/^location: .*/location: \\/none/", 10, "There is no repository at /none")
        try fails("/^location/d", 2, "does not say where the repository is")
        try fails("s/^anchor: ..../anchor: 0123/", 12, "group 1 of its anchor")
        try fails("/^anchor/d", 12, "the line 'anchor' is missing")
        try fails("/^seed/s/.$/1/", 12, "the digit 1, which does not occur: it is the letter I or L")
        try fails("/^seed/s/....$/AAAA/", 12, "the checksum is wrong")
        try fails(typed + "/^row 3/{s/A$/B/;t;s/.$/A/}", 12, "row 3: the check letters are wrong")
        try fails(typed + "/^row 5/d", 12, "the line 'row 5' is missing")
        try fails("s/^head: 0/head: 999/", 14, "is older than the paper: its log ends at record 3")
        try fails("s/^head: 0 ..../head: 0 0123/", 14, "has another history than the paper")
        #expect(try stage.shell("find fresh -type f").output == "", "nothing is kept before all is compared")
        // What is there is the kit of another repository.
        let other = try Self.stage()
        #expect(try stage.shell("grep -h '^seed' '\(other.path)/kit.txt' > seed").status == 0)
        try fails("/^seed/d;/^anchor/r seed", 12, "is not that of a recovery kit of the repository")
        try recover(other, "", "-r '\(stage.path)/repo'").expectFailure(12, "is not the one of the paper")
        // Accepted on purpose; a mistyped head is not.
        let older = try recover(stage, "s/^head: 0/head: 999/", "--accept-older")
        #expect(older.status == 0 && older.errors.contains("is older than the paper"), "\(older.errors)")
        let digits = try recover(stage, "/^seed/s/O/0/g;/^seed/s/B/8/g")
        #expect(digits.status == 0, "\(digits.errors)")
    }

    /// A repository that was put back to before the paper was printed again.
    @Test func aRolledBackRepository() throws {
        let stage = try Self.stage()
        #expect(
            try stage.shell(
                "cp -a repo old && vault backup src -q && vault recovery-kit print kit.txt > new.txt && mv new.txt kit.txt"
            ).status == 0)
        #expect(try stage.shell("grep -c '^head: 6 ' kit.txt").output == "1\n")
        try recover(stage, "", "-r old").expectFailure(14, "is older than the paper: its log ends at record 3")
        // Used as an identity the paper knows it, too.
        let restore = try stage.shell(
            "mkdir -p h; HOME=$PWD/h vault restore latest -r old --identity kit.txt --target back")
        restore.expectFailure(14, "is older than the paper")
        let fine = try stage.shell("HOME=$PWD/h vault restore latest -r repo --identity kit.txt --target back")
        #expect(fine.status == 0, "\(fine.errors)")
        #expect(try recover(stage, "").status == 0)
        // A record that nobody signed is damage, not another history: what is whole can be had.
        #expect(
            try stage.shell(
                "printf '!' | dd of=repo/log/000000000/000000000006 bs=1 seek=100 conv=notrunc 2>/dev/null; rm -rf fresh"
            )
            .status == 0)
        let damaged = try recover(stage, "")
        #expect(damaged.status == 0 && damaged.errors.contains("Record 6 of the log is damaged"), "\(damaged.errors)")
    }

    @Test func anIdentityThatWasThereStaysTheDefault() throws {
        let stage = try Stage()
        try stage.make("src")
        let kit =
            try #require(
                stage.vault("init", "repo", "--name", "Anna", "--passphrase-file", "passphrase", "--json").json().first)[
                "kitFile"] as? String ?? ""
        #expect(try stage.vault("backup", "src").status == 0)
        let made = try #require(
            try stage.vault("recover", kit, "--passphrase-file", "passphrase", "--json").json().first)
        let file = try #require(made["identityFile"] as? String)
        #expect(try stage.shell("stat -c %a '\(file)'").output == "600\n")
        // Again, for people: Anna's comes first, so the new one is to be named.
        let again = try stage.vault("recover", kit, "--passphrase-file", "passphrase")
        #expect(again.output.contains("vault restore latest --target DIR --identity \(file)\n"), "\(again)")
        let list = try stage.vault("ls", "latest", "--identity", file, "--passphrase-file", "passphrase")
        #expect(list.status == 0, "\(list.errors)")
    }

    @Test func printedAgain() throws {
        let stage = try Self.stage()
        let gone = try stage.vault("recovery-kit", "print")
        gone.expectFailure(12, "there is no terminal to type it on")
        let made = try stage.shell(
            "vault recovery-kit print - --text new.txt --html new.html --language vi < kit.txt; stat -c %a new.*")
        #expect(made.output == "600\n600\n", "\(made.errors)")
        #expect(try stage.shell("diff <(grep ^seed kit.txt) <(grep ^seed new.txt)".asBash).status == 0)
        #expect(stage.text(stage.path + "/new.txt").contains("\nhead: 3 "))
        #expect(stage.text(stage.path + "/new.html").contains("Bộ khôi phục"))
        let twice = try stage.vault("recovery-kit", "print", "kit.txt", "--text", "new.txt")
        twice.expectFailure(2, "There is a file new.txt already")
        let json = try stage.vault("recovery-kit", "print", "kit.txt", "--html", "x.html", "--json")
        #expect(try json.json().first?["head"] as? Int == 3)
        try stage.vault("recovery-kit", "print", "kit.txt", "--json").errorJSON().first.map {
            #expect($0["exitStatus"] as? Int == 2)
        }
        let other = try Self.stage()
        let wrong = try stage.vault("recovery-kit", "print", other.path + "/kit.txt")
        wrong.expectFailure(12, "is not that of a recovery kit")
        #expect(wrong.output == "")
    }

    @Test func languageOfTheLocale() throws {
        for (variables, isVietnamese) in [
            (["LANG": "vi_VN.UTF-8"], true), (["LANG": "vi_VN.UTF-8", "LC_ALL": "C.UTF-8"], false),
            (["LC_MESSAGES": "vi_VN", "LANG": "en_US"], true), ([:], false),
        ] as [([String: String], Bool)] {
            let stage = try Stage()
            let made = try stage.vault("init", "repo", "--passphrase-file", "passphrase", environment: variables)
            #expect(made.status == 0)
            let found = try stage.shell("grep -c 'Bộ khôi phục' home/.config/vault/*/recovery-kit.txt").output
            #expect((found != "0\n") == isVietnamese, "\(variables)")
        }
    }

    @Test func phrasesAreComplete() { #expect(complaints(RecoverPhrase.self, sameInAll: ["row"]) == []) }
}

extension String {
    /// The line for a shell that has process substitution.
    fileprivate var asBash: String { "bash -c '\(self)'" }
}
