/// From content to the codewords of a QR code (ISO/IEC 18004:2015, 7.4 to 7.6).
enum QRCodewords {
    private static let eciMode = 0b0111
    private static let eciUTF8 = 26
    private static let byteMode = 0b0100

    /// Bits that the content takes before padding.
    static func bitCount(_ byteCount: Int, _ isASCII: Bool, _ version: Int) -> Int {
        (isASCII ? 0 : 12) + 4 + lengthBits(version) + 8 * byteCount
    }

    private static func lengthBits(_ version: Int) -> Int { version < 10 ? 8 : 16 }

    /// Data and correction of all blocks in the order in which they are drawn.
    static func interleaved(_ content: SecretBytes, isASCII: Bool, _ layout: QRLayout) -> SecretBytes {
        let data = padded(content, isASCII: isASCII, layout)
        let divisor = ReedSolomon.divisor(degree: layout.correctionCount)
        let (blocks, correction) = (layout.blockCount, layout.correctionCount)
        // The last blocks have one byte of data more.
        let shortLength = layout.dataCount / blocks
        let shortBlocks = blocks - layout.dataCount % blocks
        return SecretBytes(count: layout.codewordCount) { output in
            data.withUnsafeBytes { data in
                var start = 0
                for block in 0..<blocks {
                    let length = shortLength + (block < shortBlocks ? 0 : 1)
                    let bytes = UnsafeRawBufferPointer(rebasing: data[start..<start + length])
                    start += length
                    for (k, byte) in bytes.enumerated() {
                        output[k < shortLength ? k * blocks + block : shortLength * blocks + block - shortBlocks] = byte
                    }
                    let remainder = SecretBytes(count: correction) { ReedSolomon.remainder(bytes, divisor, into: $0) }
                    remainder.withUnsafeBytes { remainder in
                        for (k, byte) in remainder.enumerated() { output[data.count + k * blocks + block] = byte }
                    }
                }
            }
        }
    }

    /// Header, content, terminator and padding.
    private static func padded(_ content: SecretBytes, isASCII: Bool, _ layout: QRLayout) -> SecretBytes {
        SecretBytes(count: layout.dataCount) { output in
            var position = 0
            func add(_ value: Int, _ bits: Int) {
                for bit in (0..<bits).reversed() {
                    if value >> bit & 1 != 0 { output[position / 8] |= 0x80 >> UInt8(position % 8) }
                    position += 1
                }
            }
            if !isASCII {
                add(eciMode, 4)
                add(eciUTF8, 8)
            }
            add(byteMode, 4)
            add(content.count, lengthBits(layout.version))
            content.withUnsafeBytes { for byte in $0 { add(Int(byte), 8) } }
            // The terminator: up to four zero bits, then zeros to the end of the byte.
            position = min(position + 4, output.count * 8)
            position = (position + 7) / 8 * 8
            var isFirst = true
            while position < output.count * 8 {
                add(isFirst ? 0xec : 0x11, 8)
                isFirst.toggle()
            }
        }
    }
}

/// Reed-Solomon codes over the field of 256 elements with the polynomial 0x11d.
enum ReedSolomon {
    /// The product of (x − 2ⁱ) for i below `degree`, without its leading 1, highest power first.
    static func divisor(degree: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: degree)
        result[degree - 1] = 1
        var root: UInt8 = 1
        for _ in 0..<degree {
            for k in result.indices {
                result[k] = product(result[k], root)
                if k + 1 < degree { result[k] ^= result[k + 1] }
            }
            root = product(root, 2)
        }
        return result
    }

    /// The remainder of data divided by `divisor`. - Precondition: `output` is zero and as long as the divisor.
    static func remainder(
        _ data: UnsafeRawBufferPointer, _ divisor: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) {
        for byte in data {
            let factor = byte ^ output[0]
            for k in 0..<divisor.count {
                output[k] = (k + 1 < divisor.count ? output[k + 1] : 0) ^ product(divisor[k], factor)
            }
        }
    }

    // Without tables: what is multiplied may be secret.
    private static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var result: UInt8 = 0
        for bit in (0..<8).reversed() {
            result = result << 1 ^ (result >> 7) &* 0x1d
            result ^= (b >> UInt8(bit) & 1) &* a
        }
        return result
    }
}
