/// A key for HMAC-SHA-256. The two blocks that depend only on the key are hashed once, so that a short message costs
/// two compressions instead of four.
///
/// It is `@unchecked Sendable` because the midstates are written in `init` and wiped in `deinit`; in between they are
/// only copied out.
public final class MACKey: @unchecked Sendable {
    private static let blockByteCount = 64

    // On the heap, so that there is one place to wipe: [0] after key ⊕ ipad, [1] after key ⊕ opad.
    private let midstates: UnsafeMutablePointer<SHA256>

    /// Prepares `key`, of any length; a key above 64 bytes is hashed first, as RFC 2104 says.
    public init(_ key: SecretBytes) {
        midstates = .allocate(capacity: 2)
        midstates.initialize(repeating: SHA256(), count: 2)
        withUnsafeTemporaryAllocation(byteCount: Self.blockByteCount, alignment: 8) { block in
            block.initializeMemory(as: UInt8.self, repeating: 0)
            if key.count > Self.blockByteCount {
                var hash = SHA256()
                key.withUnsafeBytes { hash.update($0) }
                hash.finish(into: block)
                hash.wipe()
            } else {
                key.withUnsafeBytes { block.copyMemory(from: $0) }
            }
            for k in 0..<Self.blockByteCount { block[k] ^= 0x36 }
            midstates[0].update(UnsafeRawBufferPointer(block))
            for k in 0..<Self.blockByteCount { block[k] ^= 0x36 ^ 0x5c }
            midstates[1].update(UnsafeRawBufferPointer(block))
            OpenSSL.wipe(block)
        }
    }

    deinit {
        OpenSSL.wipe(UnsafeMutableRawBufferPointer(start: midstates, count: 2 * MemoryLayout<SHA256>.stride))
        midstates.deallocate()
    }

    /// The MAC of `message`.
    public func authenticate(_ message: UnsafeRawBufferPointer) -> Digest {
        var state = begin()
        state.update(message)
        return state.finish()
    }

    /// The MAC of `message`.
    public func authenticate(_ message: [UInt8]) -> Digest { message.withUnsafeBytes { authenticate($0) } }

    /// Starts a MAC over a message that comes in parts.
    public func begin() -> MACState { MACState(key: self, inner: midstates[0]) }

    fileprivate var outer: SHA256 { midstates[1] }
}

/// A MAC in progress. Copying it copies the state, which saves hashing a common prefix again.
public struct MACState {
    private let key: MACKey
    private var inner: SHA256

    fileprivate init(key: MACKey, inner: SHA256) {
        self.key = key
        self.inner = inner
    }

    /// Appends `bytes` to the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { inner.update(bytes) }

    /// Appends `bytes` to the message.
    public mutating func update(_ bytes: [UInt8]) { inner.update(bytes) }

    /// The MAC of everything appended. The state must not be used afterwards.
    public mutating func finish() -> Digest {
        withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) { output in
            finish(into: output)
            return Digest(UnsafeRawBufferPointer(output))
        }
    }

    /// Appends a secret to the message.
    mutating func update(_ secret: SecretBytes) { secret.withUnsafeBytes { inner.update($0) } }

    /// Writes the MAC to the first 32 bytes of `output`, for MACs that are keys.
    mutating func finish(into output: UnsafeMutableRawBufferPointer) {
        var outer = key.outer
        inner.finish(into: output)
        outer.update(UnsafeRawBufferPointer(rebasing: output[0..<Digest.byteCount]))
        outer.finish(into: output)
        inner.wipe()
        outer.wipe()
    }

    /// The MAC as a secret, for MACs that are keys.
    mutating func finishSecret() -> SecretBytes { SecretBytes(count: Digest.byteCount) { finish(into: $0) } }
}
