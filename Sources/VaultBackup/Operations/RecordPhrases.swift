/// What records are about, in phrases for people. Names are those that the log knows at its head.
struct RecordPhrases {
    private let state: RepositoryState
    private let systemOfSnapshot: [Digest: String]
    private let proposals: [Digest: RecordLifecycle]
    private static let changesMax = 3

    init(_ history: LogHistory) {
        state = history.state
        systemOfSnapshot = Dictionary(
            history.state.snapshots.map { ($0.id, $0.body.system) }, uniquingKeysWith: { first, _ in first })
        proposals = Dictionary(
            history.entries.compactMap { entry in
                entry.claim?.lifecycle.flatMap { $0.order == nil ? nil : (entry.point.digest, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Says what a record is about.
    func describe(_ claim: LogHistory.Claim, in record: inout RecordInfo) {
        let own = claim.lifecycle ?? RecordLifecycle()
        // What an approval is about is what it approves.
        let meant = own.proposal.flatMap { proposals[$0] } ?? own
        record.concerned = Set(meant.changes.compactMap { $0.member?.id })
        if let holder = own.token?.holder { record.concerned.insert(holder) }
        record.systems = systems(claim, meant)
        record.about = phrase(claim, own, meant, record.systems)
    }

    private func systems(_ claim: LogHistory.Claim, _ meant: RecordLifecycle) -> [String] {
        var found = meant.systems + meant.snapshots.compactMap { systemOfSnapshot[$0] }
        if let session = claim.session.flatMap({ state.sessions[$0] }), session.purpose != .maintenance {
            found.append(session.system)
        }
        if let hold = meant.hold.flatMap({ id in state.holds.first { $0.id == id } }) {
            systemOfSnapshot[hold.body.snapshot].map { found.append($0) }
        }
        return found.uniqueByBytes()
    }

    private func phrase(
        _ claim: LogHistory.Claim, _ own: RecordLifecycle, _ meant: RecordLifecycle, _ systems: [String]
    ) -> String {
        if let purpose = own.purpose {
            return join([purpose.rawValue, own.opened == 0 ? nil : snapshots(own, systems)])
        }
        if let verdict = own.verdict { return join([verdict.rawValue, snapshots(own, systems)]) }
        if let token = own.token {
            let way = token.action == .issued ? "issued to" : "returned by"
            return "\(token.device) \(token.serial) \(way) \(state.nameOfMember(token.holder))"
        }
        if !meant.changes.isEmpty {
            let words = meant.changes.prefix(Self.changesMax).map(\.description)
            return (words + (meant.changes.count > words.count ? ["…"] : [])).joined(separator: "; ")
        }
        if let order = meant.order { return join([order, snapshots(meant, systems)]) }
        return meant.snapshots.isEmpty ? systems.joined(separator: ", ") : snapshots(meant, systems)
    }

    private func join(_ parts: [String?]) -> String {
        parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
    }

    private func snapshots(_ lifecycle: RecordLifecycle, _ systems: [String]) -> String {
        let names = systems.joined(separator: ", ")
        let count = lifecycle.opened ?? lifecycle.snapshots.count
        if count == 1, let only = lifecycle.snapshots.first { return "\(names) \(only.hex.prefix(8))" }
        return count == 0 ? names : "\(count) snapshots of \(names)"
    }
}
