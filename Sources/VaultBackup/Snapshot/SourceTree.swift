/// The paths to back up, as a tree from `/` that leads to them.
struct SourceTree: Sendable {
    /// A name on the way to a source, or a source.
    final class Node: Sendable {
        /// Everything below belongs to the snapshot.
        let isSource: Bool
        let children: [[UInt8]: Node]

        init(isSource: Bool, children: [[UInt8]: Node]) {
            self.isSource = isSource
            self.children = children
        }
    }

    /// The node for `/`.
    let root: Node
    /// The sources, absolute and without links in their folders.
    let paths: [[UInt8]]

    /// Makes the tree of `paths`.
    ///
    /// A relative path counts from the working directory. Links in the folders of a path are followed, the last name is
    /// not: a source that is a link is stored as a link.
    /// - Throws: ``VaultError`` `.usage` for a path that does not exist, naming it.
    init(_ paths: [[UInt8]]) throws {
        guard !paths.isEmpty else {
            throw VaultError(.usage, "No path to back up was given", nextStep: "Name a file or a directory")
        }
        self.paths = try paths.map(Self.absolute)
        root = Self.node(self.paths.map { $0.split(separator: 0x2f).map { Array($0) } }[...])
    }

    /// A tree without sources, for snapshots of streams.
    init() {
        paths = []
        root = Node(isSource: false, children: [:])
    }

    /// Whether a name in the top directory is a source, leads to one, or is below one.
    func holds(_ name: [UInt8]) -> Bool {
        root.children[name] != nil || root.isSource && (try? FileStatus.read([0x2f] + name)) != nil
    }

    private static func node(_ paths: ArraySlice<[[UInt8]]>) -> Node {
        if paths.contains(where: \.isEmpty) { return Node(isSource: true, children: [:]) }
        var children: [[UInt8]: [[[UInt8]]]] = [:]
        for path in paths { children[path[0], default: []].append(Array(path.dropFirst())) }
        return Node(isSource: false, children: children.mapValues { node($0[...]) })
    }

    private static func absolute(_ path: [UInt8]) throws -> [UInt8] {
        do {
            let trimmed =
                path.last == 0x2f && path.count > 1 ? Array(path.reversed().drop { $0 == 0x2f }.reversed()) : path
            let name = trimmed.split(separator: 0x2f).last.map { Array($0) } ?? []
            // What ends in a dot, or in a slash, means the directory itself: all of it is resolved.
            if name.isEmpty || name == [0x2e] || name == [0x2e, 0x2e] || path.last == 0x2f {
                return try PathBytes.resolved(path)
            }
            let folder = Array(trimmed.dropLast(name.count))
            let parent = try PathBytes.resolved(folder.isEmpty ? [0x2e] : folder)
            let full = (parent == [0x2f] ? parent : parent + [0x2f]) + name
            _ = try FileStatus.read(full)
            return full
        } catch {
            let isWrong = error.isWrongPath
            throw VaultError(
                isWrong ? .usage : .failed, "The path \(PathText.readable(path)) cannot be backed up",
                nextStep: isWrong ? "Check that it exists" : "Check the disk it is on, then run the same command again",
                cause: error)
        }
    }
}
