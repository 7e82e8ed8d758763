/// The secret on paper: a seed from which a member's keys follow (`docs/FORMAT.md`, section 5).
public struct RecoveryKit: Sendable {
    private static let seedByteCount = 32
    private static let checksumByteCount = 3
    private static let groupLength = 4

    /// The seed, 32 bytes.
    public let seed: SecretBytes

    /// Draws a new seed.
    public init(random: some RandomSource) { seed = .random(Self.seedByteCount, from: random) }

    /// The kit of a known seed. - Precondition: it has 32 bytes.
    public init(seed: SecretBytes) {
        precondition(seed.count == Self.seedByteCount, "a seed has 32 bytes")
        self.seed = seed
    }

    /// Reads the written form. Blanks, `-` and case are ignored.
    ///
    /// Throws when the number of characters, a character or the checksum is wrong, and says which.
    public init(typed: SecretBytes) throws(FormatError) {
        let characters = typed.withUnsafeBytes { input in
            let kept = SecretBytes(count: input.count) { output in
                var count = 0
                for byte in input where !Self.isIgnored(byte) {
                    output[count] = byte
                    count += 1
                }
            }
            return kept.slice(0..<input.lazy.filter { !Self.isIgnored($0) }.count)
        }
        guard characters.count == (Self.seedByteCount + Self.checksumByteCount) / 5 * 8 else {
            throw FormatError("recovery kit: \(characters.count) letters and digits instead of 56")
        }
        guard let both = characters.withUnsafeBytes({ SecretBase32.decode($0) }) else {
            throw FormatError("recovery kit: only the letters A to Z and the digits 2 to 7 occur")
        }
        let seed = both.slice(0..<Self.seedByteCount)
        guard both.slice(Self.seedByteCount..<both.count).isEqual(to: Self.checksum(seed)) else {
            throw FormatError("recovery kit: the checksum is wrong, so a character is mistyped or in the wrong place")
        }
        self.seed = seed
    }

    /// The written form: 14 groups of 4 characters joined by `-`, as ASCII.
    public var text: SecretBytes {
        let characters = SecretBase32.encode(.concatenate([seed, Self.checksum(seed)]))
        let separator = SecretBytes([0x2d])
        var parts: [SecretBytes] = []
        for start in stride(from: 0, to: characters.count, by: Self.groupLength) {
            if start > 0 { parts.append(separator) }
            parts.append(characters.slice(start..<start + Self.groupLength))
        }
        return .concatenate(parts)
    }

    /// The member that the kit is.
    public func identity(name: String = "recovery kit") throws(CryptoError) -> Identity {
        try Identity(
            name: name, kind: .kit,
            secrets: (
                HKDF.derive(seed, info: Label.bare("kit/x25519")), HKDF.derive(seed, info: Label.bare("kit/ed25519"))
            ))
    }

    private static func checksum(_ seed: SecretBytes) -> SecretBytes {
        var hash = SHA256()
        hash.update(Label.bare("kit/checksum"))
        seed.withUnsafeBytes { hash.update($0) }
        let digest = SecretBytes(count: Digest.byteCount) { hash.finish(into: $0) }
        hash.wipe()
        return digest.slice(0..<checksumByteCount)
    }

    private static func isIgnored(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x2d || (0x09...0x0d).contains(byte)
    }
}
