/// How much of a snapshot has been proven by drills, and how old the oldest proof is. Computed from the log alone,
/// without any key; the unit is the pack.
///
/// A pack counts as proven when the last drill that proved it has not expired and its evidence counts. A pack may serve
/// several snapshots: a proof of it is a proof for all of them.
public struct Coverage: Sendable, Equatable {
    /// Stored bytes of the packs of the snapshot.
    public var bytes = 0
    /// Stored bytes of those that are proven.
    public var provenBytes = 0
    /// Stored bytes of those whose last proof has expired.
    public var expiredBytes = 0
    /// Stored bytes of those that were added after the snapshot that was drilled last.
    public var newerBytes = 0
    /// Since when the byte is unproven that is so for longest: the time of its last proof, or of its backup when there
    /// never was one. Nil when there is no pack.
    public var oldest: Timestamp?
    /// Whether that byte was never proven.
    public var isOldestNeverProven = false

    /// Proven bytes in percent, rounded down: 100 only when it is all.
    public var percent: Int { bytes == 0 ? 0 : Int(Double(provenBytes) / Double(bytes) * 100) }

    /// What is neither proven nor newer than the last drill.
    public var missingBytes: Int { bytes - provenBytes - newerBytes }

    /// - Parameter drilled: position of the last drilled snapshot of the system; packs after it are new.
    /// - Parameter counts: says of a drill whether its evidence counts.
    init(
        of snapshot: SnapshotState, in state: RepositoryState, now: Timestamp, drilled: Int,
        counts: (DrillState) -> Bool
    ) {
        guard let packs = snapshot.packs else { return }
        for ordinal in packs.ordinals {
            let pack = state.packs[ordinal]
            let drill = pack.provenBy.map { state.drills[$0] }.flatMap { counts($0) ? $0 : nil }
            bytes += pack.pack.length
            let isProven = drill.map { !$0.body.isExpired(at: now) } ?? false
            if isProven {
                provenBytes += pack.pack.length
            } else if pack.position > drilled {
                newerBytes += pack.pack.length
            } else if drill != nil {
                expiredBytes += pack.pack.length
            }
            let since = drill?.body.started ?? pack.time
            if oldest.map({ since < $0 }) ?? true {
                oldest = since
                isOldestNeverProven = drill == nil
            }
        }
    }
}
