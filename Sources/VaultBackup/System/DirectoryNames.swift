internal import CLinux
internal import Glibc

/// The names in one directory, in the order of their bytes.
///
/// All names share one array and each takes eight bytes more, so that a directory of millions of names can be held; the
/// status of its entries, which is ten times as large, is read a window at a time (``DirectoryListing``).
struct DirectoryNames: Sendable {
    /// All names, each followed by a NUL, so that a system call can take them from here.
    let bytes: [UInt8]
    /// For each name where it begins in `bytes`, times 2¹⁶, and how many bytes it has.
    private let places: [UInt64]

    private init(bytes: [UInt8], places: [UInt64]) {
        self.bytes = bytes
        self.places = places
    }

    /// These names; each at most 65,535 bytes.
    init(_ names: [[UInt8]]) {
        var bytes: [UInt8] = []
        var places: [UInt64] = []
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            places.append(Self.place(bytes.count, name.count))
            bytes += name
            bytes.append(0)
        }
        self.init(bytes: bytes, places: places)
    }

    /// Number of names.
    var count: Int { places.count }

    /// Where the name at `index` is in ``bytes``, without its NUL.
    func range(_ index: Int) -> Range<Int> {
        let start = Int(places[index] >> 16)
        return start..<start + Int(places[index] & 0xffff)
    }

    /// The name at `index`.
    subscript(index: Int) -> [UInt8] { Array(bytes[range(index)]) }

    /// Place of a name; nil when there is none.
    func index(of name: [UInt8]) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            let candidate = bytes[range(middle)]
            if candidate.elementsEqual(name) { return middle }
            if candidate.lexicographicallyPrecedes(name) { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Whether the name at `index` ends with `suffix`, which is not all of it.
    func hasSuffix(_ suffix: [UInt8], _ index: Int) -> Bool {
        let range = range(index)
        return range.count > suffix.count && bytes[range.upperBound - suffix.count..<range.upperBound] == suffix[...]
    }

    // MARK: Reading

    // What sorting needs: most comparisons are decided by the first eight bytes, without going to the names.
    private struct Key {
        let prefix: UInt64
        let place: UInt64
    }

    private static func place(_ offset: Int, _ byteCount: Int) -> UInt64 { UInt64(offset) << 16 | UInt64(byteCount) }

    private static let blockByteCount = 64 << 10
    // struct linux_dirent64: u64 inode, i64 offset, u16 record length, u8 type, name with NUL.
    private static let lengthOffset = 16
    private static let nameOffset = 19

    /// Reads the names in `directory` from its start; `.` and `..` are left out.
    static func read(_ directory: OpenFile) throws(SystemError) -> DirectoryNames {
        var names: [UInt8] = []
        var keys = try readKeys(directory, into: &names)
        sort(&keys, names)
        return DirectoryNames(bytes: names, places: keys.map(\.place))
    }

    private static func readKeys(_ directory: OpenFile, into names: inout [UInt8]) throws(SystemError) -> [Key] {
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
        keys.append(Key(prefix: prefix, place: place(names.count, byteCount)))
        names.append(contentsOf: UnsafeRawBufferPointer(rebasing: field[0..<byteCount]))
        names.append(0)
    }

    private static func sort(_ keys: inout [Key], _ names: [UInt8]) {
        names.withUnsafeBufferPointer { names in
            guard let base = names.baseAddress else { return }
            keys.sort { l, r in
                if l.prefix != r.prefix { return l.prefix < r.prefix }
                let (lCount, rCount) = (Int(l.place & 0xffff), Int(r.place & 0xffff))
                let order = memcmp(base + Int(l.place >> 16), base + Int(r.place >> 16), min(lCount, rCount))
                return order != 0 ? order < 0 : lCount < rCount
            }
        }
    }
}
