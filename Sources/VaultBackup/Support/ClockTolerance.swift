extension Timestamp {
    /// How far the clocks of two machines may differ before it means anything, in milliseconds.
    private static let tolerance: Int64 = 5 * 60_000

    /// Whether this is later than `other` by more than two clocks may differ.
    func isClearlyAfter(_ other: Timestamp) -> Bool { milliseconds - other.milliseconds > Self.tolerance }
}
