@testable import VaultBackup

extension FuzzTarget {
    static let access: [FuzzTarget] = [
        decoder("slot", seeds: { [FuzzWorld.slot([1, 2, 3, 4]), FuzzWorld.slot([2]), FuzzWorld.slot([])] }) { input in
            let keys = try KeyMaterial(slotPlaintext: SecretBytes(input))
            let tags = Set(SecretTag.allCases.filter { keys[$0] != nil })
            let again = keys.slotPlaintext(tags)?.withUnsafeBytes { Array($0) }
            try FuzzFinding.require(again == input, "encodes to other bytes")
        },
        canonical("identity-file", seeds: { try FuzzWorld.identityFiles() }) { input in
            let file = try IdentityFile(decoding: SecretBytes(input))
            _ = (file.id, file.isLocked)
            return file.encode().withUnsafeBytes { Array($0) }
        },
        decoder("recovery-kit", seeds: { [FuzzWorld.kitFile] }) { input in
            let file = try RecoveryKitFile(decoding: SecretBytes(input))
            let text = file.encode()
            let again = try RecoveryKitFile(decoding: text).encode()
            try FuzzFinding.require(again.isEqual(to: text), "not stable")
        },
        decoder("kit-seed", seeds: { [FuzzWorld.kit.text.withUnsafeBytes { Array($0) }] }) { input in
            let kit = try RecoveryKit(typed: SecretBytes(input))
            try FuzzFinding.require(try RecoveryKit(typed: kit.text).seed.isEqual(to: kit.seed), "not stable")
        },
        FuzzTarget(name: "passphrase-file", seeds: { [Array("correct horse\r\nsecond\n".utf8), [0xff, 0, 0x0a]] }) {
            let source = PassphraseSource(command: { [input = $0] in SecretBytes(input) })
            guard let found = try? source.find() else { return false }
            let isLine = found.passphrase.withUnsafeBytes { !$0.contains(0x0a) && !$0.isEmpty && $0.count <= 1024 }
            try FuzzFinding.require(isLine, "not one line")
            _ = try? PassphraseNormaliser.nfc(found.passphrase)
            return true
        },
    ]
}

extension FuzzWorld {
    static func slot(_ tags: [UInt8]) -> [UInt8] {
        [UInt8(tags.count)] + tags.flatMap { [$0] + [UInt8](repeating: $0 &+ 7, count: 32) }
    }

    static let kit = RecoveryKit(seed: SecretBytes([UInt8](repeating: 0x61, count: 32)))

    static var kitFile: [UInt8] {
        RecoveryKitFile(
            kit: kit, anchor: SHA256.digest([1]), repository: repository, location: "/srv/backup",
            head: (7, SHA256.digest([2]))
        ).encode().withUnsafeBytes { Array($0) }
    }

    static func identityFiles() throws -> [[UInt8]] {
        let identity = try Identity(name: "Ada ü", kind: .person, secrets: (readSecret, seed))
        let open = IdentityFile.unlocked(identity, anchor: SHA256.digest([1]))
        let locked = IdentityFile(
            name: "Ada", kind: .machine, x25519: readKey, ed25519: readKey, anchor: nil,
            protection: .scrypt(
                .init(cost: 1 << 15, kdfSalt: readKey, salt: readKey), commitment: SecretBytes(readKey),
                sealed: [UInt8](repeating: 3, count: 80)))
        return [open, locked].map { $0.encode().withUnsafeBytes { Array($0) } }
    }
}
