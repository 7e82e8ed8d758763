/// A moved pack in the making. Several threads make its segments, a stretch each, in any order; here they are joined in
/// that of the plan.
///
/// 1. A segment is sealed for the place that it has in the plan, and no other can take that place.
/// 2. Who brings the last stretch is told so, and nobody else.
/// 3. A pack of which a stretch was given up is not finished.
final class MovedPackAssembly: Sendable {
    /// What belongs to the session in which the pack is stored.
    struct Session: Sendable {
        let id: SessionID
        let epoch: Int
    }

    /// Stored bytes of the segments of a stretch, one after another.
    struct Part: Sendable {
        let buffer: RawBuffer
        let lengths: [Int]
    }

    private struct Joined {
        var waiting: [Int: Part] = [:]
        var next = 0
        var left: Int
        var directory = PackDirectory()
        var damaged: [(ordinal: Int, error: VaultError)] = []
    }

    let plan: MovedPackPlan
    let stretches: [MovedPackPlan.Stretch]
    /// Seals what is sealed anew; nil when nothing is.
    let key: PackKey?
    private let session: Session
    private let stanzaCount: Int
    private let header: [UInt8]
    /// The pack; belongs to ``joined``.
    let buffer: RawBuffer
    private let joined: Monitor<Joined>

    /// - Parameter reading: draws the key for what is sealed anew; may only be nil when nothing is to be.
    /// - Parameter buffer: empty, with room for a full pack.
    init(
        _ plan: MovedPackPlan, readsWhole: Bool, _ repository: RepositoryID, _ session: Session, _ reading: ReadAccess?,
        buffer: RawBuffer
    ) throws {
        self.plan = plan
        self.session = session
        self.buffer = buffer
        stretches = plan.stretches(readsWhole: readsWhole)
        var stanzas = plan.stanzas
        var own: PackKey?
        if plan.isThinned, let reading {
            let made = try SegmentThinner.makeKey(reading, plan.packClass, epoch: session.epoch, group: plan.group)
            own = made.key
            stanzas.append(made.stanza)
        }
        key = own
        stanzaCount = stanzas.count
        header = PackHeader(
            repository: repository, session: session.id, kind: .moved, packClass: plan.packClass, stanzas: stanzas
        ).encode()
        buffer.append(header)
        joined = Monitor(Joined(left: stretches.count))
    }

    /// Sources that were found to be damaged.
    var damaged: [(ordinal: Int, error: VaultError)] { joined.withLock { $0.damaged } }

    /// Takes what was made of a stretch.
    /// - Returns: whether it was the last one, and the buffers that are not needed any more.
    func add(_ part: Part, at number: Int) -> (isLast: Bool, free: [RawBuffer]) {
        joined.withLock { joined in
            joined.waiting[number] = part
            joined.left -= 1
            var free: [RawBuffer] = []
            while let part = joined.waiting.removeValue(forKey: joined.next) {
                join(part, stretches[joined.next], &joined.directory)
                joined.next += 1
                free.append(part.buffer)
            }
            return (joined.left == 0, free)
        }
    }

    /// Gives a stretch up, whose source is damaged if there is an error; true when it was the last one.
    func giveUp(_ number: Int, _ error: VaultError? = nil) -> Bool {
        joined.withLock { joined in
            let ordinal = stretches[number].source.ordinal
            if let error, !joined.damaged.contains(where: { $0.ordinal == ordinal }) {
                joined.damaged.append((ordinal, error))
            }
            joined.left -= 1
            return joined.left == 0
        }
    }

    private func join(_ part: Part, _ stretch: MovedPackPlan.Stretch, _ directory: inout PackDirectory) {
        var offset = buffer.count
        buffer.append(part.buffer.used)
        for (move, length) in zip(plan.moves[stretch.moves], part.lengths) {
            if let chunks = move.chunks {
                directory.note(
                    move.source.directory, chunks, stanza: stanzaCount - 1, offset: offset, length: length)
            } else {
                directory.note(move.source.directory, move.place, stanza: move.stanza, offset: offset)
            }
            offset += length
        }
    }

    /// Ends the pack. - Precondition: every stretch was taken.
    func finish(_ repository: RepositoryID, indexKey: SecretBytes) throws -> FinishedPack {
        var directory = joined.withLock { joined in
            precondition(joined.next == stretches.count, "a part of the pack is missing")
            return joined.directory
        }
        directory.sources = plan.names.sorted()
        let places = Dictionary(uniqueKeysWithValues: directory.sources.enumerated().map { ($1, $0) })
        directory.origins = plan.moves.map { move in
            move.origins.map { PackDirectory.Origin(source: places[$0.name] ?? 0, place: $0.place) }
                .sorted { $0.source < $1.source }
        }
        return try buffer.finishPack(
            directory, headerDigest: SHA256.digest(header), packClass: plan.packClass, epoch: session.epoch,
            indexKey: indexKey, repository: repository, isFull: false)
    }
}

extension MovedPackPlan {
    /// The dedup group of what is sealed anew: the highest of its sources.
    fileprivate var group: Int {
        moves.filter { $0.chunks != nil }.map { move in
            move.source.header.stanzas[move.source.directory.segments[move.place].stanza].group
        }.max() ?? 1
    }
}
