import Foundation
import Testing
import VaultTestSupport

/// A machine with nothing but the program, the repository and the kit.
@Suite struct FreshMachineTests {
    private static let canScan =
        runProgram(["zbarimg", "--version"])?.status == 0 && runProgram(["rsvg-convert", "--version"])?.status == 0

    private static let canMount =
        isRoot && runProgram(["unshare", "--mount", "mount", "-t", "proc", "proc", "/proc"])?.status == 0

    /// The commands that the paper itself says, in a root directory that holds the program, its libraries and the
    /// repository at its place, with an empty home and no variables.
    @Test(.enabled(if: canMount, "needs root and the right to mount"), arguments: ["en", "vi"])
    func whatThePaperSays(_ language: String) throws {
        let stage = try RecoverTests.stage(language)
        let made = try stage.shell(
            """
            set -e
            mkdir -p root/usr/local/bin root/root root/tmp root/proc "root$PWD"
            cp "$(command -v vault)" root/usr/local/bin/vault
            for lib in $(ldd root/usr/local/bin/vault | grep -o '/[^ ]*'); do cp -L --parents "$lib" root/; done
            mv repo "root$PWD/repo"
            printf 'a new passphrase' > root/passphrase; chmod 600 root/passphrase
            """)
        try #require(made.status == 0, "\(made.errors)")
        let kit = stage.text(stage.path + "/kit.txt")
        let commands = kit.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { $0.hasPrefix("vault ") }
            .map { $0.replacingOccurrences(of: "recovery-kit print", with: "recovery-kit print -") }
        #expect(commands.count == 6 && commands[0] == "vault recover --language \(language)", "\(commands)")
        // The first is for typing, as another test does; here standard input has the text of the paper.
        for command in ["vault recover --language \(language) -"] + commands.dropFirst() {
            let outcome = try stage.shell(
                """
                exec unshare --mount sh -c 'mount -t proc proc root/proc && exec \
                env -i HOME=/root PATH=/usr/local/bin VAULT_PASSPHRASE_FILE=/passphrase \
                /usr/sbin/chroot root /usr/local/bin/\(command) < kit.txt'
                """)
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
            if command.contains("recover -") { #expect(outcome.output.contains("vault snapshots")) }
            if command.contains("snapshots") { #expect(outcome.output.contains(" web ")) }
        }
        // Without /proc a Swift program has no arguments: that must not look like success.
        let bare = try stage.shell("exec /usr/sbin/chroot root /usr/local/bin/vault snapshots")
        bare.expectFailure(1, "/proc is not there")
        let compared = try stage.shell("rsync -nicaHAXS --delete src/ \"root/restored$PWD/src/\"")
        #expect(compared.status == 0 && compared.output == "", "\(compared.output)\(compared.errors)")
    }

    /// The QR code of the printed page, drawn and read by other programs, is a kit.
    @Test(.enabled(if: canScan, "needs rsvg-convert of librsvg2-bin and zbarimg of zbar-tools"))
    func theCodeOnThePage() throws {
        let stage = try RecoverTests.stage("vi")
        let outcome = try stage.shell(
            """
            set -e
            grep -o '<svg .*</svg>' kit.html > code.svg
            rsvg-convert --dpi-x 150 --dpi-y 150 code.svg > code.png
            zbarimg --quiet --raw code.png 2>/dev/null > code.txt
            diff code.txt <(grep -E '^(seed|anchor|repository|location|head):' kit.txt; echo) >&2
            mkdir empty
            HOME=$PWD/empty vault recover - --quiet --passphrase-file passphrase < code.txt
            HOME=$PWD/empty vault restore "latest:$PWD/src" --target back --quiet --passphrase-file passphrase
            rsync -nicaHAXS --delete src/ back/
            """.asScript(in: stage))
        #expect(outcome.status == 0 && outcome.output == "" && outcome.errors == "", "\(outcome)")
    }

    /// Typed row by row, with a mistake in one of them.
    @Test func typedOnATerminal() throws {
        let stage = try RecoverTests.stage("vi")
        let kit = stage.text(stage.path + "/kit.txt").split(separator: "\n").map(String.init)
        func value(_ name: String) throws -> String {
            try #require(kit.first { $0.hasPrefix(name) }).dropFirst(name.count).trimmingCharacters(in: .whitespaces)
        }
        let rows = try (1...7).map { try value("row \($0):").lowercased() }
        let anchor = String(try value("anchor:").prefix(32))
        let wrong = String(rows[3].dropLast()) + (rows[3].hasSuffix("a") ? "b" : "a")
        var answers: [(question: String, answer: String)] = [
            ("Nơi để kho sao lưu: ", "/nowhere\n"), ("Nơi để kho sao lưu: ", stage.path + "/repo\n"),
            ("Mã neo (anchor), ít nhất 32 chữ số: ", "1234\n"),
            ("Mã neo (anchor), ít nhất 32 chữ số: ", anchor + "\n"), ("không đọc được): ", try value("head:") + "\n"),
        ]
        for (number, row) in rows.enumerated() {
            if number == 3 { answers.append(("row 4: ", wrong + "\n")) }
            answers.append(("row \(number + 1): ", row + "\n"))
        }
        answers += [("Mật khẩu mới cho máy này: ", "new\n"), ("Nhập lại mật khẩu đó: ", "new\n")]
        let terminal = try PseudoTerminal(columns: 60)
        try stage.make("home2")
        let status = try terminal.run(
            ["/usr/bin/env", "HOME=\(stage.path)/home2", Stage.program, "recover", "--language", "vi"], stage,
            answers: answers)
        #expect(status == 0, "\(terminal.output)")
        #expect(terminal.output.contains("anchor: 4 digits instead of 32 to 64"))
        #expect(terminal.output.contains("Chưa đúng (row 4: the check letters are wrong"))
        #expect(terminal.output.components(separatedBy: "\u{1b}[A\u{1b}[2K").count == 9, "each row leaves the screen")
        #expect(terminal.output.contains("Tiếp theo: vault snapshots"))
        try stage.write("new", "new\n")
        let list = try stage.shell("HOME=$PWD/home2 vault ls latest --passphrase-file new")
        #expect(list.status == 0, "\(list.errors)")
    }

    @Test func givingUpOnATerminal() throws {
        let stage = try RecoverTests.stage()
        let terminal = try PseudoTerminal(columns: 80)
        let status = try terminal.run(
            [Stage.program, "recover"], stage, answers: [("Place of the repository: ", "\u{3}")])
        #expect(status == 130, "\(terminal.output)")
        let ended = try PseudoTerminal(columns: 80)
        let tries = (0..<10).map { _ in ("Place of the repository: ", "\u{4}") }
        #expect(try ended.run([Stage.program, "recover"], stage, answers: tries) == 10, "\(ended.output)")
    }
}

extension String {
    /// A command that runs these lines with bash.
    fileprivate func asScript(in stage: Stage) throws -> String {
        try stage.write("script", self)
        return "exec bash script"
    }
}
