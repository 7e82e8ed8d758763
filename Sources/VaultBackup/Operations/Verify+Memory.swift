/// Which packs a verification reads, in which order, and what it remembers of them.
extension Verify {
    /// The packs to read: those never found right first, then those longest ago.
    ///
    /// With keys what counts is when a pack was last decrypted: by this client, or in a drill that stands in the log.
    /// Such a drill says nothing about the bytes of a copy.
    static func due(
        _ present: [Int], _ request: VerifyRequest, _ repository: Repository, _ memory: VerifyMemory, withKeys: Bool
    ) -> [Int] {
        let state = repository.state
        let now = repository.clock.now()
        let known = present.map { ordinal in
            (ordinal: ordinal, time: lastTime(of: ordinal, state, repository.copy != nil, now, memory, withKeys))
        }
        var due = known
        if let ageMax = request.ageMaxSeconds {
            due = known.filter { item in
                item.time.map { now.milliseconds - $0.milliseconds > Int64(ageMax) * 1_000 } ?? true
            }
        }
        return due.sorted { l, r in
            (l.time?.milliseconds ?? -1, l.ordinal) < (r.time?.milliseconds ?? -1, r.ordinal)
        }.map(\.ordinal)
    }

    private static func lastTime(
        of ordinal: Int, _ state: RepositoryState, _ isCopy: Bool, _ now: Timestamp, _ memory: VerifyMemory,
        _ withKeys: Bool
    ) -> Timestamp? {
        let pack = state.packs[ordinal]
        let own = memory.times(of: pack.pack.name)
        guard withKeys else { return own.hashed }
        let drill = isCopy ? nil : pack.provenBy.map { state.drills[$0].body.started }.flatMap { $0 > now ? nil : $0 }
        return [own.decrypted, drill].compactMap { $0 }.max()
    }
}

/// How long ago the stored bytes of a repository were read, as far as this client remembers.
public struct HashAge: Sendable, Equatable {
    /// When the pack that was checked longest ago was checked, of those that were; nil when none was.
    public var oldest: Timestamp?
    /// The same with keys.
    public var oldestDecrypted: Timestamp?
    /// Packs that were never checked by their hash.
    public var neverPacks = 0
    /// Their bytes.
    public var neverBytes = 0
    /// Since when the one of them is there that is there for longest; nil when there is none.
    public var oldestNever: Timestamp?
    /// All packs that are to be there.
    public var packs = 0

    /// Since when each pack was read, or is there: so long ago is the last look at all of them. Nil when none was ever
    /// read.
    var allReadSince: Timestamp? { oldest.map { min($0, oldestNever ?? $0) } }

    init(_ repository: Repository) {
        let memory = repository.verifyMemory
        for pack in repository.state.packs where !pack.isSwept {
            packs += 1
            let times = memory.times(of: pack.pack.name)
            if let hashed = times.hashed {
                oldest = min(oldest ?? hashed, hashed)
            } else {
                neverPacks += 1
                neverBytes += pack.pack.length
                oldestNever = min(oldestNever ?? pack.time, pack.time)
            }
            if let decrypted = times.decrypted { oldestDecrypted = min(oldestDecrypted ?? decrypted, decrypted) }
        }
    }
}
