/// A pack as it will be stored, with what the session has to remember of it.
public struct FinishedPack: Sendable {
    /// SHA-256 of all its bytes.
    public let name: Digest
    /// All its bytes.
    public let buffer: RawBuffer
    /// What it holds.
    public let packClass: PackClass
    /// The epoch its key is sealed to.
    public let epoch: Int
    /// Its segments and chunks.
    public let directory: PackDirectory
    /// SHA-256 of the sealed directory.
    public let directoryDigest: Digest
}
