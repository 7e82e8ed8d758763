/// Judges a repository without any secret: log, snapshots, packs, and whether it is the one that was there before.
///
/// 1. Nothing is taken from a cache: every record is read and verified.
/// 2. What was not checked is no pass: it is a finding of its own.
/// 3. Only what vouches for the first record from outside counts as an anchor; having looked once does not.
/// 4. Order and authority come from positions. Times are claims: they age evidence and warn, and decide nothing else.
public struct Audit {
    let request: AuditRequest
    let store: any ObjectStore
    let client: Client
    let history: LogHistory
    var report: AuditReport

    var reader: LogReader { LogReader(store: store) }
    var state: RepositoryState { history.state }

    private static let findingsOfAKindMax = 100

    /// Audits what is in `store`.
    ///
    /// - Parameter location: the place that was named; where it is that of a copy, the copy is judged as one.
    /// - Returns: the report. Damage, forks and what is not proven are in it, not thrown.
    /// - Throws: ``VaultError`` when there is nothing to judge: no repository, a first record that is none, a store
    ///   that cannot be read, or a trust file of another repository (`.wrongIdentity`).
    public static func run(
        _ request: AuditRequest, _ store: any ObjectStore, at location: [UInt8]? = nil, client: Client,
        events: any EventSink = SilentEventSink(), cancellation: Cancellation = Cancellation()
    ) throws -> (report: AuditReport, history: LogHistory) {
        var request = request
        if let location { request.copy = try client.copy(in: store, at: location) }
        let history = try LogReader(store: store).history()
        var audit = Audit(
            request: request, store: store, client: client, history: history,
            report: AuditReport(history, time: client.clock.now()))
        try audit.judgeAnchor()
        audit.judgeRecords()
        audit.judgeClocks()
        audit.noteAdministration()
        try audit.judgeCheckpoints()
        try audit.judgePrevious()
        let snapshots = try audit.selection()
        try audit.judgePacks(of: snapshots, events: events, cancellation)
        audit.judgeFreshness(of: snapshots)
        audit.rememberHead()
        return (audit.report, history)
    }

    // MARK: Anchor and pins

    private mutating func judgeAnchor() throws {
        let pin = request.isBundle ? nil : try client.pins(of: state.repository, request.copy).load()
        if let trust = request.trust {
            if let id = trust.repository, id != state.repository {
                throw VaultError(
                    .wrongIdentity,
                    "The trust file is of the repository \(id.hex.prefix(8)), at \(store.location) is "
                        + "\(state.repository.hex.prefix(8))",
                    nextStep: "Check the path and the trust file")
            }
            judge(anchor: trust.anchor, of: "the trust file", .trustFile)
            if let head = trust.head { try judge(point: head, of: "the trust file") }
        } else if let anchor = client.anchor(of: state.repository) {
            judge(anchor: anchor, of: "an identity of this user", .identity)
        }
        if let pin {
            if pin.lineage != state.lineage {
                report.find(.forked, "log", "Its lineage is \(state.lineage), this client has seen \(pin.lineage)")
            } else {
                try judge(point: pin.point, of: "this client")
                if !pin.isFirstUse, report.anchorSource == .none { report.anchorSource = .pin }
            }
        }
        try judgeCopy()
        if report.anchorSource == .none, request.trust == nil {
            report.find(
                .notProven, "anchor",
                "Not anchored: nothing but the repository itself vouches for it, so it may be another one, or an older "
                    + "state; give --trust FILE or the page of a recovery kit")
        } else if report.pinned?.position ?? 0 == 0, request.checkpoints.isEmpty, request.previous == nil {
            report.notices.append(
                "No later record than the first is known from elsewhere, so an older state of the log would not be "
                    + "noticed; keep a checkpoint or 'vault log pin --export' from now on")
        }
    }

