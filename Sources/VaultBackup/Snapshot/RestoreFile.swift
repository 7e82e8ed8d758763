/// A file on its way to the target: made by the worker that brings its first piece, finished by the one that brings the last.
final class RestoreFile: Sendable {
    let directory: RestoreTarget.Directory
    let entry: TreeEntry
    /// How many pieces of content it has.
    let pieceCount: Int
    /// Whether it ends in a hole, or has no piece at all.
    let needsLength: Bool

    private struct State {
        var file: OpenFile?
        var left: Int
        var damage: String?
    }

    private let state: Monitor<State>

    init(directory: RestoreTarget.Directory, entry: TreeEntry, pieceCount: Int, needsLength: Bool) {
        self.directory = directory
        self.entry = entry
        self.pieceCount = pieceCount
        self.needsLength = needsLength
        state = Monitor(State(left: pieceCount))
    }

    var path: [UInt8] { directory.path(of: entry.name) }

    /// The open file, made by `create` when it is not there yet.
    func file(create: () throws -> OpenFile) throws -> OpenFile {
        try state.withLock { state in
            if let file = state.file { return file }
            let file = try create()
            state.file = file
            return file
        }
    }

    /// Notes that pieces are done or lost; when they were the last, returns what is open, and why the file is damaged.
    func finish(pieces: Int, damage: String? = nil) -> (file: OpenFile?, damage: String?)? {
        state.withLock { state in
            state.left -= pieces
            if state.damage == nil { state.damage = damage }
            guard state.left == 0 else { return nil }
            defer { state.file = nil }
            return (state.file, state.damage)
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
}
