extension PruneRun {
    /// Packs whose used segments go into one moved pack.
    struct Bin {
        var plan: MovedPackPlan
        /// The packs that it replaces, and their length.
        var old = PackSet()
        var length = 0
    }

    /// Moved packs that are being filled at once.
    private static let binsOpenMax = 8

    /// Shares the used segments out among moved packs. Packs that different members vouch for are never mixed.
    func fill(_ survey: Survey) throws -> [Bin] {
        let isNamed = try namer(survey.state)
        var open: [Group: [Bin]] = [:]
        var full: [Bin] = []
        var idle: [(Group, Candidate)] = []
        for candidate in survey.chosen {
            try cancellation.check()
            let pack = survey.state.packs[candidate.ordinal]
            let group = Group(pack)
            if survey.usage.usedCount(candidate.ordinal) == 0 {
                idle.append((group, candidate))
                continue
            }
            guard let source = try source(candidate.ordinal, pack) else { continue }
            let places = source.directory.segments.indices.filter {
                survey.usage.isUsed(candidate.ordinal, segment: $0)
            }.map { ($0, survey.kept(source.directory, $0)) }
            var bins = open[group] ?? []
            if bins.indices.first(where: { bins[$0].add(source, places) }) == nil {
                var bin = Bin(plan: MovedPackPlan(pack.pack.packClass, isNamed: isNamed))
                guard bin.add(source, places) else { continue }
                if bins.count == Self.binsOpenMax { full.append(bins.removeFirst()) }
                bins.append(bin)
            }
            open[group] = bins
        }
        // Nothing of them is used, yet the set of a snapshot has them: they go with others.
        for (group, candidate) in idle { open[group]?[0].replace(candidate.ordinal, candidate.length) }
        // What would not become smaller stays.
        return (full + open.sorted { $0.key < $1.key }.flatMap(\.value)).filter {
            PackLayout.padme($0.plan.length) < $0.length
        }
    }

    /// Says of a pack whether the set of a snapshot names it, so that origins in it must be kept.
    func namer(_ state: RepositoryState) throws -> @Sendable (Digest) -> Bool {
        let named = PackSet(try state.snapshots.flatMap { try sets(of: $0, state) })
        let ordinals = state.ordinals
        return { ordinals[$0].map { named.contains($0) } ?? false }
    }

    /// A pack to move segments from; nil, and a warning, when it is damaged.
    func source(_ ordinal: Int, _ pack: PackState) throws -> MoveSource? {
        report.requests.reads += 3
        do {
            let parts = try access.packs.parts(of: pack.description)
            return MoveSource(
                ordinal: ordinal, pack: pack.description, header: parts.header, directory: parts.directory)
        } catch let error as VaultError where error.code == .damaged {
            try noteDamage(of: ordinal, error)
            return nil
        }
    }

    /// The packs of a snapshot as it is now and as its record has it, unless it can never be recalled.
    private func sets(of snapshot: SnapshotState, _ state: RepositoryState) throws -> [PackSet] {
        guard let current = snapshot.packs else { return [] }
        if !snapshot.isLive, state.absent(current) != nil { return [] }
        return [current] + (try PackUsage.recordedSet(snapshot, state, store).map { [$0] } ?? [])
    }
}

extension PruneRun.Bin {
    /// Adds the used segments of a pack; false, with nothing changed, when they do not all fit.
    fileprivate mutating func add(_ source: MoveSource, _ places: [(place: Int, chunks: [Int]?)]) -> Bool {
        var plan = plan
        for (place, chunks) in places {
            guard plan.add(source, place: place, keeping: chunks) else { return false }
        }
        self.plan = plan
        replace(source.ordinal, source.pack.length)
        return true
    }

    fileprivate mutating func replace(_ ordinal: Int, _ length: Int) {
        old = old.union(PackSet([ordinal]))
        self.length += length
    }
}

extension PruneRun.Survey {
    /// How many hundredths of a segment must be used for it to be moved as it is.
    static let denseShare = 90

    /// The chunks that are kept of a used segment, by their numbers in its directory; nil when it is moved as it is.
    func kept(_ directory: PackDirectory, _ segment: Int) -> [Int]? {
        guard let chunks else { return nil }
        var used = chunks.used(directory, segment)
        // A map may say more than is so; the segment stays, so that the map can be followed.
        if used.isEmpty, let first = directory.segments[segment].chunks.first { used = [first] }
        let kept = used.reduce(0) { $0 + directory.chunks[$1].length }
        let total = directory.rawLength(of: directory.segments[segment])
        return kept * 100 < total * Self.denseShare ? used : nil
    }
}

/// Packs that may share a moved pack.
private struct Group: Hashable, Comparable {
    private let packClass: PackClass
    private let isAttested: Bool
    private let voucher: MemberID?

    init(_ pack: PackState) {
        packClass = pack.pack.packClass
        isAttested = pack.isAttested
        voucher = pack.isAttested ? nil : pack.vouchedBy
    }

    private var order: (UInt8, Int, String) { (packClass.rawValue, isAttested ? 1 : 0, voucher?.hex ?? "") }

    static func < (l: Group, r: Group) -> Bool { l.order < r.order }
}
