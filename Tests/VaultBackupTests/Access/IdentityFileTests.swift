import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct IdentityFileTests {
    private let passphrase = SecretBytes(Array("correct horse battery staple".utf8))
    // The least cost that is accepted, to be quick.
    private let cost = 1 << 15
    private let anchor = Digest([UInt8](repeating: 0xab, count: 32))!

    private func identity(_ kind: MemberKind = .person) throws -> Identity {
        try .create(name: "Nguyễn \"An\" \\", kind: kind, random: SeededBytes(seed: 11))
    }

    private func bytes(_ text: SecretBytes) -> [UInt8] { text.array }

    @Test func memberIDs() throws {
        for test in try FormatVectors.cases("identities.json", "member id") {
            let id = MemberID(x25519: try test.hex("x25519"), ed25519: try test.hex("ed25519"))
            #expect(id.hex == (try test.out("id")), "\(test.name)")
        }
    }

    @Test func filesOfTheSecondImplementation() throws {
        for test in try FormatVectors.cases("identities.json", "identity file") {
            let text = Array(try test.out("file").utf8)
            let file = try IdentityFile(decoding: SecretBytes(text))
            #expect(file.encode().array == text, "\(test.name)")
            #expect(file.anchor?.hex ?? "" == (try test.text("anchor")))
            let folder = try TemporaryDirectory()
            let factors = try factors(test, folder)
            let identity = try file.unlock(factors: factors) { try test.secret("passphrase") }
            #expect(identity.secrets.x25519.array == (try test.hex("x25519Secret")))
            #expect(identity.secrets.ed25519Seed.array == (try test.hex("ed25519Seed")))
            #expect(identity.id == file.id)
            // And the same file when we write it.
            if file.isLocked {
                let lock = IdentityFile.Lock(
                    cost: try test.number("n"), kdfSalt: try test.hex("kdfSalt"), salt: try test.hex("salt"),
                    factor: factors.keyFiles.isEmpty ? nil : .keyFile(salt: try test.hex("factorSalt")))
                let written = try IdentityFile.locked(
                    identity, anchor: file.anchor, passphrase: try test.secret("passphrase"), factors: factors,
                    with: lock)
                #expect(written.encode().array == text, "\(test.name)")
            } else {
                #expect(IdentityFile.unlocked(identity, anchor: file.anchor).encode().array == text, "\(test.name)")
            }
        }
    }

    /// The key file of a case, if it has one, in a folder.
    private func factors(_ test: FormatVectors.Case, _ folder: TemporaryDirectory) throws -> FactorSource {
        guard test.input["keyFile"] != nil else { return FactorSource() }
        let content = try test.hex("keyFile")
        let path = Array((folder.path + "/key").utf8)
        try AtomicFile.write(path, content)
        return FactorSource(keyFiles: [path])
    }

    @Test func rejectedFiles() throws {
        let cases = try FormatVectors.rejects("identity-file")
        #expect(cases.count >= 33)
        let folder = try TemporaryDirectory()
        for test in cases {
            // Some can be told only with the passphrase.
            #expect(throws: (any Error).self, "\(test.name)") {
                let file = try IdentityFile(decoding: SecretBytes(try test.hex("bytes")))
                _ = try file.unlock(factors: try factors(test, folder)) { try test.secret("passphrase") }
            }
        }
    }

    @Test func lockingAndUnlocking() throws {
        let identity = try identity()
        let file = try IdentityFile.locked(
            identity, anchor: anchor, passphrase: passphrase, cost: cost, random: SystemRandom())
        #expect(file.isLocked)
        let read = try IdentityFile(decoding: file.encode())
        let opened = try read.unlock { passphrase }
        #expect(opened.secrets.x25519.isEqual(to: identity.secrets.x25519))
        #expect(opened.secrets.ed25519Seed.isEqual(to: identity.secrets.ed25519Seed))
        #expect(opened.name == identity.name && opened.kind == .person && read.anchor == anchor)
        // No secret stands in the file.
        let text = String(decoding: file.encode().array, as: UTF8.self)
        #expect(!text.contains(Hex.encode(identity.secrets.x25519.array)))
        #expect(!text.contains(Hex.encode(identity.secrets.ed25519Seed.array)))
    }

    @Test func aWrongPassphraseIsNamedAsSuch() throws {
        let file = try IdentityFile.locked(
            identity(), anchor: nil, passphrase: passphrase, cost: cost, random: SystemRandom())
        for wrong in ["correct horse", "correct horse battery staple ", "", "\u{ff}"] {
            let error = #expect(throws: VaultError.self) { try file.unlock { SecretBytes(Array(wrong.utf8)) } }
            #expect(error?.code == .wrongIdentity)
            #expect(error?.nextStep.isEmpty == false)
        }
        let error = #expect(throws: VaultError.self) { try file.unlock { SecretBytes([0xff]) } }
        #expect(error?.code == .wrongIdentity)
    }

    @Test func thePassphraseIsNormalised() throws {
        let file = try IdentityFile.locked(
            identity(), anchor: nil, passphrase: SecretBytes(Array("Vi\u{1ec7}t".utf8)), cost: cost,
            random: SystemRandom())
        _ = try file.unlock { SecretBytes(Array("Vie\u{302}\u{323}t".utf8)) }
    }

    @Test func aNewPassphraseReplacesTheOld() throws {
        let new = SecretBytes(Array("another one".utf8))
        let old = try IdentityFile.locked(
            identity(), anchor: anchor, passphrase: passphrase, cost: cost, random: SystemRandom())
        let changed = try old.changingPassphrase(from: { passphrase }, to: new, cost: cost, random: SystemRandom())
        #expect(changed.anchor == anchor && changed.id == old.id)
        _ = try changed.unlock { new }
        #expect(throws: VaultError.self) { try changed.unlock { passphrase } }
        #expect(throws: VaultError.self) { try old.changingPassphrase(from: { new }, to: new, random: SystemRandom()) }
        // All that depends on the passphrase is new, also when it is the same one again.
        let again = try old.changingPassphrase(from: { passphrase }, to: passphrase, cost: cost, random: SystemRandom())
        guard case .scrypt(let before, let oldCommitment, let oldSealed) = old.protection,
            case .scrypt(let after, let newCommitment, let newSealed) = again.protection
        else { return #expect(Bool(false), "both are locked") }
        #expect(before.kdfSalt != after.kdfSalt && before.salt != after.salt && oldSealed != newSealed)
        #expect(!oldCommitment.isEqual(to: newCommitment))
    }

    @Test func passphrasesThatCannotLock() throws {
        for bad in [[], [0xc3, 0x28]] as [[UInt8]] {
            let error = #expect(throws: VaultError.self) {
                try IdentityFile.locked(
                    identity(), anchor: nil, passphrase: SecretBytes(bad), cost: cost, random: SystemRandom())
            }
            #expect(error?.code == .usage)
        }
    }

    @Test func unlockedFilesNeverAskForAPassphrase() throws {
        struct Asked: Error {}
        let identity = try identity(.machine)
        let file = try IdentityFile(decoding: IdentityFile.unlocked(identity, anchor: nil).encode())
        #expect(!file.isLocked)
        #expect(try file.unlock { throw Asked() }.id == identity.id)
        let locked = try file.changingPassphrase(
            from: { throw Asked() }, to: passphrase, cost: cost, random: SystemRandom())
        #expect(try locked.unlock { passphrase }.id == identity.id)
    }

    @Test func everyChangedByteIsRejected() throws {
        // Of an unlocked file, so that each try is quick. What stays readable must be another anchor or name, which are
        // the owner's to change in a file without passphrase, or differ in the bits of an X25519 secret that RFC 7748
        // ignores: that is the same key.
        let identity = try identity(.machine)
        let text = IdentityFile.unlocked(identity, anchor: anchor).encode().array
        for k in text.indices {
            var changed = text
            changed[k] ^= 1
            guard let file = try? IdentityFile(decoding: SecretBytes(changed)),
                let opened = try? file.unlock({ SecretBytes([]) })
            else { continue }
            let isSameKey = !opened.secrets.x25519.isEqual(to: identity.secrets.x25519)
            #expect(file.anchor != anchor || opened.name != identity.name || isSameKey, "byte \(k)")
        }
        for count in text.indices {
            #expect(throws: FormatError.self, "\(count) bytes") {
                try IdentityFile(decoding: SecretBytes(Array(text[..<count])))
            }
        }
        #expect(throws: FormatError.self) { try IdentityFile(decoding: SecretBytes(text + text)) }
        #expect(throws: FormatError.self) {
            try IdentityFile(decoding: SecretBytes([UInt8](repeating: 0x20, count: 10_000)))
        }
    }

    @Test func aLockedFileIsBoundToAllItSays() throws {
        let file = try IdentityFile.locked(
            identity(), anchor: anchor, passphrase: passphrase, cost: cost, random: SeededBytes(seed: 5))
        let text = String(decoding: file.encode().array, as: UTF8.self)
        let edits = [
            ("\"anchor\":\"ab", "\"anchor\":\"aa"), ("\"person\"", "\"machine\""), ("Nguyễn", "Nguyên"),
        ]
        for (from, to) in edits {
            let changed = try IdentityFile(
                decoding: SecretBytes(Array(text.replacingFirst(from, with: to).utf8)))
            let error = #expect(throws: VaultError.self, "\(to)") { try changed.unlock { passphrase } }
            #expect(error?.code == .wrongIdentity)
        }
        // A changed seal under the right key is damage, not a wrong passphrase.
        guard case .scrypt(let lock, let commitment, var sealed) = file.protection else { return }
        sealed[40] ^= 1
        let broken = IdentityFile(
            name: file.name, kind: file.kind, x25519: file.x25519, ed25519: file.ed25519, anchor: anchor,
            protection: .scrypt(lock, commitment: commitment, sealed: sealed))
        let error = #expect(throws: VaultError.self) { try broken.unlock { passphrase } }
        #expect(error?.code == .damaged)
    }

    @Test func namesHaveABound() throws {
        for name in ["", String(repeating: "ế", count: 22)] {
            let error = #expect(throws: VaultError.self) {
                try Identity.create(name: name, kind: .person, random: SystemRandom())
            }
            #expect(error?.code == .usage)
        }
        #expect(
            try Identity.create(name: String(repeating: "x", count: 64), kind: .person, random: SystemRandom()).name
                .count == 64)
    }
}

extension String {
    /// With the first `from` replaced; fails when there is none.
    func replacingFirst(_ from: String, with to: String) -> String {
        guard let range = firstRange(of: from) else {
            Issue.record("'\(from)' does not occur")
            return self
        }
        return replacingCharacters(in: range, with: to)
    }
}
