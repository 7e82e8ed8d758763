/// A window of a restore: files, and their pieces in the order in which they lie in packs. Each segment is decoded once a window.
struct RestoreWindow: Sendable {
    var files: [RestoreFile] = []
    var pieces: [RestorePiece] = []
    /// Entries that are made without content: links, devices, fifos, sockets.
    var specials: [(directory: RestoreTarget.Directory, entry: TreeEntry)] = []

    /// Pieces and files after which a window is closed: what bounds the memory of a restore.
    static let piecesMax = 1 << 18
    static let filesMax = 1 << 16

    var isFull: Bool { pieces.count >= Self.piecesMax || files.count + specials.count >= Self.filesMax }
    var isEmpty: Bool { files.isEmpty && specials.isEmpty }

    /// Puts the pieces in pack order and returns the ranges of those in one segment.
    mutating func sortedGroups() -> [Range<Int>] {
        pieces.sort {
            ($0.ordinal, $0.segment, $0.offset, $0.file, $0.fileOffset) < ($1.ordinal, $1.segment, $1.offset, $1.file, $1.fileOffset)
        }
        var groups: [Range<Int>] = []
        var start = 0
        for index in pieces.indices where index > start {
            if pieces[index].segment != pieces[start].segment || pieces[index].ordinal != pieces[start].ordinal {
                groups.append(start..<index)
                start = index
            }
        }
        if start < pieces.count { groups.append(start..<pieces.count) }
        return groups
    }
}

/// Walks a snapshot, makes the directories, and hands out windows of files.
final class RestorePlanner {
    private let reader: SnapshotReader
    private let tree: TreeReader
    private let target: RestoreTarget
    private let problems: ProblemNotes
    private let cancellation: Cancellation
    private var openDirectories: OpenDirectoryCache
    private var window = RestoreWindow()
    /// First member of each hard-link group, and the others, which are linked when all content is there.
    private var firstOfGroup: [[UInt8]: (directory: RestoreTarget.Directory, entry: TreeEntry)] = [:]
    private(set) var links: [(directory: RestoreTarget.Directory, entry: TreeEntry, first: (directory: RestoreTarget.Directory, entry: TreeEntry))] = []
    /// All directories, each after the one it is in.
    private(set) var directories: [RestoreTarget.Directory] = []
    private(set) var entryCount = 0
    private(set) var byteCount = 0

    init(
        _ reader: SnapshotReader, _ target: RestoreTarget, problems: ProblemNotes, cancellation: Cancellation
    ) {
        self.reader = reader
        tree = TreeReader(reader.chunks())
        self.target = target
        self.problems = problems
        self.cancellation = cancellation
        openDirectories = OpenDirectoryCache(target)
    }

    /// Plans what is at `path`: a directory's content goes into the target, anything else becomes an entry of the target.
    func plan(_ path: [UInt8], execute: (RestoreWindow) throws -> Void) throws {
        let top: RestoreTarget.Directory
        var node = reader.snapshot.body.node
        if path.isEmpty {
            top = RestoreTarget.Directory(path: [], entry: target.isNew ? try rootEntry() : nil)
        } else {
            let entry = try tree.entry(at: path, below: node)
            guard let child = entry.child else {
                try add(.success(entry), in: RestoreTarget.Directory(path: [], entry: nil))
                return try execute(window)
            }
            node = child.node
            top = RestoreTarget.Directory(path: [], entry: target.isNew ? entry : nil)
        }
        directories.append(top)
        // Depth first without recursion: a hostile tree may be deep.
        var open = [(directory: top, node: node)]
        while let next = open.popLast() {
            try cancellation.check()
            var children: [(directory: RestoreTarget.Directory, node: ChunkID)] = []
            do {
                try tree.entries(next.node) { result in
                    if let child = try add(result, in: next.directory) { children.append(child) }
                    if window.isFull { try flush(execute) }
                }
            } catch let error as VaultError where error.code == .damaged {
                problems.add(next.directory.path, error.message)
            }
            open += children.reversed()
        }
        try flush(execute)
    }

    private func flush(_ execute: (RestoreWindow) throws -> Void) throws {
        guard !window.isEmpty else { return }
        let full = window
        window = RestoreWindow()
        try execute(full)
    }

    private func rootEntry() throws -> TreeEntry? {
        do { return try reader.privatePart(reader.chunks()).root } catch let error as VaultError {
            problems.add([], error.message)
            return nil
        }
    }

