/// Characters of names, which need not be text: a Unicode scalar where the bytes are UTF-8, else one byte with a number
/// of its own that no scalar has.
enum NameCharacter {
    private static let invalidByteBase: UInt32 = 0x11_0000

    /// The character at the start of some bytes, and its length; the bytes must not be empty.
    @inline(__always)
    static func first(_ bytes: UnsafeRawBufferPointer, at place: Int) -> (character: UInt32, byteCount: Int) {
        let byte = bytes[place]
        return byte < 0x80 ? (UInt32(byte), 1) : long(bytes, at: place)
    }

    private static func long(_ bytes: UnsafeRawBufferPointer, at place: Int) -> (character: UInt32, byteCount: Int) {
        let lead = UInt32(bytes[place])
        let count = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
        guard lead >= 0xc2, lead <= 0xf4, place + count <= bytes.count else { return (invalidByteBase + lead, 1) }
        var value = lead & (0x7f >> UInt32(count))
        for index in 1..<count {
            let next = UInt32(bytes[place + index])
            guard next & 0xc0 == 0x80 else { return (invalidByteBase + lead, 1) }
            value = value << 6 | next & 0x3f
        }
        let least: UInt32 = count == 4 ? 0x1_0000 : count == 3 ? 0x800 : 0x80
        guard value >= least, Unicode.Scalar(value) != nil else { return (invalidByteBase + lead, 1) }
        return (value, count)
    }
}
