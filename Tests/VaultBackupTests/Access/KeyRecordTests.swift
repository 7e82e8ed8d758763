import Testing

@testable import VaultBackup

/// What keeps keys: that none stands for another, that none opens under a purpose that is not its own, and that bytes
/// which are authentic under two keys open with the one that is committed to.
@Suite struct KeyRecordTests {
    private static let repository = testRepository
    private static let secrets = (1...4).map { SecretBytes([UInt8](repeating: UInt8($0) * 0x11, count: 32)) }

    private static func keyring(_ member: Member, _ slot: Slot) throws -> Keyring {
        Keyring(
            epoch: 1, expiryAge: 0, expiryKeep: 1,
            indexCommitments: [1: Slots.indexCommitment(secrets[1], epoch: 1, repository: repository)],
            members: [member], readKey: try X25519.publicKey(of: secrets[0]), slots: [slot])
    }

    /// A slot that is rightly sealed to its member, but holds another secret in the place of READ or IDX.
    @Test func noSecretStandsForAnother() throws {
        let identity = try Identity.create(name: "An", kind: .person, random: SeededBytes(seed: 1))
        let member = identity.member(roles: [.read, .write])
        func code(_ held: [SecretBytes]) throws -> VaultError.Code? {
            let keys = KeyMaterial(read: held[0], index: held[1], dedup: held[2], cut: held[3])
            let slot = try Slots.seal(
                keys, to: member, epoch: 1, repository: Self.repository, random: SeededBytes(seed: 2))
            let keyring = try Self.keyring(member, #require(slot))
            return thrownCode { _ = try Slots.keys(of: identity, in: keyring, repository: Self.repository) }
        }
        #expect(try code(Self.secrets) == nil)
        var tried = 0
        for place in 0...1 {
            var others = Self.secrets.indices.filter { $0 != place }.map { Self.secrets[$0] }
            others += [0x00, 0xff].map { SecretBytes([UInt8](repeating: $0, count: 32)) }
            // X25519 ignores the lowest three and the highest bits of a secret: such a key is the same key.
            for bit in 8..<240 where bit % 29 == 0 {
                var bytes = Self.secrets[place].array
                bytes[bit / 8] ^= 1 << (bit % 8)
                others.append(SecretBytes(bytes))
            }
            for other in others {
                var held = Self.secrets
                held[place] = other
                #expect(try code(held) == .damaged, "place \(place)")
                tried += 1
            }
        }
        #expect(tried == 26)
    }

    /// Everything that is sealed to an X25519 key, sealed to the same one: each opens as what it is, and as nothing else.
    @Test func nothingOpensUnderTwoPurposes() throws {
        let identity = try Identity(
            name: "An", kind: .person, secrets: (Self.secrets[0], SecretBytes([UInt8](repeating: 9, count: 32))))
        let (secret, repository) = (Self.secrets[0], Self.repository)
        let publicKey = try X25519.publicKey(of: secret)
        let tail: [UInt8] = [0, 0, 0, 1]
        let slot = try #require(
            try Slots.seal(
                KeyMaterial(index: Self.secrets[1]), to: identity.member(roles: [.maintain]), epoch: 1,
                repository: repository, random: SeededBytes(seed: 3)))
        let wrap = try KeyMaterial(epoch: 1, read: Self.secrets[2], index: Self.secrets[1]).next(
            read: secret, index: Self.secrets[3], ephemeral: Self.secrets[3], repository: repository
        ).wrap
        let stanza = try PackKey.create(
            packClass: .data, epoch: 1, group: 1, readKey: publicKey, repository: repository,
            random: SeededBytes(seed: 4)
        ).stanza
        let binding = Stanza.binding(.data, epoch: 1, group: 1)
        let anchor = Digest.zero
        let share = try KitShare.deal(
            RecoveryKit(random: SeededBytes(seed: 5)), count: 2, needed: 2, random: SeededBytes(seed: 6))[0]
        let trustee = Trustee(try PublicLine(identity))
        let sealed = try SealedShare(share, to: trustee, anchor: anchor, ephemeral: Self.secrets[1])
        struct Purpose {
            var info: [UInt8]
            var aad: [UInt8]
            var enc: [UInt8]
            var ciphertext: [UInt8]
        }
        func label(_ purpose: String) -> [UInt8] { Label.repository(purpose, repository) }
        let id = identity.id.bytes
        let purposes = [
            Purpose(
                info: label("slot") + tail + id, aad: label("slot-aad") + tail + id, enc: slot.enc,
                ciphertext: slot.sealed),
            Purpose(
                info: label("chain/read") + tail, aad: label("chain/read-aad") + tail, enc: wrap.readEnc,
                ciphertext: wrap.sealedRead),
            Purpose(
                info: label("pack/stanza") + binding,
                aad: label("pack/stanza-aad") + binding + stanza.salt + stanza.commitment.bytes, enc: stanza.enc,
                ciphertext: stanza.sealedKey),
            Purpose(
                info: Label.bare("share/sealed") + id, aad: Label.bare("share/sealed-aad") + id + anchor.bytes,
                enc: sealed.enc, ciphertext: sealed.sealed),
        ]
        for (row, what) in purposes.enumerated() {
            for (column, purpose) in purposes.enumerated() {
                func open() throws -> SecretBytes {
                    try HPKE.open(
                        what.ciphertext, enc: what.enc, with: secret, info: purpose.info, aad: purpose.aad,
                        commitment: nil)
                }
                if row == column {
                    _ = try open()
                } else {
                    #expect(throws: CryptoError.authenticationFailed, "\(row) as \(column)") { try open() }
                }
            }
        }
        // The real ways, where the lengths are the same: a wrap as a pack's key, and the reverse.
        let forged = Stanza(
            packClass: .data, epoch: 1, group: 1, salt: stanza.salt, commitment: stanza.commitment, enc: wrap.readEnc,
            sealedKey: wrap.sealedRead)
        #expect(throws: CryptoError.authenticationFailed) {
            try PackKey.open(forged, readSecret: secret, repository: repository)
        }
        let asSlot = Slot(
            epoch: 1, member: identity.id, enc: wrap.readEnc, commitment: wrap.readCommitment, sealed: wrap.sealedRead)
        #expect(thrownCode { _ = try Slots.open(asSlot, identity, repository: repository) } == .damaged)
    }

    /// Each byte of a wrap, and each field cut by one byte.
    @Test func everyChangedByteOfAWrapIsRefused() throws {
        let repository = Self.repository
        let old = KeyMaterial(epoch: 1, read: Self.secrets[0], index: Self.secrets[1])
        let (next, wrap) = try old.next(
            read: Self.secrets[2], index: Self.secrets[3], ephemeral: Self.secrets[1], repository: repository)
        let readKeys = [
            1: try X25519.publicKey(of: Self.secrets[0]), 2: try X25519.publicKey(of: Self.secrets[2]),
        ]
        func opened(_ wrap: EpochWrap) -> (read: Bool, index: Bool) {
            let keyring = Keyring(
                chain: [wrap], epoch: 2, expiryAge: 0, expiryKeep: 0,
                indexCommitments: [
                    1: Slots.indexCommitment(Self.secrets[1], epoch: 1, repository: repository),
                    2: Slots.indexCommitment(Self.secrets[3], epoch: 2, repository: repository),
                ], members: [], readKey: readKeys[2] ?? [], slots: [])
            var keys = KeyMaterial(epoch: 2, read: next.read, index: next.index)
            keys.unwrap(keyring, repository: repository, readKeys: readKeys)
            return (keys.readSecret(of: 1) != nil, keys.indexSecret(of: 1) != nil)
        }
        func changed(_ bytes: [UInt8], _ place: Int) -> [UInt8] {
            var bytes = bytes
            if place < bytes.count { bytes[place] ^= 0x80 }
            return bytes
        }
        #expect(opened(wrap) == (true, true))
        for place in 0..<48 {
            for field in 0..<5 {
                // Three fields have 32 bytes.
                if place >= 32, [0, 2, 3].contains(field) { continue }
                let forged = EpochWrap(
                    epoch: 1,
                    indexCommitment: Digest(changed(wrap.indexCommitment.bytes, field == 0 ? place : 99))!,
                    sealedIndex: changed(wrap.sealedIndex, field == 1 ? place : 99),
                    readEnc: changed(wrap.readEnc, field == 2 ? place : 99),
                    readCommitment: Digest(changed(wrap.readCommitment.bytes, field == 3 ? place : 99))!,
                    sealedRead: changed(wrap.sealedRead, field == 4 ? place : 99))
                #expect(opened(forged) == (field < 2, field >= 2), "field \(field), byte \(place)")
            }
        }
        let json = String(decoding: CanonicalJSON.encode(wrap.json), as: UTF8.self)
        for field in [wrap.indexCommitment.bytes, wrap.sealedIndex, wrap.readEnc, wrap.sealedRead] {
            let text = Hex.encode(field)
            let short = json.replacingFirst(text, with: String(text.dropLast(2)))
            #expect(throws: FormatError.self) {
                try EpochWrap(json: CanonicalJSON.decode(Array(short.utf8), "test"))
            }
        }
    }

    /// A second implementation has solved for bytes that AES-GCM takes for authentic under two keys.
    @Test func whatOpensWithTwoKeysOpensWithOne() throws {
        let two = try FormatVectors.cases("two-keys.json", "hpke")[0]
        let (enc, sealed) = (try two.outHex("enc"), try two.outHex("sealed"))
        let commitment = try #require(Digest(two.outHex("kcommit")))
        func open(_ secret: SecretBytes, _ commitment: Digest?) throws -> SecretBytes {
            try HPKE.open(
                sealed, enc: enc, with: secret, info: two.hex("info"), aad: two.hex("aad"), commitment: commitment)
        }
        let (right, other) = (try two.secret("recipientSecret"), try two.secret("otherSecret"))
        // Without the commitment, both would get something.
        let both = (try open(right, nil), try open(other, nil))
        #expect(!both.0.isEqual(to: both.1))
        #expect(try open(right, commitment).isEqual(to: both.0))
        #expect(throws: CryptoError.commitmentMismatch) { try open(other, commitment) }
        try aSlot()
        try aSeal()
        try anIdentityFile()
    }

    private func aSlot() throws {
        let test = try FormatVectors.cases("two-keys.json", "slot")[0]
        let me = try Identity(
            name: "An", kind: .person, secrets: (test.secret("x25519Secret"), test.secret("ed25519Seed")))
        let slot = Slot(
            epoch: 1, member: me.id, enc: try test.outHex("enc"),
            commitment: try #require(Digest(test.outHex("commitment"))), sealed: try test.outHex("sealed"))
        let tail = [0, 0, 0, 1] + me.id.bytes
        let opened = try HPKE.open(
            slot.sealed, enc: slot.enc, with: me.secrets.x25519, info: Label.repository("slot", testRepository) + tail,
            aad: Label.repository("slot-aad", testRepository) + tail, commitment: nil)
        #expect(opened.count == slot.sealed.count - 16)
        let error = #expect(throws: VaultError.self) { try Slots.open(slot, me, repository: testRepository) }
        #expect(error?.code == .damaged && error?.cause as? CryptoError == .commitmentMismatch)
    }

    private func aSeal() throws {
        let test = try FormatVectors.cases("two-keys.json", "seal")[0]
        let (stored, context) = (try test.outHex("stored"), try test.hex("context"))
        let label = Label.repository("seal/directory", testRepository)
        for name in ["key", "otherKey"] {
            let sealKey = HKDF.derive(
                try test.secret(name), info: Label.repository("seal/directory/key", testRepository))
            let derived = HKDF.derive(sealKey, info: label + stored[..<32], count: 64)
            let x = try AESGCM().open(
                key: derived.slice(0..<32), aad: label + context + stored[..<64], Array(stored[64...]))
            #expect(x.count == 64)
        }
        // The forger commits to one of the keys; under the other one the hash of the content is not what it says.
        for (name, expected) in [("key", CryptoError.commitmentMismatch), ("otherKey", .authenticationFailed)] {
            #expect(throws: expected) {
                try SealedBox.open(
                    stored, key: test.secret(name), purpose: "directory", repository: testRepository, context: context)
            }
        }
    }

    private func anIdentityFile() throws {
        let test = try FormatVectors.cases("two-keys.json", "identity file")[0]
        let file = try IdentityFile(decoding: SecretBytes(Array(try test.out("file").utf8)))
        guard case .scrypt(let lock, _, let sealed) = file.protection else { return #expect(Bool(false), "locked") }
        for (name, code) in [("passphrase", VaultError.Code.damaged), ("other", .wrongIdentity)] {
            let passphrase = try test.secret(name)
            let keys = try lock.keys(passphrase, nil, header: file.header(lock))
            #expect(try AESGCM().open(key: keys.key, aad: file.header(lock), sealed).count == 64)
            #expect(thrownCode { _ = try file.unlock { passphrase } } == code)
        }
    }
}