    /// Plans an entry; returns the directory to go into, if it is one.
    @discardableResult
    private func add(
        _ result: Result<TreeEntry, FormatError>, in directory: RestoreTarget.Directory
    ) throws -> (directory: RestoreTarget.Directory, node: ChunkID)? {
        let entry: TreeEntry
        do { entry = try result.get() } catch {
            problems.add(directory.path, "an entry is not valid and was left out: \(error)")
            return nil
        }
        entryCount += 1
        if entry.incomplete == .unreadable, entry.kind != .directory {
            problems.add(directory.path(of: entry.name), "is not in the backup: it could not be read")
            return nil
        }
        if entry.kind == .directory { return try makeDirectory(entry, in: directory) }
        if let group = entry.hardLinkGroup {
            if let first = firstOfGroup[group], Self.isSame(first.entry, entry) {
                links.append((directory, entry, first))
                return nil
            }
            firstOfGroup[group] = (directory, entry)
        }
        if entry.kind == .file { try plan(file: entry, in: directory) } else { window.specials.append((directory, entry)) }
        return nil
    }

    /// Whether two members of a group are what a hard link makes of them. Nothing but a hostile or damaged tree says otherwise;
    /// then each is restored as what it is.
    private static func isSame(_ a: TreeEntry, _ b: TreeEntry) -> Bool {
        a.kind == b.kind && a.digest == b.digest && a.size == b.size && a.extents == b.extents && a.extentList == b.extentList
            && a.linkTarget == b.linkTarget && a.device?.major == b.device?.major && a.device?.minor == b.device?.minor
    }

    private func makeDirectory(
        _ entry: TreeEntry, in parent: RestoreTarget.Directory
    ) throws -> (directory: RestoreTarget.Directory, node: ChunkID)? {
        let directory = RestoreTarget.Directory(path: parent.path(of: entry.name), entry: entry)
        do {
            try DirectoryEntries.makeDirectory(at: try openDirectories.open(parent), entry.name, mode: 0o700)
        } catch let error as SystemError {
            try error.throwIfFatal()
            problems.add(directory.path, "cannot be made: \(error.reason)")
            return nil
        }
        directories.append(directory)
        if entry.incomplete == .unreadable { problems.add(directory.path, "is not in the backup: it could not be listed") }
        return entry.child.map { (directory, $0.node) }
    }

    private func plan(file entry: TreeEntry, in directory: RestoreTarget.Directory) throws {
        var pieces: [RestorePiece] = []
        var offset = 0
        var endsInHole = true
        let number = Int32(window.files.count)
        do {
            try tree.extents(of: entry) { extent in
                switch extent {
                case .hole(let length):
                    endsInHole = true
                    offset = try Self.sum(offset, length)
                case .chunk(let id, let length):
                    endsInHole = false
                    guard let location = reader.locate(id), location.length == length else {
                        throw VaultError(.damaged, "chunk \(id) is in no pack of the repository")
                    }
                    pieces.append(
                        RestorePiece(
                            id: id, ordinal: Int32(location.ordinal), segment: Int32(location.segment),
                            offset: Int32(location.offset), length: Int32(length), file: number, fileOffset: offset))
                    offset = try Self.sum(offset, length)
                case .run: throw VaultError(.damaged, "a run was not resolved")
                }
                guard offset <= entry.size else { throw VaultError(.damaged, "its extents are longer than the file") }
            }
            guard offset == entry.size else { throw VaultError(.damaged, "its extents are shorter than the file") }
        } catch let error as VaultError where error.code == .damaged {
            problems.add(directory.path(of: entry.name), "cannot be restored: \(error.message)")
            return
        }
        // Only a count for the user: one false size must not keep the files after it from being restored.
        byteCount = (try? Self.sum(byteCount, entry.size)) ?? .max
        window.files.append(
            RestoreFile(directory: directory, entry: entry, pieceCount: pieces.count, needsLength: endsInHole))
        window.pieces += pieces
    }

    /// The sum of two lengths; what a hostile tree claims may be more than a number can hold.
    private static func sum(_ a: Int, _ b: Int) throws -> Int {
        let (sum, isOverflow) = a.addingReportingOverflow(b)
        guard !isOverflow else { throw VaultError(.damaged, "its lengths add up to more than any file can have") }
        return sum
    }
}

extension SystemError {
    /// Errors after which going on makes no sense: no space, no such device, read-only.
    func throwIfFatal() throws {
        if isFatalForWriting {
            throw VaultError(
                .failed, "The target cannot be written", nextStep: "Free space or choose another target, and restore again",
                cause: self)
        }
    }
}
