/// A tree on disk that a test made, with what a test needs to change it.
public struct TestTree: Sendable {
    /// Path of the top directory.
    public let root: [UInt8]
    /// Paths of all directories, the top one first.
    public internal(set) var directories: [[UInt8]]
    /// Paths of regular files that have one name only.
    public internal(set) var files: [[UInt8]] = []
    var nextNumber = 0

    /// The path as text; only for a root that is UTF-8.
    public var path: String { String(decoding: root, as: UTF8.self) }
}

/// Small deterministic generator (SplitMix64); a test prints its seed.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts from a seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Bytes that cannot be compressed.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var word: UInt64 = 0
            for k in 0..<count {
                if k & 7 == 0 { word = next() }
                buffer[k] = UInt8(truncatingIfNeeded: word)
                word >>= 8
            }
            filled = count
        }
    }

    /// Bytes that look like text.
    public mutating func text(_ count: Int) -> [UInt8] {
        let words = ["backup", "of", "the", "land register", "parcel", "1907", "\n", "signed", "annex"].map {
            Array(($0 + " ").utf8)
        }
        var result: [UInt8] = []
        result.reserveCapacity(count + 16)
        while result.count < count { result += words[Int(next() % UInt64(words.count))] }
        return Array(result.prefix(count))
    }

    /// A number below `bound`.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// Builds trees from a seed: every kind of entry, odd names, holes, links, attributes, modes and times.
public struct TreeBuilder {
    private var random: SeededGenerator
    /// About how many regular files to make.
    public var fileCount = 60
    /// Size of the largest files, in bytes; a few files have it.
    public var largeBytes = 700_000
    /// Whether to make devices and foreign owners; possible for root only.
    public var hasSpecials = isRoot

    /// A builder whose trees follow from `seed`.
    public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private static let oddNames: [[UInt8]] = [
        Array("line\nbreak".utf8), [0xff, 0xfe, 0x80], Array(" leading".utf8), Array("-n".utf8), Array("é".utf8),
        [0x65, 0xcc, 0x81], Array("tab\tand \u{1b}[31m".utf8), Array("*?[a]".utf8),
        [UInt8](repeating: 0x78, count: 255),
        Array("back\\slash".utf8), [0xc3], Array("~".utf8), Array("x.tmp".utf8),
    ]

    /// Makes the tree in a new directory.
    public mutating func build(at path: [UInt8]) throws -> TestTree {
        var tree = TestTree(root: path, directories: [path])
        try FileCalls.makeDirectory(path)
        for _ in 0..<max(2, fileCount / 8) {
            let directory = newPath(&tree)
            try FileCalls.makeDirectory(directory)
            tree.directories.append(directory)
        }
        for number in 0..<fileCount { try makeFile(number, &tree) }
        try makeOthers(&tree)
        // From the innermost outwards: what is made in a directory changes its time.
        for directory in tree.directories.reversed() { try dress(directory) }
        return tree
    }

    private mutating func newPath(_ tree: inout TestTree) -> [UInt8] {
        let directory = tree.directories[random.below(tree.directories.count)]
        tree.nextNumber += 1
        let number = tree.nextNumber
        if number % 4 == 0, number / 4 <= Self.oddNames.count {
            return directory + [0x2f] + Self.oddNames[number / 4 - 1]
        }
        return directory + Array("/entry-\(number)".utf8)
    }

    private mutating func makeFile(_ number: Int, _ tree: inout TestTree) throws {
        let path = newPath(&tree)
        switch number % 10 {
        case 0: try FileCalls.write(path, [], size: 0)
        case 1 where number < 40: try FileCalls.write(path, [(0, random.bytes(largeBytes))], size: largeBytes)
        case 2: try makeSparse(path)
        case 3:
            let text = random.text(random.below(200_000) + 1)
            try FileCalls.write(path, [(0, text)], size: text.count)
        default:
            let content = random.bytes(random.below(6000) + 1)
            try FileCalls.write(path, [(0, content)], size: content.count)
        }
        try dress(path)
        tree.files.append(path)
    }

    private mutating func makeSparse(_ path: [UInt8]) throws {
        switch random.below(3) {
        case 0: try FileCalls.write(path, [], size: 5 << 20)
        case 1:
            try FileCalls.write(path, [(1 << 20, random.bytes(5000)), (3 << 20, random.text(70_000))], size: 4 << 20)
        default:
            try FileCalls.write(path, [(0, random.bytes(10)), (2 << 20, random.bytes(4096))], size: (2 << 20) + 4096)
        }
    }

    private mutating func makeOthers(_ tree: inout TestTree) throws {
        for target in ["entry-1", "/etc/hostname", "../no such file", String(repeating: "d/", count: 1500)] {
            let path = newPath(&tree)
            try FileCalls.makeSymbolicLink(path, to: Array(target.utf8))
            try FileCalls.setTime(path, seconds: random.below(2_000_000_000), nanoseconds: random.below(1_000_000_000))
        }
        for _ in 0..<2 {
            let existing = tree.files.remove(at: random.below(tree.files.count))
            for _ in 0..<2 { try FileCalls.makeLink(newPath(&tree), to: existing) }
        }
        try FileCalls.makeFifo(newPath(&tree))
        if hasSpecials { try FileCalls.makeDevice(newPath(&tree)) }
    }

    /// Gives an entry attributes, owner, mode and time, in the order in which they do not undo each other.
    private mutating func dress(_ path: [UInt8]) throws {
        if random.below(3) == 0 {
            try FileCalls.setAttribute(path, "user.note", random.bytes(random.below(40)))
            if random.below(3) == 0 { try FileCalls.setAttribute(path, "user.long", random.bytes(2000)) }
        }
        if hasSpecials, random.below(4) == 0 {
            try FileCalls.setOwner(path, UInt32(random.below(5000)), UInt32(random.below(5000)))
        }
        // The owner may always read and search, so that the test can run as any user.
        try FileCalls.setMode(path, UInt32(random.below(0o1000)) | 0o700 | (random.below(8) == 0 ? 0o1000 : 0))
        try FileCalls.setTime(
            path, seconds: random.below(2_000_000_000) - 1000, nanoseconds: random.below(1_000_000_000))
    }
}
