/// Secret bytes: immutable after `init`, overwritten with zeros when the last reference goes.
///
/// Wiping cannot promise more than this copy: registers, the stack of the library, swap and core dumps are not covered.
/// The type has no description of its content, no `Codable` and no `Equatable`, so that a secret does not leave by
/// accident.
///
/// It is `@unchecked Sendable` because the memory is written only inside `init`, before anyone else can hold a
/// reference, and wiped in `deinit`, after the last one is gone. In between it is only read.
public final class SecretBytes: @unchecked Sendable {
    private let storage: UnsafeMutableRawBufferPointer

    /// Allocates `count` zero bytes and lets `fill` write them. When `fill` throws, the memory is wiped and its error
    /// thrown on.
    ///
    /// - Precondition: `count` is not negative.
    public init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        storage = .allocate(byteCount: count, alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        // From here on the object is complete, so `deinit` runs also when `fill` throws.
        try fill(storage)
    }

    /// Copies `bytes`. The original is the caller's to wipe.
    public init(copying bytes: UnsafeRawBufferPointer) {
        storage = .allocate(byteCount: bytes.count, alignment: 16)
        storage.copyMemory(from: bytes)
    }

    /// Copies `bytes`, for values that are in an array anyway; the array is not wiped.
    public convenience init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { storage in bytes.withUnsafeBytes { storage.copyMemory(from: $0) } }
    }

    deinit {
        OpenSSL.wipe(storage)
        storage.deallocate()
    }

    /// `count` fresh random bytes.
    public static func random(_ count: Int, from random: some RandomSource) -> SecretBytes {
        SecretBytes(count: count) { random.fill($0) }
    }

    /// Number of bytes; not secret.
    public var count: Int { storage.count }

    /// Calls `body` with the bytes, which must not be used after it returns. Throws what `body` throws.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(storage))
    }

    /// Whether both hold the same bytes; the time taken depends on the lengths only.
    public func isEqual(to other: SecretBytes) -> Bool {
        withUnsafeBytes { mine in other.withUnsafeBytes { OpenSSL.isEqual(mine, $0) } }
    }

    /// The bytes of all parts, one after another.
    public static func concatenate(_ parts: [SecretBytes]) -> SecretBytes {
        SecretBytes(count: parts.reduce(0) { $0 + $1.count }) { storage in
            var offset = 0
            for part in parts {
                part.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: storage[offset...]).copyMemory(from: $0)
                }
                offset += part.count
            }
        }
    }

    /// A copy of the bytes in `range`. - Precondition: the range lies inside.
    public func slice(_ range: Range<Int>) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the secret")
        return SecretBytes(copying: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(storage)[range]))
    }
}
