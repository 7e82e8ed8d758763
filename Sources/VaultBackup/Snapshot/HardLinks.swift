internal import Synchronization

/// Which names belong to one file. A group is named by the path of its first member in the order of the snapshot, so it
/// is known only when the walk is over: directories with such names wait for that.
final class HardLinks: Sendable {
    /// What tells two files apart on one machine.
    struct Key: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
    }

    private let firstPaths = Mutex<[Key: [UInt8]]>([:])
    private let contents = Mutex<[Key: FreshEntry]>([:])

    /// Notes a name of a file.
    func note(_ key: Key, path: @autoclosure () -> [UInt8]) {
        let path = path()
        firstPaths.withLock { paths in
            if let known = paths[key], !Self.isBefore(path, known) { return }
            paths[key] = path
        }
    }

    /// Path of the first name noted.
    func firstPath(_ key: Key) -> [UInt8]? { firstPaths.withLock { $0[key] } }

    /// What was read under another name of the file.
    func content(_ key: Key) -> FreshEntry? { contents.withLock { $0[key] } }

    /// Keeps what was read, for the other names of the file.
    func keep(_ entry: FreshEntry, for key: Key) { contents.withLock { $0[key] = entry } }

    /// Order of the snapshot: depth first, names by bytes. The separator comes before every other byte.
    static func isBefore(_ l: [UInt8], _ r: [UInt8]) -> Bool {
        l.lexicographicallyPrecedes(r) { a, b in
            (a == 0x2f ? 0 : a) < (b == 0x2f ? 0 : b)
        }
    }
}
