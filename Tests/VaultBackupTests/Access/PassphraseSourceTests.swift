import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct PassphraseSourceTests {
    private struct Asked: Error {}

    /// Calls `body` with a new directory that is removed afterwards.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "vault-passphrase-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func write(_ text: String, _ path: String, mode: Int = 0o600) throws {
        try #require(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func secret(_ text: String) -> SecretBytes { SecretBytes(Array(text.utf8)) }

    @Test func theFirstLineOfAFile() throws {
        try withDirectory { directory in
            let path = directory + "/p"
            let contents = [
                ("open sesame", "open sesame"), ("open sesame\n", "open sesame"), ("a\nb\n", "a"), ("a\r\nb", "a"),
                (" a b \n", " a b "), ("a\r", "a\r"), ("mật khẩu\n", "mật khẩu"),
            ]
            for (content, expected) in contents {
                try write(content, path)
                let found = try PassphraseSource(file: Array(path.utf8)).find()
                #expect(found.passphrase.array == Array(expected.utf8), "\(content)")
                #expect(found.origin == .file && found.warning == nil)
            }
        }
    }

    @Test func filesWithoutAPassphrase() throws {
        try withDirectory { directory in
            let path = directory + "/p"
            let source = PassphraseSource(file: Array(path.utf8), prompt: { secret("typed") })
            // A file that is named and fails is an error; nothing else is asked.
            let missing = #expect(throws: VaultError.self) { try source.find() }
            #expect(missing?.code == .usage)
            for content in ["", "\n", "\r\n", "\nsecond", String(repeating: "x", count: 1025)] {
                try write(content, path)
                #expect(throws: VaultError.self, "\(content.prefix(10))") { try source.find() }
            }
            try write(String(repeating: "x", count: 1024) + "\n", path)
            #expect(try source.find().passphrase.count == 1024)
            try write(String(repeating: "x\n", count: 100_000), path)
            #expect(throws: VaultError.self) { try source.find() }
            #expect(throws: VaultError.self) { try PassphraseSource(file: Array(directory.utf8)).find() }
        }
    }

    @Test func filesThatOthersCanReadAreWarnedOf() throws {
        try withDirectory { directory in
            let path = directory + "/p"
            for (mode, warns) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o644, true)] {
                try write("secret-word", path, mode: mode)
                let found = try PassphraseSource(file: Array(path.utf8)).find()
                #expect((found.warning != nil) == warns, "mode \(String(mode, radix: 8))")
                #expect(found.warning?.contains("secret-word") != true)
            }
            // Through a link the mode of the file counts.
            try FileManager.default.createSymbolicLink(atPath: directory + "/l", withDestinationPath: path)
            #expect(try PassphraseSource(file: Array((directory + "/l").utf8)).find().warning != nil)
        }
    }

    /// A command that hangs is ended, when its time is over or when it is no longer wanted; what it has started is not.
    @Test func commandsThatHang() throws {
        func output(_ command: String, seconds: Int, _ check: () throws -> Void = {}) throws -> [UInt8] {
            try within(.seconds(300)) {
                try PassphraseSource.output(ofCommand: Array(command.utf8), seconds: seconds, check).array
            }
        }
        #expect(try output("echo word; exec >&-; sleep 0.1", seconds: 60) == Array("word\n".utf8))
        for command in ["exec sleep 600", "echo word; exec >&-; exec sleep 600"] {
            let error = #expect(throws: VaultError.self) { try output(command, seconds: 1) }
            #expect(error?.message.hasSuffix("did not end within 1 s, and was ended") == true)
        }
        #expect(throws: Asked.self) { try output("exec sleep 600", seconds: 600) { throw Asked() } }
    }

    @Test func precedence() throws {
        try withDirectory { directory in
            try write("from file", directory + "/p")
            try write("from systemd\n", directory + "/vault-passphrase", mode: 0o440)
            let file = Array((directory + "/p").utf8)
            let credentials = Array(directory.utf8)
            let command = { self.secret("from command\nrest") }
            let prompt = { self.secret("from prompt") }
            let never: () throws -> SecretBytes = { throw Asked() }

            let first = try PassphraseSource(
                file: file, command: never, credentialsDirectory: credentials, prompt: never
            ).find()
            #expect(first.origin == .file && first.passphrase.isEqual(to: secret("from file")))
            let second = try PassphraseSource(command: command, credentialsDirectory: credentials, prompt: never).find()
            #expect(second.origin == .command && second.passphrase.isEqual(to: secret("from command")))
            let third = try PassphraseSource(credentialsDirectory: credentials, prompt: never).find()
            #expect(third.origin == .credentials && third.passphrase.isEqual(to: secret("from systemd")))
            #expect(third.warning == nil)
            let fourth = try PassphraseSource(prompt: prompt).find()
            #expect(fourth.origin == .prompt && fourth.passphrase.isEqual(to: secret("from prompt")))
            // A service may have other credentials only.
            try FileManager.default.removeItem(atPath: directory + "/vault-passphrase")
            #expect(try PassphraseSource(credentialsDirectory: credentials, prompt: prompt).find().origin == .prompt)
            let none = #expect(throws: VaultError.self) {
                try PassphraseSource(credentialsDirectory: credentials).find()
            }
            #expect(none?.code == .wrongIdentity && none?.nextStep.isEmpty == false)
        }
    }

    @Test func aFailingCommandIsAnError() throws {
        #expect(throws: Asked.self) { try PassphraseSource(command: { throw Asked() }, prompt: { secret("x") }).find() }
        #expect(throws: VaultError.self) {
            try PassphraseSource(command: { secret("") }, prompt: { secret("x") }).find()
        }
        #expect(throws: Asked.self) { try PassphraseSource(prompt: { throw Asked() }).find() }
    }
}
