/// The secrets of a repository that a member holds; which ones follows from its roles (`docs/FORMAT.md`, section 6).
public struct KeyMaterial: Sendable {
    /// Secret half of READ of the epoch in force.
    public var read: SecretBytes?
    /// IDX of the epoch in force.
    public var index: SecretBytes?
    /// DD of the dedup group.
    public var dedup: SecretBytes?
    /// CK of the dedup group.
    public var cut: SecretBytes?

    /// Secrets as given.
    public init(
        read: SecretBytes? = nil, index: SecretBytes? = nil, dedup: SecretBytes? = nil, cut: SecretBytes? = nil
    ) {
        self.read = read
        self.index = index
        self.dedup = dedup
        self.cut = cut
    }
}