    /// What this client has seen of the repository itself binds a copy as far as the copy goes.
    private mutating func judgeCopy() throws {
        guard let copy = request.copy, let pin = try client.pins(of: state.repository, nil).load() else { return }
        guard pin.point.position >= history.size else { return try judge(point: pin.point, of: "this client") }
        report.notices.append(
            "This is the copy '\(PathText.readable(Array(copy.name.utf8)))': it ends at record "
                + "\(report.head.position), and this client has seen record \(pin.point.position) of the repository")
    }

    private mutating func judge(anchor: Digest, of source: String, _ kind: AuditReport.AnchorSource) {
        guard anchor != state.anchor else { return report.anchorSource = kind }
        report.find(
            .forked, "record 0", "The repository begins with \(state.anchor), but \(source) names \(anchor)")
    }

    /// Looks for a record that somebody has seen.
    private mutating func judge(point: LogPoint, of source: String) throws {
        let known = "\(source) has seen record \(point.position)"
        guard let stored = try reader.record(point.position) else {
            // With later records it is not a shorter log but a damaged one, which is found elsewhere.
            guard (history.unjudged.last ?? history.size - 1) < point.position else { return }
            if let copy = request.copy {
                return report.find(
                    .notProven, "copy '\(PathText.readable(Array(copy.name.utf8)))'",
                    "It ends at record \(report.head.position), but \(known): bring it up to date and audit it again")
            }
            return report.find(
                .rolledBack, "log", "It ends at record \(report.head.position), but \(known)")
        }
        guard SHA256.digest(stored) != point.digest else {
            if point.position >= report.pinned?.position ?? 0 { report.pinned = point }
            return
        }
        let signed = try? SignedRecord(decoding: stored)
        if signed.map({ reader.isGenuine($0, at: point.position, in: state) }) ?? false {
            report.find(
                .forked, "record \(point.position)", "It is another record than the one that \(source) has seen")
        } else {
            report.find(.damaged, "record \(point.position)", "Its bytes are not those that \(source) has seen")
        }
    }

    /// Moves this client's pin up, but only to what was anchored and found in order.
    private func rememberHead() {
        guard !request.isBundle, report.anchorSource != .none, report.verdict <= .notProven else { return }
        try? client.pins(of: state.repository, request.copy).advance(to: state)
    }

    // MARK: Records

    private mutating func judgeRecords() {
        for entry in history.entries {
            if case .void = entry.effect { report.recordsVoid += 1 } else { report.recordsCounted += 1 }
        }
        let firstDamage = state.irregularities.filter(\.kind.isDamage).map(\.position).min()
        var later = 0
        for item in state.irregularities {
            let object = "record \(item.position)"
            switch item.kind {
            case .withoutEffect: report.notices.append("Record \(item.position) has no effect: \(item.reason)")
            case .unknownKind:
                report.find(.notProven, object, "A newer program is needed to judge it: \(item.reason)")
            case .void where item.position > firstDamage ?? Int.max: later += 1
            case .alteredRecord where (try? reader.isSigned(item.position, in: state)) == true:
                report.find(
                    .forked, object,
                    "It is signed, but so is the one after it, which was signed for another in its place")
            default:
                report.find(.damaged, object, item.reason.first.map { $0.uppercased() + item.reason.dropFirst() } ?? "")
            }
            if report.findings.count > Self.findingsOfAKindMax {
                report.find(.damaged, "log", "There are more such records")
                break
            }
        }
        if later > 0 {
            report.find(.damaged, "log", "\(later) records count as void because of the damage before them")
        }
        if !history.unjudged.isEmpty {
            report.find(
                .damaged, "log", "\(history.unjudged.count) records behind the missing one cannot be judged")
        }
    }

    // MARK: Snapshots

    private mutating func selection() throws -> [SnapshotState] {
        var chosen = state.liveSnapshots
        if let text = request.snapshot { chosen = [try Snapshots.find(text, in: state)] }
        chosen = chosen.filter { $0.isOf(request.system) }
        if chosen.isEmpty {
            let which = request.system.map { "no snapshot of the system '\($0)'" } ?? "no snapshot"
            report.find(.notProven, "snapshots", "Nothing was checked: there is \(which)")
        }
        return chosen
    }
}
