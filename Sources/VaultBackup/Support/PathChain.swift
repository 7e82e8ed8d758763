/// The names from a root to a place in a tree, innermost first. Places in one directory share those above them, so a
/// walk needs no path for each; deep trees would make those quadratic.
final class PathChain: Sendable {
    let name: [UInt8]
    /// Names up to and with this one.
    let depth: Int
    /// Length of the names joined by `/`, in bytes.
    fileprivate let pathByteCount: Int
    // Unsafe by its word only: written in init and in deinit, where nobody else has the object.
    nonisolated(unsafe) private var above: PathChain?

    /// A place below another; nil is the root.
    init(_ parent: PathChain?, _ name: [UInt8]) {
        above = parent
        self.name = name
        depth = (parent?.depth ?? 0) + 1
        pathByteCount = name.count + (parent.map { $0.pathByteCount + 1 } ?? 0)
    }

    /// The place it is in; nil for one in the root.
    var parent: PathChain? { above }

    /// The chain of a path; leading and repeated slashes do not matter. Nil for the root.
    static func of(_ path: some Collection<UInt8>) -> PathChain? {
        path.split(separator: 0x2f).reduce(nil) { PathChain($0, Array($1)) }
    }

    // One after the other: releasing a deep chain at once would nest as deep.
    deinit {
        DeepChain.release(&above) { link in
            defer { link.above = nil }
            return link.above
        }
    }
}

extension PathChain? {
    /// The names joined by `/`, without one in front; empty for the root.
    var path: [UInt8] {
        guard let last = self else { return [] }
        return [UInt8](unsafeUninitializedCapacity: last.pathByteCount) { buffer, count in
            count = last.pathByteCount
            var end = count
            var place = self
            while let current = place {
                end -= current.name.count
                for (index, byte) in current.name.enumerated() { buffer[end + index] = byte }
                if end > 0 {
                    end -= 1
                    buffer[end] = 0x2f
                }
                place = current.parent
            }
        }
    }
}
