/// How a secret is written for people: base32 in groups of 4 characters, a checksum at its end.
struct WrittenSecret {
    private static let groupLength = 4

    /// What errors call it.
    let subject: String
    /// Label of the checksum, the beginning of a hash over the secret.
    let label: String
    /// Bytes of the secret; with those of the checksum a multiple of 5, so that base32 has no rest.
    let byteCount: Int
    /// Bytes of the checksum.
    let checksumByteCount: Int

    /// Reads the written form. Blanks, `-` and case are ignored; the digits 0 and 8 are taken as O and B.
    ///
    /// Throws when the number of characters, a character or the checksum is wrong, and says which.
    func read(_ typed: SecretBytes) throws(FormatError) -> SecretBytes {
        let characters = try Self.characters(of: typed, subject)
        let length = (byteCount + checksumByteCount) / 5 * 8
        guard characters.count == length else {
            throw FormatError("\(subject): \(characters.count) letters and digits instead of \(length)")
        }
        guard let both = characters.withUnsafeBytes({ SecretBase32.decode($0) }) else {
            throw FormatError("\(subject): only the letters A to Z and the digits 2 to 7 occur")
        }
        let secret = both.slice(0..<byteCount)
        guard both.slice(byteCount..<both.count).isEqual(to: checksum(secret)) else {
            throw FormatError("\(subject): the checksum is wrong, so a character is mistyped or in the wrong place")
        }
        return secret
    }

    /// The written form, groups joined by `-`, as ASCII.
    func text(_ secret: SecretBytes) -> SecretBytes {
        let characters = characters(secret)
        let separator = SecretBytes([0x2d])
        var parts: [SecretBytes] = []
        for start in stride(from: 0, to: characters.count, by: Self.groupLength) {
            if start > 0 { parts.append(separator) }
            parts.append(characters.slice(start..<start + Self.groupLength))
        }
        return .concatenate(parts)
    }

    /// Secret and checksum in base32.
    func characters(_ secret: SecretBytes) -> SecretBytes {
        SecretBase32.encode(.concatenate([secret, checksum(secret)]))
    }

    private func checksum(_ secret: SecretBytes) -> SecretBytes {
        RecoveryKit.hash(label, [secret]).slice(0..<checksumByteCount)
    }

    /// The characters without what is ignored, in upper case. Digits that base32 does not have are the letters they
    /// look like; throws for one that looks like two, and for any other character.
    static func characters(of typed: SecretBytes, _ subject: String) throws(FormatError) -> SecretBytes {
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
