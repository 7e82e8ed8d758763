import COpenSSL

/// Random bytes for secrets, from the library's private generator, which the kernel seeds.
public struct SystemRandom: RandomSource {
    /// The generator of this process.
    public init() {}

    /// Fills `buffer`. Ends the process when the generator fails: no key made after that could be trusted.
    public func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard buffer.count > 0 else { return }
        precondition(
            buffer.count <= Int(Int32.max) && RAND_priv_bytes(buffer.octets, Int32(buffer.count)) == 1,
            "the random generator failed; nothing can be encrypted safely")
    }
}
