/// How a file gets to its name.
enum RestorePlacement: Sendable, Equatable {
    /// Nothing has the name: it is made under it.
    case create
    /// It is made without a name and takes the place of what is there when it is complete.
    case replace
    /// The file with this inode is there, and some pieces of it are written.
    case patch(device: UInt64, inode: UInt64)
}

/// What has to be written of a file.
enum RestoreNeed: Sendable {
    /// All of it.
    case all
    /// Only these pieces, by their index in the file.
    case pieces(RangeSet<Int>)
    /// Nothing: it is there with the right content.
    case nothing

    /// Whether the piece with this index has to be written.
    func includes(_ index: Int) -> Bool {
        switch self {
        case .all: true
        case .pieces(let wanted): wanted.contains(index)
        case .nothing: false
        }
    }
}

/// A file on its way to the target: made by the worker that brings its first piece, finished by the one that brings the
/// last.
final class RestoreFile: Sendable {
    let directory: RestoreTarget.Directory
    let entry: TreeEntry
    /// Whether it ends in a hole, or has no piece at all.
    let needsLength: Bool
    /// Bytes that lie in holes, which no piece brings.
    let holeBytes: Int
    /// Whether it is kept for the next backup if it becomes what the entry says.
    let isKept: Bool

    /// The file as it is being written.
    struct Open {
        var file: OpenFile
        /// The name it has meanwhile, where the file system knows no files without a name.
        var temporaryName: [UInt8]?
    }

    private struct State {
        var open: Open?
        var left: Int
        var damage: String?
        var placement: RestorePlacement
        var need = RestoreNeed.all
        /// Ids of all chunks and list nodes of its content, 20 bytes each, if it is kept.
        var ids: [UInt8]
        /// What was written, if it is kept.
        var written = WrittenContent()
    }

    private let state: Monitor<State>

    /// - Parameter ids: those of all chunks and list nodes of its content, 20 bytes each, for the next backup; nil when
    ///   nobody asks.
    init(
        directory: RestoreTarget.Directory, entry: TreeEntry, pieceCount: Int, holeBytes: Int, needsLength: Bool,
        placement: RestorePlacement, ids: [UInt8]? = nil
    ) {
        isKept = ids != nil
        self.directory = directory
        self.entry = entry
        self.needsLength = needsLength
        self.holeBytes = holeBytes
        state = Monitor(State(left: pieceCount, placement: placement, ids: ids ?? []))
    }

    var path: [UInt8] { directory.path(of: entry.name) }

    /// Whether it may get further names. Its flags then come after those: an immutable file gets no name any more.
    var isLinked: Bool { entry.hardLinkGroup != nil }

    /// How it gets to its name.
    var placement: RestorePlacement { state.withLock { $0.placement } }

    /// What has to be written of it.
    var need: RestoreNeed { state.withLock { $0.need } }

    /// Sets what a look at the existing file has shown: only these pieces of it are wrong.
    func expect(_ placement: RestorePlacement, _ wanted: RangeSet<Int>) {
        state.withLock { state in
            state.placement = placement
            state.need = .pieces(wanted)
            state.left = wanted.ranges.reduce(0) { $0 + $1.count }
        }
    }

    /// Notes that it is there with the right content.
    func markRight() { state.withLock { $0.need = .nothing } }

    /// Whether it has to be made although no piece of it is written.
    var isWithoutPieces: Bool {
        state.withLock { state in
            if case .nothing = state.need { return false }
            return state.left == 0
        }
    }

    /// The open file, made by `create` when it is not there yet.
    func file(create: (RestorePlacement) throws -> Open) throws -> OpenFile {
        try state.withLock { state in
            if let open = state.open { return open.file }
            let open = try create(state.placement)
            state.open = open
            return open.file
        }
    }

    /// Notes the digests of pieces that were written.
    func note(_ pieces: ArraySlice<RestorePiece>, _ digests: [Digest]) {
        guard isKept else { return }
        state.withLock { state in
            for (piece, digest) in zip(pieces, digests) {
                state.written.add(at: piece.fileOffset, byteCount: Int(piece.length), digest)
            }
        }
    }

    /// Notes that all pieces that come later lie behind those that have come: a window of a long file is done.
    func settle() { if isKept { state.withLock { $0.written.settle() } } }

    /// Whether what was written is, with holes between, all of the content that the digest of the entry is of.
    var isExact: Bool { state.withLock { $0.written }.digest(byteCount: entry.size) == entry.digest }

    /// The ids for the next backup, which are then no longer here.
    func takeIDs() -> [UInt8] {
        state.withLock { state in
            defer { state.ids = [] }
            return state.ids
        }
    }

    /// Notes that pieces are done or lost; when they were the last, returns what is open, and why the file is damaged.
    func finish(pieces: Int, damage: String? = nil) -> (open: Open?, damage: String?)? {
        state.withLock { state in
            state.left -= pieces
            if state.damage == nil { state.damage = damage }
            guard state.left <= 0 else { return nil }
            defer { state.open = nil }
            return (state.open, state.damage)
        }
    }
}

/// A piece of content: where it lies, and where it goes.
struct RestorePiece: Sendable {
    var id: ChunkID
    var ordinal: Int32
    var segment: Int32
    var offset: Int32
    var length: Int32
    var file: Int32
    var fileOffset: Int

    /// Whether `next` goes on where this one ends, in the segment as in the file.
    func isFollowed(by next: RestorePiece) -> Bool {
        next.file == file && next.offset == offset + length && next.fileOffset == fileOffset + Int(length)
    }
}
