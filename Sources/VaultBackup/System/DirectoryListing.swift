internal import CLinux
internal import Glibc

/// Entries of one directory with their status, in the order of the bytes of their names: all of them, or a window of a
/// large directory.
struct DirectoryListing: Sendable {
    /// One entry. Its name is in ``DirectoryListing/names``.
    struct Entry: Sendable {
        let nameOffset: Int
        let nameByteCount: Int
        /// Nil when it could not be learned; then `statusErrno` says why (`ENOENT`: it vanished meanwhile).
        let status: FileStatus?
        let statusErrno: Int32
    }

    /// The names of the whole directory, each followed by a NUL.
    let names: [UInt8]
    /// Sorted by name; `.` and `..` are left out.
    let entries: [Entry]

    /// Lists `directory` from its start and reads the status of each entry, without following links.
    static func read(_ directory: OpenFile) throws(SystemError) -> DirectoryListing {
        let names = try DirectoryNames.read(directory)
        return read(names, 0..<names.count, in: directory)
    }

    /// Reads the status of some entries of `directory`, without following links. `virtual` names are not on disk and
    /// get the status of an empty file that belongs to this process.
    static func read(
        _ names: DirectoryNames, _ window: Range<Int>, in directory: OpenFile, virtual: [[UInt8]] = []
    ) -> DirectoryListing {
        let fd = directory.fd
        let entries: [Entry] = names.bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return [] }
            return window.map { index in
                let range = names.range(index)
                if !virtual.isEmpty, virtual.contains(where: { $0.elementsEqual(bytes[range]) }) {
                    return Entry(
                        nameOffset: range.lowerBound, nameByteCount: range.count, status: .ofStream(), statusErrno: 0)
                }
                var raw = stat()
                var number: Int32 = 0
                let name = (start + range.lowerBound).assumingMemoryBound(to: CChar.self)
                while fstatat(fd, name, &raw, AT_SYMLINK_NOFOLLOW) != 0 {
                    number = errno
                    if number != EINTR { break }
                    number = 0
                }
                return Entry(
                    nameOffset: range.lowerBound, nameByteCount: range.count,
                    status: number == 0 ? FileStatus(raw) : nil, statusErrno: number)
            }
        }
        return DirectoryListing(names: names.bytes, entries: entries)
    }

    /// The bytes of an entry's name.
    func name(of entry: Entry) -> [UInt8] { Array(names[entry.nameOffset..<entry.nameOffset + entry.nameByteCount]) }

    /// Place of a name in ``entries``; nil when there is none.
    func index(of name: [UInt8]) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            let entry = entries[middle]
            let candidate = names[entry.nameOffset..<entry.nameOffset + entry.nameByteCount]
            if candidate.elementsEqual(name) { return middle }
            if candidate.lexicographicallyPrecedes(name) { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// The same directory with only the entries that `isKept` names.
    func keeping(_ isKept: (Entry) -> Bool) -> DirectoryListing {
        DirectoryListing(names: names, entries: entries.filter(isKept))
    }
}
