/// A window of a restore: files, and their pieces in the order in which they lie in packs. Each segment is decoded once
/// a window.
struct RestoreWindow: Sendable {
    var files: [RestoreFile] = []
    var pieces: [RestorePiece] = []
    /// Entries that are made without content: links, devices, fifos, sockets.
    var specials: [RestoreSpecial] = []
    /// Files of the window that are there already and have to be looked at, with their pieces.
    var inspections: [RestoreInspection] = []

    /// Pieces after which the window is closed, and files.
    let piecesMax: Int
    static let filesMax = 1 << 16

    init(_ options: RestoreOptions) { piecesMax = options.windowPiecesMax }

    var isFull: Bool { pieces.count >= piecesMax || files.count + specials.count >= Self.filesMax }
    var isEmpty: Bool { files.isEmpty && specials.isEmpty }

    /// Takes away the pieces that the inspections have found to be there already.
    mutating func drop(_ outcomes: [RestoreInspection.Outcome]) {
        guard !inspections.isEmpty else { return }
        var isWanted = [Bool](repeating: true, count: self.pieces.count)
        for (inspection, outcome) in zip(inspections, outcomes) {
            guard let pieces = inspection.pieces else { continue }
            switch outcome {
            case .right: for index in pieces { isWanted[index] = false }
            case .patch(let wanted, _, _, _):
                for index in pieces { isWanted[index] = wanted.contains(index - pieces.lowerBound) }
            case .replace: break
            }
        }
        self.pieces = zip(self.pieces, isWanted).filter { $1 }.map { $0.0 }
    }

    /// Puts the pieces in pack order and returns the ranges of those in one segment.
    mutating func sortedGroups() -> [Range<Int>] {
        pieces.sort {
            ($0.ordinal, $0.segment, $0.offset, $0.file, $0.fileOffset) < (
                $1.ordinal, $1.segment, $1.offset, $1.file, $1.fileOffset
            )
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

/// An entry that is made without content.
struct RestoreSpecial: Sendable {
    var directory: RestoreTarget.Directory
    var entry: TreeEntry
    var decision: RestoreDecision
}

/// A file of a window that is there already.
struct RestoreInspection: Sendable {
    var file: Int
    /// Its pieces in the window; nil for a long file, of which the window has none yet.
    var pieces: Range<Int>?

    /// What a look at it has shown.
    enum Outcome: Sendable {
        /// Its content is right.
        case right
        /// Only these pieces are wrong, by their index in the file, or none but the length is.
        case patch(RangeSet<Int>, byteCount: Int, device: UInt64, inode: UInt64)
        /// It has to be made anew.
        case replace
    }
}
