import Testing
import VaultTestSupport

@testable import VaultBackup

/// Shares of a secret: any that are enough give it back, fewer tell nothing, and wrong ones are found.
@Suite struct ShamirTests {
    private static let secret = SecretBytes(Array(0..<32))

    /// Computed independently: 3 of 5, coefficients of 32 bytes a1 and b2.
    @Test func knownAnswers() throws {
        let shares = Shamir.split(
            Self.secret, count: 5,
            coefficients: [
                SecretBytes([UInt8](repeating: 0xa1, count: 32)), SecretBytes([UInt8](repeating: 0xb2, count: 32)),
            ])
        #expect(Hex.encode(shares[0].array) == "13121110171615141b1a19181f1e1d1c03020100070605040b0a09080f0e0d0c")
        #expect(Hex.encode(shares[4].array) == "74757677707172737c7d7e7f78797a7b64656667606162636c6d6e6f68696a6b")
        // In the field of FIPS 197, section 4.2.
        #expect(Shamir.multiply(0x57, 0x83) == 0xc1 && Shamir.multiply(0x57, 0x13) == 0xfe)
    }

    @Test func everySubsetThatIsEnough() throws {
        for (count, needed) in [(2, 2), (3, 2), (5, 3), (6, 6), (32, 4)] {
            let values = Shamir.split(Self.secret, count: count, needed: needed, random: SeededBytes(seed: 7))
            let shares = values.enumerated().map { (number: UInt8($0 + 1), value: $1) }
            for mask in 1..<(1 << min(count, 6)) {
                let some = shares.filter { mask >> (Int($0.number) - 1) & 1 == 1 }
                let isRight = Shamir.value(at: 0, of: some).isEqual(to: Self.secret)
                #expect(isRight == (some.count >= needed), "\(count), \(needed), \(mask)")
            }
        }
    }

    /// With one share less than needed, every secret is as likely: each byte of a share takes all values evenly.
    @Test func fewerTellNothing() throws {
        var counts = [Int](repeating: 0, count: 256)
        let random = SystemRandom()
        for _ in 0..<400 {
            let shares = Shamir.split(Self.secret, count: 3, needed: 2, random: random)
            for byte in shares[1].array { counts[Int(byte)] += 1 }
        }
        // 12,800 draws of 256 values: a χ² of 255 degrees of freedom is above 400 once in ten million runs.
        let expected = 50.0
        let statistic = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(statistic < 400, "\(statistic)")
    }

