internal import CLinux
internal import Glibc

/// The entries of one directory with their status, in the order of the bytes of their names.
///
/// All names share one array, because one array per name would cost more time than the system calls.
struct DirectoryListing: Sendable {
    /// One entry. Its name is in ``DirectoryListing/names``.
    struct Entry: Sendable {
        let nameOffset: Int
        let nameByteCount: Int
        /// Nil when it could not be learned; then `statusErrno` says why (`ENOENT`: it vanished meanwhile).
        let status: FileStatus?
        let statusErrno: Int32
    }

    /// All names, each followed by a NUL, so that a system call can take them from here.
    let names: [UInt8]
    /// Sorted by name; `.` and `..` are left out.
    let entries: [Entry]

    /// Lists `directory` from its start and reads the status of each entry, without following links.
    static func read(_ directory: OpenFile) throws(SystemError) -> DirectoryListing {
        var names: [UInt8] = []
        var keys = try readNames(directory, into: &names)
        sort(&keys, names)
        let entries = readStatus(directory, keys, names)
        return DirectoryListing(names: names, entries: entries)
    }

    /// A listing of the given names only, which are in order; `virtual` names, which come with them, are not on disk
    /// and get the status of an empty file that belongs to this process.
    static func read(_ directory: OpenFile, only names: [[UInt8]], virtual: [[UInt8]]) -> DirectoryListing {
        var arena: [UInt8] = []
        var entries: [Entry] = []
        for name in (names + virtual).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let offset = arena.count
            arena += name + [0]
            var status: FileStatus?
            var number: Int32 = 0
            if virtual.contains(name) {
                status = .ofStream()
            } else {
                do { status = try FileStatus.read(at: directory, name) } catch { number = error.errno }
            }
            entries.append(
                Entry(nameOffset: offset, nameByteCount: name.count, status: status, statusErrno: number))
        }
        return DirectoryListing(names: arena, entries: entries)
    }

    /// The bytes of an entry's name.
    func name(of entry: Entry) -> [UInt8] { Array(names[entry.nameOffset..<entry.nameOffset + entry.nameByteCount]) }

    /// Place of a name in ``entries``; nil when there is none.
    func index(of name: [UInt8]) -> Int? {
        var low = 0
        var high = entries.count
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

    // What sorting needs: most comparisons are decided by the first eight bytes, without going to the names.
    private struct Key {
        let prefix: UInt64
        let offset: Int
        let byteCount: Int
    }

    private static let blockByteCount = 64 << 10
    // struct linux_dirent64: u64 inode, i64 offset, u16 record length, u8 type, name with NUL.
    private static let lengthOffset = 16
    private static let nameOffset = 19

    private static func readNames(_ directory: OpenFile, into names: inout [UInt8]) throws(SystemError) -> [Key] {
        var keys: [Key] = []
        try directory.seek(to: 0)
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockByteCount, alignment: 8)
        defer { block.deallocate() }
        while true {
            let count = try SystemCall.run("getdents") {
                vault_getdents64(directory.fd, block.baseAddress, block.count)
            }
            if count == 0 { return keys }
            var record = 0
            while record + nameOffset < count {
                let length = Int(block.loadUnaligned(fromByteOffset: record + lengthOffset, as: UInt16.self))
                guard length > nameOffset, record + length <= count else {
                    throw SystemError(errno: EIO, operation: "getdents")
                }
                append(UnsafeRawBufferPointer(rebasing: block[record + nameOffset..<record + length]), &names, &keys)
                record += length
            }
        }
    }

    @inline(__always)
    private static func append(_ field: UnsafeRawBufferPointer, _ names: inout [UInt8], _ keys: inout [Key]) {
        var prefix: UInt64 = 0
        var byteCount = 0
        while byteCount < field.count, field[byteCount] != 0 {
            if byteCount < 8 { prefix |= UInt64(field[byteCount]) << UInt64(56 - 8 * byteCount) }
            byteCount += 1
        }
        if field[0] == 0x2e, byteCount == 1 || (byteCount == 2 && field[1] == 0x2e) { return }
        keys.append(Key(prefix: prefix, offset: names.count, byteCount: byteCount))
        names.append(contentsOf: UnsafeRawBufferPointer(rebasing: field[0..<byteCount]))
        names.append(0)
    }

    private static func sort(_ keys: inout [Key], _ names: [UInt8]) {
        names.withUnsafeBufferPointer { names in
            guard let base = names.baseAddress else { return }
            keys.sort { l, r in
                if l.prefix != r.prefix { return l.prefix < r.prefix }
                let order = memcmp(base + l.offset, base + r.offset, min(l.byteCount, r.byteCount))
                return order != 0 ? order < 0 : l.byteCount < r.byteCount
            }
        }
    }

    private static func readStatus(_ directory: OpenFile, _ keys: [Key], _ names: [UInt8]) -> [Entry] {
        let fd = directory.fd
        return names.withUnsafeBytes { names in
            guard let start = names.baseAddress else { return [] }
            return keys.map { key in
                var raw = stat()
                var number: Int32 = 0
                let name = (start + key.offset).assumingMemoryBound(to: CChar.self)
                while fstatat(fd, name, &raw, AT_SYMLINK_NOFOLLOW) != 0 {
                    number = errno
                    if number != EINTR { break }
                    number = 0
                }
                return Entry(
                    nameOffset: key.offset, nameByteCount: key.byteCount,
                    status: number == 0 ? FileStatus(raw) : nil, statusErrno: number)
            }
        }
    }
}
