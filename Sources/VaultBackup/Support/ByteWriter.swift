/// Builds a stored form: big-endian integers and length-prefixed fields.
public struct ByteWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8]

    /// Starts empty, with room for `capacity` bytes.
    public init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Number of bytes written.
    public var count: Int { bytes.count }

    /// Appends one byte.
    public mutating func u8(_ value: UInt8) { bytes.append(value) }

    /// Appends an integer with all the bytes of its type, most significant first.
    public mutating func integer<T: FixedWidthInteger & Sendable>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a `u16`. - Precondition: the value fits.
    public mutating func u16(_ value: Int) { integer(UInt16(value)) }

    /// Appends a `u24`. - Precondition: the value fits.
    public mutating func u24(_ value: Int) {
        precondition(value >= 0 && value < 1 << 24, "a u24 holds at most 16,777,215")
        bytes.append(UInt8(truncatingIfNeeded: value >> 16))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    /// Appends a `u32`. - Precondition: the value fits.
    public mutating func u32(_ value: Int) { integer(UInt32(value)) }

    /// Appends a `u64`. - Precondition: the value is not negative.
    public mutating func u64(_ value: Int) { integer(UInt64(value)) }

    /// Appends bytes as they are.
    public mutating func raw(_ value: some Sequence<UInt8>) { bytes.append(contentsOf: value) }

    /// Appends bytes as they are.
    public mutating func raw(_ value: UnsafeRawBufferPointer) { bytes.append(contentsOf: value) }

    /// Appends a digest, 32 bytes.
    public mutating func raw(_ value: Digest) { value.withUnsafeBytes { bytes.append(contentsOf: $0) } }

    /// Appends a length as `u8` and the bytes. - Precondition: at most 255 bytes.
    public mutating func lp8(_ value: some Collection<UInt8>) {
        u8(UInt8(value.count))
        raw(value)
    }

    /// Appends a length as `u16` and the bytes. - Precondition: at most 65,535 bytes.
    public mutating func lp16(_ value: some Collection<UInt8>) {
        u16(value.count)
        raw(value)
    }

    /// Appends a length as `u32` and the bytes.
    public mutating func lp32(_ value: some Collection<UInt8>) {
        u32(value.count)
        raw(value)
    }

    /// Appends the shortest unsigned LEB128 form.
    public mutating func leb128(_ value: Int) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Replaces four bytes at `offset` by a `u32`, for a length that is known only later.
    public mutating func patchU32(_ value: Int, at offset: Int) {
        withUnsafeBytes(of: UInt32(value).bigEndian) { source in
            for k in 0..<4 { bytes[offset + k] = source[k] }
        }
    }

    /// Replaces two bytes at `offset` by a `u16`.
    public mutating func patchU16(_ value: Int, at offset: Int) {
        bytes[offset] = UInt8(value >> 8)
        bytes[offset + 1] = UInt8(value & 255)
    }

    /// Forgets what was written after the first `count` bytes. - Precondition: there are as many.
    public mutating func cut(to count: Int) { bytes.removeSubrange(count...) }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}