    @Test func sharesOfAKit() throws {
        let kit = RecoveryKit(random: SeededBytes(seed: 3))
        let member = try kit.identity().member(roles: [.read])
        let shares = try KitShare.deal(kit, count: 5, needed: 3, random: SeededBytes(seed: 4))
        #expect(shares.map(\.number) == [1, 2, 3, 4, 5])
        for share in shares {
            let typed = try KitShare(typed: share.text)
            #expect(typed.proof == nil && typed.isOf(member.id) && typed.needed == 3 && typed.count == 5)
            #expect(typed.value.isEqual(to: share.value) && share.isProven(by: member) == true)
        }
        #expect(try KitShare.join([shares[4], shares[0], shares[2]]).seed.isEqual(to: kit.seed))
        #expect(try KitShare.join(shares).seed.isEqual(to: kit.seed))
        #expect(try KitShare.join([shares[1], shares[1], shares[2], shares[3]]).seed.isEqual(to: kit.seed))
        func failure(_ shares: [KitShare]) -> String {
            do {
                _ = try KitShare.join(shares)
                return "joined"
            } catch { return error.description }
        }
        #expect(failure([]) == "shares: none is given")
        #expect(failure(Array(shares[..<2])).contains("2 are given, 3 of 5 are needed"))
        #expect(failure([shares[0], shares[0], shares[0]]).contains("1 are given"))
        let other = try KitShare.deal(
            RecoveryKit(random: SeededBytes(seed: 5)), count: 5, needed: 3, random: SystemRandom())
        #expect(failure([shares[0], shares[1], other[2]]).contains("share 3 is not of the same kit as share 1"))
        // Dealt anew from the same seed, a share has another value: what is wrong shows, and which.
        let again = try KitShare.deal(kit, count: 5, needed: 3, random: SeededBytes(seed: 6))
        #expect(failure([shares[0], shares[1], again[2]]).contains("one of them is wrong"))
        #expect(
            failure([shares[0], again[0], shares[1], shares[2]]).contains("two different shares have the number 1"))
        var forged = again[2]
        forged.proof = shares[2].proof
        #expect(forged.isProven(by: member) == false)
    }

    /// Shares that the second implementation made.
    @Test func sharesOfTheSecondImplementation() throws {
        let test = try FormatVectors.cases("identities.json", "shares of a kit")[0]
        let texts = try test.out("shares").split(separator: " ").map { SecretBytes(Array($0.utf8)) }
        let proofs = try test.out("proofs").split(separator: " ").compactMap { Hex.decode(String($0)) }
        let kit = RecoveryKit(seed: try test.secret("seed"))
        let member = try kit.identity().member(roles: [.read])
        #expect(texts.count == 5 && proofs.count == 5)
        let shares = try zip(texts, proofs).map { text, proof in
            var share = try KitShare(typed: text)
            share.proof = proof
            return share
        }
        for (share, text) in zip(shares, texts) {
            #expect(share.isProven(by: member) == true && share.text.isEqual(to: text))
        }
        #expect(try KitShare.join(Array(shares[1...3])).seed.isEqual(to: kit.seed))
    }

    /// A share that the second implementation sealed to a trustee.
    @Test func aSealedShare() throws {
        let test = try FormatVectors.cases("identities.json", "sealed share")[0]
        let secrets = (x25519: try test.secret("x25519Secret"), ed25519Seed: try test.secret("ed25519Seed"))
        let me = try Identity(name: "An", kind: .person, secrets: secrets)
        let other = try Identity.create(name: "Binh", kind: .person, random: SeededBytes(seed: 5))
        let anchor = try #require(Digest(Array(repeating: 0xab, count: 32)))
        let sealed = try SealedShare(written: test.out("sealed"))
        let share = try sealed.open(with: me, anchor: anchor)
        #expect(try sealed.trustee == me.id && share.text.isEqual(to: SecretBytes(Array(test.text("share").utf8))))
        let trustee = Trustee(try PublicLine(me))
        let made = try SealedShare(share, to: trustee, anchor: anchor, ephemeral: test.secret("ephemeralSecret"))
        #expect(try made == sealed && made.text == test.out("sealed"))
        // Another identity, another repository, and any changed byte.
        #expect(throws: VaultError.self) { try sealed.open(with: other, anchor: anchor) }
        #expect(throws: VaultError.self) { try sealed.open(with: me, anchor: .zero) }
        let bytes = try #require(Base64.decode(sealed.text))
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            let written = Base64.encode(changed)
            #expect(throws: VaultError.self) { try SealedShare(written: written).open(with: me, anchor: anchor) }
        }
        for text in ["", "AAAA", String(sealed.text.dropLast(4)), sealed.text + "AAAA", "?" + sealed.text.dropFirst()] {
            #expect(throws: FormatError.self) { try SealedShare(written: text) }
        }
        // A sheet has one of the two lines.
        var sheet = KitShareFile(share: share, anchor: anchor, repository: nil, location: nil, head: nil)
        let plain = sheet.text()
        try sheet.seal(to: trustee, random: SeededBytes(seed: 6))
        let text = sheet.text()
        #expect(throws: FormatError.self) { try KitShareFile(decoding: text) }
        #expect(throws: FormatError.self) { try KitShareFile(decoding: .concatenate([plain, text])) { _, _ in share } }
        let read = try KitShareFile(decoding: text) { try $0.open(with: me, anchor: $1) }
        #expect(read.share.text.isEqual(to: share.text) && read.sealed?.trustee == me.id)
    }

    /// Any one character that is changed is noticed.
    @Test func mistypedShares() throws {
        let kit = RecoveryKit(random: SeededBytes(seed: 3))
        let share = try KitShare.deal(kit, count: 3, needed: 2, random: SeededBytes(seed: 4))[1]
        let text = share.text.array
        for place in text.indices where text[place] != 0x2d {
            var typed = text
            typed[place] = typed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: FormatError.self) { try KitShare(typed: SecretBytes(typed)) }
        }
        for count in 0..<text.count - 1 {
            #expect(throws: FormatError.self) { try KitShare(typed: SecretBytes(Array(text[..<count]))) }
        }
        let sheet = KitShareFile(share: share, anchor: .zero, repository: nil, location: "/mnt/x", head: (7, .zero))
        let read = try KitShareFile(decoding: sheet.text())
        #expect(
            read.share.value.isEqual(to: share.value) && read.share.proof == share.proof && read.head?.position == 7)
        #expect(read.location == "/mnt/x" && read.anchor == .zero)
    }
}
