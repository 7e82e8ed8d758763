/// One share of the seed of a recovery kit (`docs/FORMAT.md`, section 5).
public struct KitShare: Sendable {
    private static let prefixByteCount = 5
    private static let seedByteCount = 32
    private static let headByteCount = 3 + prefixByteCount
    /// Bytes of a share without its checksum.
    static let byteCount = headByteCount + seedByteCount
    private static let form = WrittenSecret(
        subject: "share", label: "share/checksum", byteCount: byteCount, checksumByteCount: 5)

    /// How many shares give the seed.
    public let needed: Int
    /// How many there are.
    public let count: Int
    /// Its number, from 1.
    public let number: Int
    /// The beginning of the member id of the kit.
    let prefix: [UInt8]
    let value: SecretBytes
    /// The kit's signature over it; nil when it was left out in typing.
    public var proof: [UInt8]?

    /// Shares the seed of a kit out, each signed with the key of the kit.
    ///
    /// - Precondition: 2 ≤ `needed` ≤ `count` ≤ 32.
    public static func deal(
        _ kit: RecoveryKit, count: Int, needed: Int, random: some RandomSource
    ) throws(CryptoError) -> [KitShare] {
        let identity = try kit.identity()
        let values = Shamir.split(kit.seed, count: count, needed: needed, random: random)
        var shares: [KitShare] = []
        for (index, value) in values.enumerated() {
            var share = KitShare(
                needed: needed, count: count, number: index + 1,
                prefix: Array(identity.id.bytes.prefix(prefixByteCount)),
                value: value)
            share.proof = try Ed25519.sign(share.message, seed: identity.secrets.ed25519Seed)
            shares.append(share)
        }
        return shares
    }

    private init(needed: Int, count: Int, number: Int, prefix: [UInt8], value: SecretBytes) {
        self.needed = needed
        self.count = count
        self.number = number
        self.prefix = prefix
        self.value = value
    }

    /// Reads the written form. Blanks, `-` and case are ignored; the digits 0 and 8 are taken as O and B.
    ///
    /// Throws when the number of characters, a character, the checksum or a number is wrong, and says which.
    public init(typed: SecretBytes) throws(FormatError) {
        try self.init(body: Self.form.read(typed))
    }

    /// Reads the bytes of a share. Throws when their number, or a number in them, is wrong.
    init(body: SecretBytes) throws(FormatError) {
        guard body.count == Self.byteCount else { throw FormatError("share: it has not \(Self.byteCount) bytes") }
        let head = body.withUnsafeBytes { Array($0.prefix(Self.headByteCount)) }
        let (needed, count, number) = (Int(head[0]), Int(head[1]), Int(head[2]))
        guard Shamir.counts.contains(count), (2...count).contains(needed), (1...count).contains(number) else {
            throw FormatError("share: its numbers are not possible")
        }
        self.init(
            needed: needed, count: count, number: number, prefix: Array(head[3...]),
            value: body.slice(Self.headByteCount..<body.count))
    }

    /// The written form: 18 groups of 4 characters joined by `-`, as ASCII.
    public var text: SecretBytes { Self.form.text(body) }

    /// Whether the kit itself made it so; nil without its signature.
    ///
    /// - Parameter kit: the kit as a member, with its public key.
    public func isProven(by kit: Member) -> Bool? {
        proof.map { Ed25519.isValid($0, of: message, publicKey: kit.ed25519) }
    }

    /// Whether it is a share of this kit.
    public func isOf(_ kit: MemberID) -> Bool { kit.bytes.starts(with: prefix) }

    /// The kit that shares give together.
    ///
    /// Throws when there are too few, when they are not of one kit, and when what they give is not the kit: then one of
    /// them is wrong.
    public static func join(_ shares: [KitShare]) throws(FormatError) -> RecoveryKit {
        guard let first = shares.first else { throw FormatError("shares: none is given") }
        var used: [KitShare] = []
        for share in shares {
            guard share.needed == first.needed, share.count == first.count, share.prefix == first.prefix else {
                throw FormatError("shares: share \(share.number) is not of the same kit as share \(first.number)")
            }
            if let same = used.first(where: { $0.number == share.number }) {
                guard same.value.isEqual(to: share.value) else {
                    throw FormatError("shares: two different shares have the number \(share.number)")
                }
            } else {
                used.append(share)
            }
        }
        guard used.count >= first.needed else {
            throw FormatError("shares: \(used.count) are given, \(first.needed) of \(first.count) are needed")
        }
        let points = used.map { (number: UInt8($0.number), value: $0.value) }
        let kit = RecoveryKit(seed: Shamir.value(at: 0, of: Array(points.prefix(first.needed))))
        guard let id = try? kit.identity().id, first.isOf(id) else {
            throw FormatError("shares: together they do not give the kit, so one of them is wrong")
        }
        return kit
    }

    /// Its bytes, without checksum.
    var body: SecretBytes {
        .concatenate([SecretBytes([UInt8(needed), UInt8(count), UInt8(number)] + prefix), value])
    }

    /// What is signed: a hash, from which nobody gets the share.
    private var message: [UInt8] {
        Label.bare("share") + RecoveryKit.hash("share/value", [body]).withUnsafeBytes { Array($0) }
    }
}
