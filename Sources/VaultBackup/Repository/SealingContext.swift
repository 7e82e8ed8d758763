/// What is needed to seal packs in one session: public keys, shared secrets, and where randomness comes from.
public struct SealingContext: Sendable {
    /// The repository the packs belong to.
    public let repository: RepositoryID
    /// The session that writes them.
    public let session: SessionID
    /// The epoch in force.
    public let epoch: Int
    /// The dedup group.
    public let group: Int
    /// Public half of READ of the epoch: packs are sealed to it and the writer cannot open them again.
    public let readKey: [UInt8]
    /// IDX of the epoch, under which directories are sealed.
    public let indexKey: SecretBytes
    /// Randomness for pack keys.
    public let random: any RandomSource
    /// How hard to compress.
    public let level: CompressionLevel
}
