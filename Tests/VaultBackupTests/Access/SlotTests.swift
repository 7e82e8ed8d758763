import Testing

@testable import VaultBackup

@Suite struct SlotTests {
    private let keys = KeyMaterial(
        read: SecretBytes([UInt8](repeating: 0x11, count: 32)), index: SecretBytes([UInt8](repeating: 0x22, count: 32)),
        dedup: SecretBytes([UInt8](repeating: 0x33, count: 32)), cut: SecretBytes([UInt8](repeating: 0x44, count: 32)))

    private func identity(_ seed: UInt64) throws -> Identity {
        try .create(name: "member \(seed)", kind: .person, random: SeededBytes(seed: seed))
    }

    private func slot(_ identity: Identity, _ roles: Set<Role>, epoch: Int = 1) throws -> Slot? {
        try Slots.seal(
            keys, to: identity.member(roles: roles), epoch: epoch, repository: testRepository,
            random: SeededBytes(seed: 9))
    }

    private func keyring(_ member: Member, _ slots: [Slot], index: Digest? = nil, readKey: [UInt8]? = nil) throws
        -> Keyring
    {
        Keyring(
            epoch: 1, expiryAge: 0, expiryKeep: 1,
            indexCommitments: [
                1: index ?? Slots.indexCommitment(keys.index!, epoch: 1, repository: testRepository)
            ],
            members: [member], readKey: try readKey ?? X25519.publicKey(of: keys.read!), slots: slots)
    }

    private func held(_ keys: KeyMaterial) -> Set<SecretTag> {
        Set(SecretTag.allCases.filter { keys[$0] != nil })
    }

    @Test func knownSlots() throws {
        for test in try FormatVectors.cases("slots.json", "slot of") {
            let keys = KeyMaterial(
                read: try test.secret("read"), index: try test.secret("idx"), dedup: try test.secret("dd"),
                cut: try test.secret("ck"))
            let roles = Set(try #require(test.input["roles"] as? [String]).map { Role(rawValue: $0)! })
            let member = Member(
                id: try #require(MemberID(hex: try test.text("member"))), name: "m", kind: .person,
                ed25519: [UInt8](repeating: 0, count: 32), x25519: try test.hex("x25519"), roles: roles)
            let slot = try Slots.seal(
                keys, to: member, epoch: try test.number("epoch"), repository: try test.repository(),
                ephemeral: try test.secret("ephemeralSecret"))
            #expect(slot?.sealed == (try test.outHex("sealed")), "\(test.name)")
            #expect(slot?.enc == (try test.outHex("enc")), "\(test.name)")
            #expect(slot?.commitment.hex == (try test.out("commitment")), "\(test.name)")
            let plaintext = keys.slotPlaintext(SecretTag.given(by: roles))
            #expect(plaintext?.array == (try test.outHex("plaintext")), "\(test.name)")
        }
        let test = try FormatVectors.cases("slots.json", "commitment of IDX")[0]
        let commitment = Slots.indexCommitment(
            try test.secret("idx"), epoch: try test.number("epoch"), repository: try test.repository())
        #expect(commitment.hex == test.outText)
    }

    @Test func rejectedPlaintexts() throws {
        let cases = try FormatVectors.rejects("slot-plaintext")
        #expect(cases.count >= 8)
        for test in cases {
            #expect(throws: FormatError.self, "\(test.name)") {
                try KeyMaterial(slotPlaintext: SecretBytes(try test.hex("bytes")))
            }
        }
        #expect(held(try KeyMaterial(slotPlaintext: SecretBytes([0]))).isEmpty)
    }

