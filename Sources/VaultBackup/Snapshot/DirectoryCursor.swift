/// Goes through the entries of a directory by name, opening nodes only when something in them is asked for. One thread.
final class DirectoryCursor {
    /// What comes next.
    enum Head {
        /// A node that is not opened yet; level and last name are nil for the top node.
        case node(DirectoryNode.Child?, id: ChunkID, level: Int?)
        case entry(TreeEntry)
    }

    private let chunks: ChunkReader
    private let invalid: (FormatError) -> Void
    /// What is left; the next is the last.
    private var left: [Head]
    /// The last name gone past: what comes must come after it.
    private var passed: [UInt8]?

    /// A cursor at the start of the directory `node`, or at the end of nothing when there is none.
    ///
    /// - Parameter invalid: gets entries that the format does not allow; they are left out.
    init(_ node: ChunkID?, _ chunks: ChunkReader, invalid: @escaping (FormatError) -> Void) {
        self.chunks = chunks
        self.invalid = invalid
        left = node.map { [.node(nil, id: $0, level: nil)] } ?? []
    }

    /// What comes next; nil at the end.
    var head: Head? { left.last }

    /// Goes past what comes next.
    func skip() {
        switch left.removeLast() {
        case .entry(let entry): passed = entry.name
        case .node(let child, _, _): passed = child?.lastName ?? passed
        }
    }

    /// The next entry; nil at the end.
    /// - Throws: ``VaultError`` `.damaged` when a node cannot be read.
    func next() throws -> TreeEntry? {
        while let head = left.last {
            if case .entry(let entry) = head {
                skip()
                return entry
            }
            try open()
        }
        return nil
    }

    /// Opens the node that comes next. - Precondition: it is one.
    /// - Throws: ``VaultError`` `.damaged`; then the cursor has gone past it.
    func open() throws {
        guard case .node(let child, let id, let level)? = left.popLast() else {
            preconditionFailure("no node comes next")
        }
        let node: DirectoryNode
        do { node = try DirectoryNode(decoding: try chunks.chunk(id, .directoryNode)) } catch let error as FormatError {
            throw VaultError(.damaged, "Directory node \(id) is not valid", cause: error)
        }
        switch node {
        case .leaf(let entries):
            guard level == nil || level == 0 else { throw Self.wrongLevel(id) }
            let names = entries.map { try? $0.get().name }
            try check(
                first: names.lazy.compactMap { $0 }.first, last: entries.isEmpty ? [] : names.last ?? nil, child, id)
            for entry in entries.reversed() {
                switch entry {
                case .success(let entry): left.append(.entry(entry))
                case .failure(let error): invalid(error)
                }
            }
        case .inner(let own, let children):
            guard level == nil || level == own else { throw Self.wrongLevel(id) }
            try check(first: children.first?.lastName, last: children.last?.lastName, child, id)
            for child in children.reversed() { left.append(.node(child, id: child.id, level: own - 1)) }
        }
    }

    /// A node must hold what the node above says: so no name comes twice, and a node that stands in several places of one
    /// directory, with which a hostile tree could multiply, is opened once.
    private func check(first: [UInt8]?, last: [UInt8]?, _ child: DirectoryNode.Child?, _ id: ChunkID) throws {
        guard let child else { return }
        let isAfter = first.flatMap { first in passed.map { $0.lexicographicallyPrecedes(first) } } ?? true
        guard isAfter, last == nil || last == child.lastName else {
            passed = child.lastName
            throw VaultError(.damaged, "Directory node \(id) has other names than the node above it says")
        }
    }

    private static func wrongLevel(_ id: ChunkID) -> VaultError {
        VaultError(.damaged, "Node \(id) stands on another level than its own")
    }

    /// Goes through two directories side by side and visits each name once, with the entry of either or of both. Nodes
    /// that both have are passed over without being read.
    static func merge(
        _ l: DirectoryCursor, _ r: DirectoryCursor, _ visit: (TreeEntry?, TreeEntry?) throws -> Void
    ) throws {
        while true {
            switch (l.head, r.head) {
            case (nil, nil): return
            case (.node(let left, let leftID, let leftLevel), .node(let right, let rightID, let rightLevel)):
                if leftID == rightID {
                    l.skip()
                    r.skip()
                } else if let left, let right, let leftLevel, let rightLevel, leftLevel == rightLevel {
                    // The node that ends first is opened first: after it, the other may be found on both sides.
                    if right.lastName.lexicographicallyPrecedes(left.lastName) { try r.open() } else { try l.open() }
                } else if (leftLevel ?? Limits.nodeLevelsMax) >= (rightLevel ?? Limits.nodeLevelsMax) {
                    try l.open()
                } else {
                    try r.open()
                }
            case (.node, _): try l.open()
            case (_, .node): try r.open()
            case (.entry(let left), .entry(let right)):
                if left.name == right.name {
                    l.skip()
                    r.skip()
                    try visit(left, right)
                } else if left.name.lexicographicallyPrecedes(right.name) {
                    l.skip()
                    try visit(left, nil)
                } else {
                    r.skip()
                    try visit(nil, right)
                }
            case (.entry(let left), nil):
                l.skip()
                try visit(left, nil)
            case (nil, .entry(let right)):
                r.skip()
                try visit(nil, right)
            }
        }
    }
}
