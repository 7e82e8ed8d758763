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

    /// Reads the written form. Blanks, `-` and case are ignored; the digits 0 and 8 are taken as O and B.
    ///
    /// Throws when the number of characters, a character or the checksum is wrong, and says which.
    public init(typed: SecretBytes) throws(FormatError) {
        let characters = try Self.characters(typed, "recovery kit")
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
        let characters = characters
        let separator = SecretBytes([0x2d])
        var parts: [SecretBytes] = []
        for start in stride(from: 0, to: characters.count, by: Self.groupLength) {
            if start > 0 { parts.append(separator) }
            parts.append(characters.slice(start..<start + Self.groupLength))
        }
        return .concatenate(parts)
    }

    /// Seed and checksum in base32, 56 characters.
    var characters: SecretBytes { SecretBase32.encode(.concatenate([seed, Self.checksum(seed)])) }

    /// The member that the kit is.
    public func identity(name: String = "recovery kit") throws(CryptoError) -> Identity {
        try Identity(
            name: name, kind: .kit,
            secrets: (
                HKDF.derive(seed, info: Label.bare("kit/x25519")), HKDF.derive(seed, info: Label.bare("kit/ed25519"))
            ))
    }

    private static func checksum(_ seed: SecretBytes) -> SecretBytes {
        hash("kit/checksum", [seed]).slice(0..<checksumByteCount)
    }

    /// A hash over a label and what is secret.
    static func hash(_ label: String, _ parts: [SecretBytes]) -> SecretBytes {
        var hash = SHA256()
        hash.update(Label.bare(label))
        for part in parts { part.withUnsafeBytes { hash.update($0) } }
        let digest = SecretBytes(count: Digest.byteCount) { hash.finish(into: $0) }
        hash.wipe()
        return digest
    }

    /// The characters without what is ignored, in upper case. Digits that base32 does not have are the letters they
    /// look like; throws for one that looks like two, and for any other character.
    static func characters(_ typed: SecretBytes, _ subject: String) throws(FormatError) -> SecretBytes {
        var count = 0
        var failure: FormatError?
        let kept = SecretBytes(count: typed.count) { output in
            typed.withUnsafeBytes { input in
                for byte in input where !isIgnored(byte) && failure == nil {
                    switch byte {
                    case 0x41...0x5a, 0x32...0x37: output[count] = byte
                    case 0x61...0x7a: output[count] = byte - 0x20
                    case 0x30: output[count] = UInt8(ascii: "O")
                    case 0x38: output[count] = UInt8(ascii: "B")
                    default: failure = stranger(byte, at: count, subject)
                    }
                    count += 1
                }
            }
        }
        if let failure { throw failure }
        return kept.slice(0..<count)
    }

    private static func stranger(_ byte: UInt8, at place: Int, _ subject: String) -> FormatError {
        let what =
            switch byte {
            case 0x31: "character \(place + 1) is the digit 1, which does not occur: it is the letter I or L"
            case 0x39: "character \(place + 1) is the digit 9, which does not occur"
            default: "character \(place + 1) is none: only the letters A to Z and the digits 2 to 7 occur"
            }
        return FormatError("\(subject): \(what)")
    }

    private static func isIgnored(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x2d || (0x09...0x0d).contains(byte)
    }
}
