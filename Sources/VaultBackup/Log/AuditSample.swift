/// Which packs a sampling audit reads (`docs/FORMAT.md`, section 13). Nobody can know them before the seed is drawn,
/// and whoever has the seed can draw them again: the packs with the lowest values of SHA-256(seed ‖ root ‖ pack name).
public struct AuditSample: Sendable, Equatable {
    /// 32 bytes, drawn anew for each audit.
    public let seed: Digest
    /// Root of the log's tree that was audited: a seed kept for later says nothing about later packs.
    public let root: Digest

    /// A draw as given.
    public init(seed: Digest, root: Digest) {
        self.seed = seed
        self.root = root
    }

    /// How many of `total` packs `percent` of them are: none only for nothing.
    public static func count(percent: Double, of total: Int) -> Int {
        min(total, Int((Double(total) * percent / 100).rounded(.up)))
    }

    /// `count` of these packs, by name, in no order.
    public func choose(_ count: Int, of names: [Digest]) -> [Digest] {
        let ranked = names.map { (rank: rank($0), name: $0) }.sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }
        return ranked.prefix(count).map(\.name)
    }

    private func rank(_ name: Digest) -> Digest { SHA256.digest(seed.bytes + root.bytes + name.bytes) }

    /// The chance that a sample of `count` out of `total` meets at least one of `damaged` packs.
    public static func detection(count: Int, of total: Int, damaged: Int) -> Double {
        guard damaged > 0, count > 0, total > 0 else { return 0 }
        guard count <= total - damaged else { return 1 }
        var missed = 1.0
        for drawn in 0..<count { missed *= Double(total - damaged - drawn) / Double(total - drawn) }
        return 1 - missed
    }
}
