/// Takes a stored form apart. Every read checks the bound and throws ``FormatError``; nothing is allocated before a
/// length has been checked against what is left.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    private let end: Int
    private let subject: StaticString
    /// Offset of the next byte, from the start of the array.
    public private(set) var offset: Int

    /// Reads `bytes`, or the part `range` of them; `subject` names the thing decoded in errors.
    public init(_ bytes: [UInt8], _ subject: StaticString, range: Range<Int>? = nil) {
        self.bytes = bytes
        self.subject = subject
        offset = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
        precondition(offset >= 0 && offset <= end && end <= bytes.count, "range outside the bytes")
    }

    /// Bytes not read yet.
    public var remaining: Int { end - offset }

    /// Whether everything has been read.
    public var isAtEnd: Bool { offset == end }

    /// An error that names what is decoded.
    public func error(_ reason: String) -> FormatError { FormatError("\(subject): \(reason)") }

    private mutating func advance(_ count: Int) throws(FormatError) -> Int {
        guard count >= 0, count <= remaining else { throw error("ends early at byte \(offset)") }
        defer { offset += count }
        return offset
    }

    /// Reads one byte.
    public mutating func u8() throws(FormatError) -> UInt8 { bytes[try advance(1)] }

    /// Reads an integer with all the bytes of its type, most significant first.
    public mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(FormatError) -> T {
        let start = try advance(MemoryLayout<T>.size)
        return bytes.withUnsafeBytes { T(bigEndian: $0.loadUnaligned(fromByteOffset: start, as: T.self)) }
    }

    /// Reads a `u16`.
    public mutating func u16() throws(FormatError) -> Int { Int(try integer(UInt16.self)) }

    /// Reads a `u24`.
    public mutating func u24() throws(FormatError) -> Int {
        let start = try advance(3)
        return Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
    }

    /// Reads a `u32`.
    public mutating func u32() throws(FormatError) -> Int { Int(try integer(UInt32.self)) }

    /// Reads a `u64` below 2⁶³.
    public mutating func u64() throws(FormatError) -> Int {
        let value = try integer(UInt64.self)
        guard value <= UInt64(Int.max) else { throw error("number above 2^63 - 1") }
        return Int(value)
    }

    /// Reads `count` bytes.
    public mutating func raw(_ count: Int) throws(FormatError) -> [UInt8] {
        let start = try advance(count)
        return Array(bytes[start..<start + count])
    }

    /// Skips `count` bytes and returns their range in the array.
    public mutating func range(_ count: Int) throws(FormatError) -> Range<Int> {
        let start = try advance(count)
        return start..<start + count
    }

    /// Reads 32 bytes.
    public mutating func digest() throws(FormatError) -> Digest {
        let start = try advance(Digest.byteCount)
        return bytes.withUnsafeBytes { Digest(UnsafeRawBufferPointer(rebasing: $0[start..<start + Digest.byteCount])) }
    }

    /// Reads a field with a `u8` length.
    public mutating func lp8() throws(FormatError) -> [UInt8] { try raw(Int(try u8())) }

    /// Reads a field with a `u16` length.
    public mutating func lp16() throws(FormatError) -> [UInt8] { try raw(try u16()) }

    /// Reads a field with a `u32` length of at most `most` bytes.
    public mutating func lp32(most: Int = .max) throws(FormatError) -> [UInt8] {
        let count = try u32()
        guard count <= most else { throw error("field of \(count) bytes, \(most) allowed") }
        return try raw(count)
    }

    /// Reads an unsigned LEB128 number and rejects any form but the shortest.
    public mutating func leb128() throws(FormatError) -> Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try u8()
            guard shift < 63 else { throw error("LEB128 number too long") }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 {
                guard byte != 0 || shift == 0 else { throw error("LEB128 number not in its shortest form") }
                guard value <= UInt64(Int.max) else { throw error("number above 2^63 - 1") }
                return Int(value)
            }
            shift += 7
        }
    }

    /// Rejects bytes that are left over.
    public func finish() throws(FormatError) {
        guard isAtEnd else { throw error("\(remaining) bytes too many") }
    }
}
