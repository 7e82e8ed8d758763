/// Which packs may go (`docs/FORMAT.md`, section 11.3).
///
/// 1. No pack of a live snapshot is condemned or swept.
/// 2. A pack is swept only when every session has closed that was open when it was condemned: whoever could have
///    chosen it has then said so by a snapshot, which saved it, or can say it no more.
/// 3. COMPACT changes only sets that are what they were when its segments were chosen.
extension RepositoryState {
    /// The packs in the set of a live snapshot; nil when the set of one is missing, which makes it all packs.
    public var usedPacks: PackSet? {
        var sets: [PackSet] = []
        for snapshot in snapshots where snapshot.isLive {
            guard let set = snapshot.packs else { return nil }
            sets.append(set)
        }
        return PackSet(sets)
    }

    /// The packs that a CONDEMN would condemn now, among `candidates`, or among all.
    public func condemnable(_ candidates: PackSet? = nil) -> PackSet {
        unused(candidates) { pack in
            !pack.isCondemned && !pack.isSwept && !(sessions[pack.session]?.isOpen ?? false)
        }
    }

    /// The packs that a SWEEP would sweep now, among `candidates`, or among all.
    public func sweepable(_ candidates: PackSet? = nil) -> PackSet {
        let oldest = sessions.values.lazy.filter(\.isOpen).map(\.opened).min() ?? .max
        return unused(candidates) { pack in !pack.isSwept && pack.condemned.map { $0 < oldest } ?? false }
    }

    private func unused(_ candidates: PackSet?, where isRight: (PackState) -> Bool) -> PackSet {
        guard let used = usedPacks else { return PackSet() }
        var all = PackSet()
        all.append(packs.indices)
        var right = PackSet()
        for run in (candidates ?? all).subtracting(used).runs {
            for ordinal in run.clamped(to: packs.indices) where isRight(packs[ordinal]) {
                right.append(ordinal..<ordinal + 1)
            }
        }
        return right
    }

    func unmetCondition(condemn body: PruneBody) -> UnmetCondition? {
        if let last = body.packs.last, last >= packs.count { return .packNotThere(ordinal: last) }
        return condemnable(body.packs).isEmpty ? .nothingToCondemn : nil
    }

    func unmetCondition(sweep body: PruneBody) -> UnmetCondition? {
        if let last = body.packs.last, last >= packs.count { return .packNotThere(ordinal: last) }
        return sweepable(body.packs).isEmpty ? .nothingToSweep : nil
    }

    func unmetCondition(of body: CompactBody, _ record: Record) -> UnmetCondition? {
        if let unmet = unmetSession(body.session, writer: record.writer) { return unmet }
        guard sessions[body.session]?.purpose == .maintenance else { return .notMaintenance(body.session) }
        guard body.basis < record.position else { return .basisTooHigh(body.basis) }
        return (absent(body.old) ?? absent(body.new)).map { .packNotThere(ordinal: $0) }
    }

    mutating func condemn(_ set: PackSet, at position: Int) {
        for ordinal in condemnable(set).ordinals { packs[ordinal].condemned = position }
    }

    mutating func sweep(_ set: PackSet, at time: Timestamp) {
        for ordinal in sweepable(set).ordinals { packs[ordinal].swept = time }
    }

    mutating func revive(_ set: PackSet) {
        for run in set.runs { for ordinal in run.clamped(to: packs.indices) { packs[ordinal].condemned = nil } }
    }

    mutating func compact(_ body: CompactBody, at position: Int) {
        vouch(body)
        for move in body.moves {
            for ordinal in move.old.ordinals { packs[ordinal].isReplaced = true }
            for ordinal in move.lost.ordinals { packs[ordinal].lost = position }
        }
        for k in snapshots.indices where snapshots[k].isLive && snapshots[k].since <= body.basis {
            guard var set = snapshots[k].packs else { continue }
            let replaced = body.moves.filter { $0.old.intersects(set) }
            guard !replaced.isEmpty else { continue }
            set = PackSet([set.subtracting(PackSet(replaced.map(\.old)))] + replaced.map(\.new))
            snapshots[k].packs = set
            snapshots[k].map = body.maps[snapshots[k].id]
            if replaced.contains(where: { isMending($0) }) { snapshots[k].isMended = true }
            snapshots[k].since = position
        }
        revive(body.new)
    }

    /// Whether of its new packs origins do not tell which of their segments are used.
    private func isMending(_ move: CompactBody.Move) -> Bool {
        move.old.intersects(move.new) || move.new.ordinals.contains { !packs[$0].isMoved }
    }

    /// Content stays vouched for by those who vouched for its sources. The first COMPACT that names a pack decides.
    private mutating func vouch(_ body: CompactBody) {
        var claims: [Int: Set<MemberID?>] = [:]
        for move in body.moves {
            var vouchers: Set<MemberID?> = []
            for ordinal in move.old.ordinals where !packs[ordinal].isAttested {
                vouchers.insert(packs[ordinal].vouchedBy)
            }
            for ordinal in move.new.ordinals where packs[ordinal].isMoved && !packs[ordinal].isNamed {
                claims[ordinal, default: []].formUnion(vouchers)
            }
        }
        for (ordinal, vouchers) in claims {
            packs[ordinal].isNamed = true
            if vouchers.isEmpty { packs[ordinal].isAttested = true }
            if vouchers.count == 1, let voucher = vouchers.first { packs[ordinal].vouchedBy = voucher }
        }
    }
}
