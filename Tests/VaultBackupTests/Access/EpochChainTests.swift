import Testing

@testable import VaultBackup

/// From one epoch to the next, and back.
@Suite struct EpochChainTests {
    private static let repository: RepositoryID = Sample.id(100)
    private static let random = SystemRandom()

    /// The bytes of a second implementation.
    @Test func knownAnswer() throws {
        let test = try FormatVectors.cases("slots.json", "wrap of epoch 1")[0]
        let repository = try test.repository()
        let keys = KeyMaterial(epoch: 1, read: try test.secret("read"), index: try test.secret("idx"))
        let made = try keys.next(
            read: try test.secret("nextRead"), index: try test.secret("nextIdx"),
            ephemeral: try test.secret("ephemeralSecret"), repository: repository)
        #expect(try CanonicalJSON.encode(made.wrap.json) == Array(test.out("json").utf8))
        let json = try CanonicalJSON.decode(Array(test.out("json").utf8), "test")
        #expect(try EpochWrap(json: json) == made.wrap)
        #expect(made.keys.epoch == 2 && made.keys.readSecret(of: 1) != nil && made.keys.indexSecret(of: 3) == nil)
    }

    /// A keyring of epoch 4 and the secrets of all its epochs.
    private static func chain() throws -> (keyring: Keyring, all: [KeyMaterial], readKeys: [Int: [UInt8]]) {
        var all = [KeyMaterial.create(random: random)]
        var wraps: [EpochWrap] = []
        for _ in 1...3 {
            let next = try all[all.count - 1].next(repository: repository, random: random)
            all.append(next.keys)
            wraps.append(next.wrap)
        }
        var readKeys: [Int: [UInt8]] = [:]
        var commitments: [Int: Digest] = [:]
        for keys in all {
            readKeys[keys.epoch] = try X25519.publicKey(of: #require(keys.read))
            commitments[keys.epoch] = Slots.indexCommitment(
                try #require(keys.index), epoch: keys.epoch, repository: repository)
        }
        let keyring = Keyring(
            chain: wraps, epoch: 4, expiryAge: 0, expiryKeep: 0, indexCommitments: commitments, members: [],
            readKey: try #require(readKeys[4]), slots: [])
        return (keyring, all, readKeys)
    }

    @Test func whoHasTheNewestHasAll() throws {
        let (keyring, all, readKeys) = try Self.chain()
        var newest = KeyMaterial(epoch: 4, read: all[3].read, index: all[3].index)
        newest.unwrap(keyring, repository: Self.repository, readKeys: readKeys)
        for keys in all {
            #expect(try #require(newest.readSecret(of: keys.epoch)).isEqual(to: #require(keys.read)))
            #expect(try #require(newest.indexSecret(of: keys.epoch)).isEqual(to: #require(keys.index)))
        }
        // A maintainer has the indexes and no key to content; the two chains do not lead into each other.
        var maintainer = KeyMaterial(epoch: 4, index: all[3].index)
        maintainer.unwrap(keyring, repository: Self.repository, readKeys: readKeys)
        #expect((1...4).allSatisfy { maintainer.readSecret(of: $0) == nil && maintainer.indexSecret(of: $0) != nil })
    }

    @Test func whoHasAnOldOneHasNoNewer() throws {
        let (keyring, all, readKeys) = try Self.chain()
        var old = KeyMaterial(epoch: 4, read: all[1].read, index: all[1].index)
        old.unwrap(keyring, repository: Self.repository, readKeys: readKeys)
        // What is tried as the secret of epoch 4 opens nothing, so nothing earlier comes either.
        #expect(old.earlier.isEmpty)
    }

    @Test func aBrokenChainGivesNothingBeforeTheBreak() throws {
        let (keyring, all, readKeys) = try Self.chain()
        let other = try Self.chain().keyring.chain[1]
        var broken = keyring
        broken.chain[1] = other
        var newest = KeyMaterial(epoch: 4, read: all[3].read, index: all[3].index)
        newest.unwrap(broken, repository: Self.repository, readKeys: readKeys)
        #expect(newest.readSecret(of: 3) != nil && newest.indexSecret(of: 3) != nil)
        #expect(newest.readSecret(of: 2) == nil && newest.indexSecret(of: 2) == nil && newest.readSecret(of: 1) == nil)
        // A wrap that opens but holds another key than the log says is none.
        var lying = KeyMaterial(epoch: 4, read: all[3].read, index: all[3].index)
        lying.unwrap(keyring, repository: Self.repository, readKeys: readKeys.merging([3: all[0].dedupBytes]) { $1 })
        #expect(lying.readSecret(of: 3) == nil && lying.indexSecret(of: 3) != nil)
    }

    /// The bytes of a second implementation, and what does not open.
    @Test func aNewDedupGroup() throws {
        let test = try FormatVectors.cases("slots.json", "a dedup group that begins with epoch 2")[0]
        let repository = try test.repository()
        let (old, new) = (try test.secret("dd"), try test.secret("nextDD"))
        var keys = KeyMaterial(epoch: 2, dedup: old)
        let group = try keys.beginGroup(after: .first, dedup: new, repository: repository)
        #expect(try CanonicalJSON.encode(group.json) == Array(test.out("json").utf8))
        #expect(try DedupGroup.list([DedupGroup.first.json, group.json]) == [.first, group])
        // A third, whose holder comes to all of them; nobody goes the other way.
        keys.epoch = 4
        let third = try keys.beginGroup(after: group, repository: repository, random: Self.random)
        var keyring = Keyring(
            epoch: 4, expiryAge: 0, expiryKeep: 0, groups: [.first, group, third], indexCommitments: [:], members: [],
            readKey: [], slots: [])
        func opened(_ dedup: SecretBytes?) -> [SecretBytes] {
            var keys = KeyMaterial(epoch: 4, dedup: dedup)
            keys.unwrap(keyring, repository: repository, readKeys: [:])
            return keys.earlierDedups
        }
        let all = opened(keys.dedup)
        #expect(all.count == 2 && all[0].isEqual(to: new) && all[1].isEqual(to: old))
        #expect(opened(old).isEmpty && opened(new).isEmpty && opened(nil).isEmpty)
        #expect([1, 2, 3, 4].map { keyring.group(inEpoch: $0) } == [1, 2, 2, 3] && keyring.group.number == 3)
        keyring.groups[1] = DedupGroup(number: 2, name: group.name, epoch: 2, previous: third.previous)
        #expect(opened(keys.dedup).count == 1)
        #expect(
            thrownCode {
                var none = KeyMaterial(epoch: 1)
                _ = try none.beginGroup(after: .first, repository: repository, random: Self.random)
            } == .notAllowed)
    }

    @Test func nobodyHandsOnWhatHeDoesNotHold() {
        #expect(
            thrownCode { _ = try KeyMaterial(epoch: 1).next(repository: Self.repository, random: Self.random) }
                == .notAllowed)
    }

    @Test func publicLines() throws {
        for test in try FormatVectors.cases("identities.json", "public line") {
            let identity = try Identity(
                name: test.text("name"), kind: #require(MemberKind(rawValue: test.text("kind"))),
                secrets: (test.secret("x25519Secret"), test.secret("ed25519Seed")))
            let line = try PublicLine(identity)
            #expect(try line.text == test.out("line"))
            #expect(try PublicLine(decoding: Array("\n \(line.text)\r\n".utf8)) == line && line.id == identity.id)
            let bytes = Array(line.text.utf8)
            for place in bytes.indices {
                for byte in [bytes[place] ^ 1, UInt8(ascii: "A"), UInt8(ascii: " "), 0xff] where byte != bytes[place] {
                    var changed = bytes
                    changed[place] = byte
                    // Bits of base64 that decode to the same are refused too.
                    #expect(throws: FormatError.self, "\(place): \(byte)") { try PublicLine(decoding: changed) }
                }
                #expect(throws: FormatError.self) { try PublicLine(decoding: bytes[..<place]) }
            }
            #expect(throws: FormatError.self) { try PublicLine(decoding: bytes + [0x78]) }
        }
        let kit = try RecoveryKit(random: Self.random).identity()
        #expect(kit.kind == .kit)
        for text in ["", "vault-public 0 kit AAAA x", "vault-public 1 person AAAA x", "vault-public 0 person AAAA x"] {
            #expect(throws: FormatError.self) { try PublicLine(decoding: Array(text.utf8)) }
        }
    }
}

extension KeyMaterial {
    fileprivate var dedupBytes: [UInt8] { dedup?.withUnsafeBytes { Array($0) } ?? [] }
}
