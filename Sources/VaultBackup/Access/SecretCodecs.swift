/// Lower-case hexadecimal of secrets: from memory that wipes itself to memory that wipes itself.
enum SecretHex {
    /// Writes two digits per byte. - Precondition: `output` has room for them.
    static func encode(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= 2 * bytes.count, "two digits per byte")
        for (k, byte) in bytes.enumerated() {
            output[2 * k] = digit(byte >> 4)
            output[2 * k + 1] = digit(byte & 15)
        }
    }

    /// The bytes; nil for an odd number of digits, an upper-case digit or any other character.
    static func decode(_ text: UnsafeRawBufferPointer) -> SecretBytes? {
        guard text.count % 2 == 0 else { return nil }
        var isValid = true
        let bytes = SecretBytes(count: text.count / 2) { output in
            for k in output.indices {
                guard let high = value(text[2 * k]), let low = value(text[2 * k + 1]) else {
                    isValid = false
                    return
                }
                output[k] = high << 4 | low
            }
        }
        return isValid ? bytes : nil
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}

/// RFC 4648 base32 without padding, of secrets whose length is a multiple of five bytes.
enum SecretBase32 {
    /// Writes eight upper-case characters for each five bytes.
    static func encode(_ bytes: SecretBytes) -> SecretBytes {
        precondition(bytes.count % 5 == 0, "base32 here has no incomplete group")
        return bytes.withUnsafeBytes { input in
            SecretBytes(count: input.count / 5 * 8) { output in
                for k in output.indices {
                    let bit = k * 5
                    let first = UInt16(input[bit / 8]) << 8
                    let pair = first | (bit / 8 + 1 < input.count ? UInt16(input[bit / 8 + 1]) : 0)
                    let value = UInt8(truncatingIfNeeded: pair >> UInt16(11 - bit % 8)) & 31
                    output[k] = value < 26 ? 0x41 + value : 0x32 + value - 26
                }
            }
        }
    }

    /// The bytes of characters in either case; nil for other characters or an incomplete group.
    static func decode(_ text: UnsafeRawBufferPointer) -> SecretBytes? {
        guard text.count % 8 == 0 else { return nil }
        var isValid = true
        let bytes = SecretBytes(count: text.count / 8 * 5) { output in
            for (k, character) in text.enumerated() {
                let value: UInt8
                switch character {
                case 0x41...0x5a: value = character - 0x41
                case 0x61...0x7a: value = character - 0x61
                case 0x32...0x37: value = character - 0x32 + 26
                default:
                    isValid = false
                    return
                }
                for bit in 0..<5 where value & (16 >> UInt8(bit)) != 0 {
                    output[(k * 5 + bit) / 8] |= 0x80 >> UInt8((k * 5 + bit) % 8)
                }
            }
        }
        return isValid ? bytes : nil
    }
}