    @Test func rolesDecideWhichSecrets() throws {
        let table: [(Set<Role>, Set<SecretTag>)] = [
            ([.write], [.index, .dedup, .cut]), ([.read], [.read, .index, .dedup]),
            ([.drill], [.read, .index, .dedup]),
            ([.maintain], [.index]), ([.write, .read], [.read, .index, .dedup, .cut]),
            ([.write, .maintain], [.index, .dedup, .cut]), ([.administer], []), ([.audit], []), ([], []),
            ([.administer, .audit, .maintain], [.index]), (Set(Role.allCases), Set(SecretTag.allCases)),
        ]
        let identity = try identity(1)
        for (roles, tags) in table {
            let slot = try slot(identity, roles)
            #expect((slot == nil) == tags.isEmpty, "\(roles)")
            let opened = try slot.map { try Slots.open($0, identity, repository: testRepository) } ?? KeyMaterial()
            #expect(held(opened) == tags, "\(roles)")
            for tag in tags { #expect(opened[tag]!.isEqual(to: keys[tag]!), "\(roles) \(tag)") }
        }
    }

    @Test func nobodyPassesOnWhatTheyDoNotHold() throws {
        let writer = KeyMaterial(index: keys.index, dedup: keys.dedup, cut: keys.cut)
        let error = #expect(throws: VaultError.self) {
            try Slots.seal(
                writer, to: identity(1).member(roles: [.read]), epoch: 1, repository: testRepository,
                random: SystemRandom())
        }
        #expect(error?.code == .notAllowed)
    }

    @Test func everyChangedByteIsRefused() throws {
        let identity = try identity(1)
        let slot = try #require(try slot(identity, [.write]))
        func refused(_ changed: Slot, _ what: String) {
            let error = #expect(throws: VaultError.self, "\(what)") {
                try Slots.open(changed, identity, repository: testRepository)
            }
            #expect(error?.code == .damaged, "\(what)")
        }
        for k in slot.sealed.indices {
            var sealed = slot.sealed
            sealed[k] ^= 1
            refused(
                Slot(epoch: 1, member: slot.member, enc: slot.enc, commitment: slot.commitment, sealed: sealed),
                "sealed byte \(k)")
        }
        for k in 0..<32 {
            var (enc, commitment) = (slot.enc, slot.commitment.bytes)
            enc[k] ^= 0x80
            commitment[k] ^= 1
            refused(
                Slot(epoch: 1, member: slot.member, enc: enc, commitment: slot.commitment, sealed: slot.sealed),
                "enc byte \(k)")
            refused(
                Slot(
                    epoch: 1, member: slot.member, enc: slot.enc, commitment: Digest(commitment)!, sealed: slot.sealed),
                "commitment byte \(k)")
        }
        refused(
            Slot(epoch: 2, member: slot.member, enc: slot.enc, commitment: slot.commitment, sealed: slot.sealed),
            "another epoch")
        #expect(throws: VaultError.self) { try Slots.open(slot, identity, repository: otherRepository) }
        let other = #expect(throws: VaultError.self) {
            try Slots.open(slot, self.identity(2), repository: testRepository)
        }
        #expect(other?.code == .wrongIdentity)
    }

    @Test func keysAreCheckedAgainstTheKeyring() throws {
        let identity = try identity(1)
        let member = identity.member(roles: [.read])
        let slot = try #require(try slot(identity, [.read]))
        func code(_ keyring: Keyring, _ identity: Identity) -> VaultError.Code? {
            do { _ = try Slots.keys(of: identity, in: keyring, repository: testRepository) } catch {
                return (error as? VaultError)?.code
            }
            return nil
        }
        #expect(held(try Slots.keys(of: identity, in: keyring(member, [slot]), repository: testRepository)).count == 3)
        #expect(code(try keyring(member, [slot]), try self.identity(2)) == .wrongIdentity)
        #expect(code(try keyring(member, []), identity) == .damaged)
        #expect(code(try keyring(member, [slot], index: .zero), identity) == .damaged)
        #expect(code(try keyring(member, [slot], readKey: [UInt8](repeating: 9, count: 32)), identity) == .damaged)
        // A member of the same id with other keys.
        let false_ = Member(
            id: identity.id, name: "x", kind: .person, ed25519: identity.ed25519,
            x25519: [UInt8](repeating: 9, count: 32), roles: [.read])
        #expect(code(try keyring(false_, [slot]), identity) == .wrongIdentity)
        // Who may only administer has no slot, and needs none.
        let administrator = identity.member(roles: [.administer])
        #expect(
            held(try Slots.keys(of: identity, in: keyring(administrator, []), repository: testRepository)).isEmpty)
    }
}
