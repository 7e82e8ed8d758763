/// How many entries a walk may still meet. A directory that a hand-made tree uses again and again multiplies with each
/// level; the record of the snapshot says how many entries there are, and no walk goes beyond that.
struct EntryBudget {
    private var left: Int
    private let total: Int
    private let snapshot: String

    /// For a walk through this snapshot.
    init(_ snapshot: SnapshotState) {
        total = snapshot.body.entries
        left = total
        self.snapshot = String(snapshot.id.hex.prefix(8))
    }

    /// Takes an entry.
    ///
    /// - Throws: ``VaultError`` `.unsupportedFormat` when the snapshot has no more; this ends the walk.
    mutating func take() throws {
        left -= 1
        if left < 0 {
            throw VaultError(
                .unsupportedFormat,
                "Snapshot \(snapshot) has more entries than the \(total) of its record: "
                    + "it was not made by this program",
                nextStep: "Restore from another snapshot, and ask who has the identity that wrote this one")
        }
    }
}
