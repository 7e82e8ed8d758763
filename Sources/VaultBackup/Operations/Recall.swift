/// A snapshot that was forgotten.
public struct ForgottenSnapshot: Sendable {
    /// The snapshot.
    public var snapshot: SnapshotInfo
    /// When, by the clock of who did it; nil when the record cannot be read.
    public var time: Timestamp?
    /// Name of who did it; nil when the record cannot be read.
    public var writer: String?
    /// Why.
    public var reason: String
    /// Whether it can be brought back: no pack of it has been swept.
    public var isWhole: Bool
}

/// Brings forgotten snapshots back.
public enum Recall {
    /// All forgotten snapshots, or those of one system, in the order of the log. Needs no key.
    /// - Throws: ``VaultError`` `.storage`.
    public static func list(_ repository: Repository, system: String? = nil) throws -> [ForgottenSnapshot] {
        let state = repository.state
        var records: [Int: Record] = [:]
        return try state.snapshots.filter { $0.isOf(system) }.compactMap { snapshot in
            guard let position = snapshot.forgotten else { return nil }
            if records[position] == nil, let stored = try repository.log.reader.record(position) {
                records[position] = try? SignedRecord(decoding: stored).record
            }
            let record = records[position]
            let reason: String
            switch record?.body {
            case .forget(let body): reason = body.reason
            case .approve(let body):
                let order = state.proposals.first { $0.id == body.proposal }?.order
                reason = if case .forget(let body)? = order { body.reason } else { "" }
            default: reason = ""
            }
            return ForgottenSnapshot(
                snapshot: Snapshots.info(snapshot, state), time: record?.time,
                writer: record.map { state.nameOfMember($0.writer) }, reason: reason,
                isWhole: isWhole(snapshot, state))
        }
    }

    /// Brings snapshots back, all of them or none. On return the record is durable.
    ///
    /// - Parameter texts: beginnings of their ids.
    /// - Throws: ``VaultError`` `.usage` for one that is not there or not forgotten, `.failed` for one of which prune has
    ///   taken a part, `.notAllowed`.
    public static func run(_ texts: [String], reason: String = "", with access: SigningAccess) throws -> [SnapshotInfo]
    {
        let repository = access.repository
        try ForgetBody.checkReason(reason)
        guard access.member.may(.maintain) || access.member.may(.administer) else {
            throw Holds.refusal(access, "bring snapshots back")
        }
        let state = try repository.log.refresh()
        let snapshots = try texts.map { try find($0, in: state) }
        for snapshot in snapshots where !isWhole(snapshot, state) {
            throw VaultError(
                .failed,
                "The snapshot \(snapshot.id.hex.prefix(8)) cannot be brought back: prune has taken a part of it",
                nextStep: "Look for it in a copy of the repository")
        }
        let body = ForgetBody(snapshots: snapshots.map(\.id), reason: reason)
        _ = try repository.log.publish(.recall(body), by: access.signer)
        repository.advancePin()
        let after = repository.state
        return body.snapshots.compactMap { after.snapshot($0) }.map { Snapshots.info($0, after) }
    }

    private static func find(_ text: String, in state: RepositoryState) throws -> SnapshotState {
        let found =
            text.count < Snapshots.idDigitsMin
            ? [] : state.snapshots.filter { !$0.isLive && $0.id.hex.hasPrefix(text) }
        guard let first = found.first else {
            // A wrong name is told as everywhere else.
            let live = try? Snapshots.findLive(text, in: state)
            throw VaultError(
                .usage,
                live.map { "The snapshot \($0.id.hex.prefix(8)) is not forgotten" }
                    ?? "There is no forgotten snapshot '\(PathText.readable(Array(text.utf8)))'",
                nextStep: "See 'vault snapshots --forgotten'")
        }
        guard found.count == 1 else {
            throw VaultError(
                .usage, "\(found.count) forgotten snapshots begin with '\(PathText.readable(Array(text.utf8)))'",
                nextStep: "Give more digits of the id")
        }
        return first
    }

    /// Whether no pack of a snapshot has been swept, as far as its set is known.
    static func isWhole(_ snapshot: SnapshotState, _ state: RepositoryState) -> Bool {
        snapshot.packs.map { state.absent($0) == nil } ?? true
    }
}
