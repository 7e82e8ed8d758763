/// One copying at work: compares the two logs, then brings over what is missing, in stretches of the log.
final class CopyRun {
    let request: CopyRequest
    let source: Repository
    let target: any ObjectStore
    private let events: any EventSink
    private let cancellation: Cancellation
    /// What the log of the source said when the stretch that is under way was begun.
    private(set) var state: RepositoryState
    private let mover: ObjectMover
    /// Ordinals of the packs that each record commits.
    private var committed: [Int: [Int]] = [:]
    /// Objects besides packs that snapshots and drills need.
    private var needed: Set<Digest> = []

    // Packs of one stretch: after each, the copy is a whole older repository.
    private static let stretchBytes = 256 << 20
    // The source may be pruned while it is copied; each time the log says so, the copying goes on to its new end.
    private static let roundsMax = 10

    init(
        _ request: CopyRequest, _ source: Repository, _ target: any ObjectStore, _ events: any EventSink,
        _ cancellation: Cancellation
    ) {
        self.request = request
        self.source = source
        self.target = target
        self.events = events
        self.cancellation = cancellation
        state = source.log.state
        mover = ObjectMover(from: source.store, to: target)
    }

    /// - Parameter first: a position up to which the logs need not be compared record by record, since they were.
    func run(from first: Int, _ report: inout CopyReport) throws {
        for _ in 0..<Self.roundsMax {
            state = try source.log.refresh()
            committed = Dictionary(grouping: state.packs.indices) { [state] in state.packs[$0].position }
            needed = Set(state.liveSnapshots.compactMap(\.map) + state.drills.map(\.body.evidence))
            let end = try lastSound(&report)
            // Not even the first record is right: there is nothing that could be copied.
            guard end >= 0 else { return }
            var todo = try compare(from: request.verifiesAll ? 0 : min(first, end), to: end, &report)
            let missing = Set(todo)
            let there = state.packs.indices.filter {
                state.packs[$0].position <= end && !missing.contains(state.packs[$0].position)
            }
            let vanished = try copyPacks(of: there, &report)
            if request.verifiesAll { try copyOthers(ofRecordsTo: end, without: missing, &report) }
            var hasVanished = vanished
            while !todo.isEmpty { hasVanished = try copyStretch(&todo, &report) || hasVanished }
            report.head = end
            // A pack that went while it was to be copied is no damage once the record that lets it go is there too.
            guard hasVanished, try source.log.refresh().head > end else {
                if end == state.head { try removeSwept(&report) }
                return
            }
        }
        throw VaultError(
            .failed, "The repository at \(source.store.location) is pruned faster than it can be copied",
            nextStep: "Run the command again when the pruning has ended")
    }

    // MARK: Log

    /// The last position up to which the log of the source is as its members signed it.
    private func lastSound(_ report: inout CopyReport) throws -> Int {
        guard let first = state.irregularities.filter(\.kind.isDamage).min(by: { $0.position < $1.position }) else {
            return state.head
        }
        report.note(
            "Record \(first.position) of the repository is damaged, so it and later ones were not copied: \(first.reason)"
        )
        return first.position - 1
    }

    /// Compares the records that both have; returns the positions that are missing in the copy, ascending.
    private func compare(from first: Int, to end: Int, _ report: inout CopyReport) throws -> [Int] {
        let name = report.copy.name
        // A log that is damaged ends early, and the copy may hold what it has lost.
        let isSound = !state.irregularities.contains(where: \.kind.isDamage)
        if isSound, try target.get(.record(state.head + 1)) != nil { throw ahead(name) }
        var missing: [Int] = []
        for position in stride(from: first, through: end, by: 1) {
            try cancellation.check()
            guard let there = try target.get(.record(position)) else {
                missing.append(position)
                continue
            }
            guard let here = try source.store.get(.record(position)), here != there else { continue }
            let reader = source.log.reader
            if reader.isSigned(there, at: position, in: state) {
                guard reader.isSigned(here, at: position, in: state) else {
                    throw VaultError(
                        .damaged,
                        "Record \(position) of the repository is damaged, and the copy has it as it was signed: nothing "
                            + "was written",
                        nextStep: "Put it back with 'vault repair --from DIR --apply', then copy again")
                }
                throw VaultError(
                    .rolledBack,
                    "Record \(position) of the copy '\(PathText.readable(Array(name.utf8)))' is another one than the "
                        + "repository's, and both are signed: nothing was written",
                    nextStep: "One of them was written to after they had parted, or rolled back; compare both with "
                        + "'vault log show', and copy the right one to an empty directory")
            }
            try target.delete(.record(position))
            report.healed.append(ObjectName.record(position).text)
            missing.append(position)
        }
        return missing
    }

    private func ahead(_ name: String) -> VaultError {
        VaultError(
            .rolledBack,
            "The copy '\(PathText.readable(Array(name.utf8)))' goes on where the repository at \(source.store.location) "
                + "ends, with record \(state.head + 1): nothing was written",
            nextStep: "The repository was rolled back, or the copy was written to; compare both with 'vault log show'")
    }

