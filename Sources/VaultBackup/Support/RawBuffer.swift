/// A block of memory with a fixed capacity, for data that is read, cut, compressed and sealed in place.
///
/// - Important: not synchronised. It belongs to one thread at a time and is handed over through a queue, which is why
///   it is marked `@unchecked Sendable`.
public final class RawBuffer: @unchecked Sendable {
    /// Start of the memory, aligned to 64 bytes.
    public let base: UnsafeMutableRawPointer
    /// Number of bytes allocated.
    public let capacity: Int
    /// Number of bytes in use, from the start.
    public var count = 0

    /// Allocates `capacity` bytes; their content is undefined.
    public init(capacity: Int) {
        base = .allocate(byteCount: max(capacity, 1), alignment: 64)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// The bytes in use.
    public var used: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// The bytes not in use.
    public var free: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base + count, count: capacity - count)
    }

    /// Appends a copy of `bytes`. - Precondition: they fit.
    public func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= capacity - count, "buffer overflow")
        if let source = bytes.baseAddress, bytes.count > 0 {
            (base + count).copyMemory(from: source, byteCount: bytes.count)
        }
        count += bytes.count
    }

    /// Appends a copy of `bytes`. - Precondition: they fit.
    public func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }
}