    /// Copies a stretch of the log: first what its records name, then the records. True when a pack has vanished.
    private func copyStretch(_ todo: inout [Int], _ report: inout CopyReport) throws -> Bool {
        var records: [(position: Int, stored: [UInt8])] = []
        var packs: [Int] = []
        var bytes = 0
        var reachesEnd = false
        var taken = 0
        while taken < todo.count, taken == 0 || bytes < Self.stretchBytes || reachesEnd {
            let own = committed[todo[taken]] ?? []
            // Before the record that lets it go, a pack that is gone would be missing: no stop in between.
            if own.contains(where: { state.packs[$0].isSwept }) { reachesEnd = true }
            packs += own
            bytes += own.reduce(0) { $0 + state.packs[$1].pack.length }
            taken += 1
        }
        let stretch = Array(todo.prefix(taken))
        todo.removeFirst(taken)
        let hasVanished = try copyPacks(of: packs, &report)
        for position in stretch {
            guard let stored = try source.store.get(.record(position)) else {
                throw VaultError(
                    .damaged, "Record \(position) of the repository is gone", nextStep: "Run 'vault verify'")
            }
            records.append((position, stored))
            try copyOthers(of: stored, &report)
        }
        try requireChain(records)
        for (position, stored) in records {
            try cancellation.check()
            _ = try target.put(.record(position), stored)
            report.records += 1
            report.head = position
        }
        return hasVanished
    }

    /// What is read now must be what was replayed: each record names the one before it, and the head is known.
    private func requireChain(_ records: [(position: Int, stored: [UInt8])]) throws {
        for (place, record) in records.enumerated() {
            let digest = SHA256.digest(record.stored)
            let wanted: Digest?
            if record.position == state.head {
                wanted = state.headDigest
            } else {
                let isNext = place + 1 < records.count && records[place + 1].position == record.position + 1
                let next =
                    isNext ? records[place + 1].stored : try source.store.get(.record(record.position + 1))
                wanted = next.flatMap { try? SignedRecord(decoding: $0) }?.record.previous
            }
            guard let wanted, wanted != digest else { continue }
            throw VaultError(
                .damaged, "Record \(record.position) of the repository is not the one that the record after it names",
                nextStep: "Run 'vault verify' on the repository; the copy was not changed by it")
        }
    }

    // MARK: Objects

    /// Copies what is missing of these packs; true when one has vanished since, which the log may explain later.
    private func copyPacks(of ordinals: [Int], _ report: inout CopyReport) throws -> Bool {
        let wanted = ordinals.filter { !state.packs[$0].isSwept }
        let outcome = try mover.movePacks(
            wanted.map { state.packs[$0].pack }, verifiesAll: request.verifiesAll, workers: request.workers,
            events: events, cancellation)
        report.packs += outcome.copied
        report.bytes += outcome.bytes
        report.packsPresent += outcome.present
        report.packsVerified += outcome.verified
        report.healed += outcome.healed
        guard !outcome.failed.isEmpty else { return false }
        let now = try source.log.refresh()
        var hasVanished = false
        for (name, reason) in outcome.failed {
            if let ordinal = now.ordinals[name], now.packs[ordinal].isSwept {
                hasVanished = true
            } else {
                report.note(reason)
            }
        }
        return hasVanished
    }

    private func copyOthers(ofRecordsTo end: Int, without missing: Set<Int>, _ report: inout CopyReport) throws {
        for position in 0...end where !missing.contains(position) {
            try cancellation.check()
            if let stored = try source.store.get(.record(position)) { try copyOthers(of: stored, &report) }
        }
    }

    private func copyOthers(of stored: [UInt8], _ report: inout CopyReport) throws {
        guard let subjects = (try? SignedRecord(decoding: stored))?.subjects else { return }
        for subject in subjects {
            guard let name = ObjectName(subject.name), let digest = name.contentDigest,
                !subject.name.hasPrefix("packs/")
            else { continue }
            switch try mover.moveOther(name, digest) {
            case .present, .verified: break
            case .copied: report.others += 1
            case .healed:
                report.others += 1
                report.healed.append(name.text)
            case .absent: if needed.contains(digest) { report.note("\(name) is missing in the repository") }
            case .damaged: report.note("\(name) is damaged in the repository, so it was not copied")
            }
        }
    }

    /// Removes what the log lets go, now that the copy has that log too.
    private func removeSwept(_ report: inout CopyReport) throws {
        for pack in state.packs where pack.isSwept {
            let name = ObjectName.content(.packs, pack.pack.name)
            guard try target.size(name) != nil else { continue }
            try target.delete(name)
            report.removed += 1
        }
    }
}

extension CopyReport {
    private static let findingsMax = 1_000

    fileprivate mutating func note(_ sentence: String) {
        if findings.count < Self.findingsMax, !findings.contains(sentence) { findings.append(sentence) }
    }
}
