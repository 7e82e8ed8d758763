@testable import VaultBackup

extension FuzzTarget {
    static let trees: [FuzzTarget] = [
        decoder("directory-node", seeds: { FuzzWorld.nodes }) { input in
            switch try DirectoryNode(decoding: input) {
            case .inner(let level, let children):
                var items = ByteWriter()
                for child in children { child.encode(into: &items) }
                let again = DirectoryNode.encode(level: level, count: children.count, items: items.bytes)
                try FuzzFinding.require(again == input, "encodes to other bytes")
            case .leaf(let results):
                var items = ByteWriter()
                var before: [UInt8] = []
                for case .success(let entry) in results {
                    try FuzzWorld.check(entry)
                    try FuzzFinding.require(before.lexicographicallyPrecedes(entry.name), "names out of order")
                    before = entry.name
                    items.lp32(entry.encoded())
                }
                let again = DirectoryNode.encode(level: 0, count: results.count, items: items.bytes)
                // Without refused entries and fields of later versions it is the same node.
                let isWhole = results.allSatisfy { (try? $0.get()) != nil } && again.count == input.count
                try FuzzFinding.require(!isWhole || again == input, "encodes to other bytes")
            }
        },
        decoder("tree-entry", seeds: { FuzzWorld.entries.map { $0.encoded() } }) { input in
            var reader = ByteReader(input, "fuzz")
            try FuzzWorld.check(try TreeEntry(from: &reader))
        },
        decoder("root-entry", seeds: { [FuzzWorld.rootEntry.encoded()] }) { input in
            var reader = ByteReader(input, "fuzz")
            let entry = try TreeEntry(from: &reader, isRoot: true)
            var again = ByteReader(entry.encoded(), "fuzz")
            try FuzzFinding.require(
                try TreeEntry(from: &again, isRoot: true).encoded() == entry.encoded(), "not stable")
        },
        canonical("extents", seeds: { [FuzzWorld.encoded(FuzzWorld.extents)] }) { input in
            var reader = ByteReader(input, "fuzz")
            return FuzzWorld.encoded(try Extent.decodeAll(&reader))
        },
        canonical(
            "extent-list",
            seeds: {
                [
                    ExtentListNode.leaf(FuzzWorld.extents).encode(),
                    ExtentListNode.inner(
                        level: 2, [.init(id: FuzzWorld.id(.extentList, [1]), byteCount: 9, itemCount: 4)]
                    ).encode(),
                ]
            }
        ) { try ExtentListNode(decoding: $0).encode() },
        decoder("private-part", seeds: { [FuzzWorld.privatePart.encode()] }) { input in
            let part = try PrivatePart(decoding: input)
            try FuzzFinding.require(try PrivatePart(decoding: part.encode()) == part, "not stable")
        },
        // A chunk that is a node, behind all seals, walked as commands walk it.
        FuzzTarget(name: "sealed-tree", seeds: { FuzzWorld.nodes }) { try FuzzWorld.walk($0) },
    ]
}

extension FuzzWorld {
    static let extents: [Extent] = [
        .chunk(id: id(.data, content), length: content.count), .hole(length: 4096),
        .run(list: id(.extentList, [1]), first: 3, count: 2), .hole(length: 1),
    ]

    static func encoded(_ extents: [Extent]) -> [UInt8] {
        var writer = ByteWriter()
        for extent in extents { extent.encode(into: &writer) }
        return writer.bytes
    }

    static func entry(_ name: String, _ kind: EntryKind) -> TreeEntry {
        var entry = TreeEntry(
            name: Array(name.utf8), kind: kind, mode: 0o4755, owner: 1000, group: 1 << 31,
            mtimeSeconds: -1_700_000_000, mtimeNanoseconds: 999_999_999)
        entry.ownerName = Array("ada".utf8)
        entry.groupName = Array("gruppe-ü".utf8)
        return entry
    }

    static var rootEntry: TreeEntry { entry("", .directory) }

    static var entries: [TreeEntry] {
        var file = entry("a file", .file)
        file.size = content.count
        file.digest = ContentDigest(kind: 1, digest: SHA256.digest(content))
        file.extents = [.chunk(id: id(.data, content), length: content.count)]
        file.flags = 0x40
        file.attributes = [
            .init(name: Array("security.capability".utf8), value: .inline([1, 0, 0, 2])),
            .init(name: Array("user.long".utf8), value: .chunk(id: id(.data, content), length: content.count)),
        ]
        file.hardLinkGroup = Array("a/b".utf8)
        var sparse = entry("b sparse", .file)
        sparse.size = 1 << 40
        sparse.digest = ContentDigest(kind: 2, digest: .zero)
        sparse.extentList = id(.extentList, [1])
        sparse.incomplete = .changedWhileRead
        var link = entry("c link", .symbolicLink)
        link.linkTarget = Array("../../etc".utf8)
        link.size = 9
        var device = entry("d device", .blockDevice)
        device.device = (8, 1)
        var folder = entry("e folder", .directory)
        folder.child = (id(.directoryNode, [1]), .zero)
        var unread = entry("f unread", .file)
        unread.incomplete = .unreadable
        return [file, sparse, link, device, folder, unread, entry("g socket", .socket), entry("h fifo", .fifo)]
    }

    static var nodes: [[UInt8]] {
        var items = ByteWriter()
        for entry in entries { items.lp32(entry.encoded()) }
        var children = ByteWriter()
        for name in ["k", "z"] {
            DirectoryNode.Child(
                lastName: Array(name.utf8), id: id(.directoryNode, [1]), entryCount: 3, disclosure: .zero
            ).encode(into: &children)
        }
        return [
            DirectoryNode.encode(level: 0, count: entries.count, items: items.bytes),
            DirectoryNode.encode(level: 1, count: 2, items: children.bytes),
            DirectoryNode.encode(level: 0, count: 0, items: []),
        ]
    }

    static var privatePart: PrivatePart {
        var part = PrivatePart()
        part.command = [[0xff, 0], []]
        part.description = "ünï \"quoted\" \u{1}"
        part.entries = 7
        part.paths = [Array("/a b".utf8)]
        part.problems = [(Array("x".utf8), "gone")]
        part.problemCount = 3
        part.host = "host"
        part.version = "1"
        part.root = rootEntry
        return part
    }

    /// What must hold for an entry that was accepted, and what is made of entries: disclosure leaves, tar headers.
    static func check(_ entry: TreeEntry) throws {
        let name = entry.name
        let isSafe =
            !name.isEmpty && name.count <= 255 && name != [0x2e] && name != [0x2e, 0x2e] && !name.contains(0x2f)
            && !name.contains(0)
        try FuzzFinding.require(isSafe, "a name that leads elsewhere")
        let bytes = entry.encoded()
        var again = ByteReader(bytes, "fuzz")
        try FuzzFinding.require(try TreeEntry(from: &again).encoded() == bytes, "not stable")
        _ = disclosure.leaf(of: entry)
        if let member = TarHeader.Member(entry.kind) {
            let attributes = entry.attributes.map { ($0.name, [UInt8]("value".utf8)) }
            let blocks = TarHeader.blocks(entry, member, path: [0x2e, 0x2f] + name, attributes: attributes)
            try FuzzFinding.require(blocks.count % TarHeader.blockBytes == 0, "a header that fills no block")
            let last = blocks.suffix(TarHeader.blockBytes)
            let sum = last.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
            let written = String(decoding: Array(last)[148..<154], as: UTF8.self)
            try FuzzFinding.require(Int(written, radix: 8) == sum, "a header with a wrong sum")
        }
    }

    /// Seals the bytes as a node and walks it with every walker; whether the node itself was accepted.
    static func walk(_ node: [UInt8]) throws -> Bool {
        guard !node.isEmpty, node.count < 1 << 20 else { return false }
        let pool = BufferPool(count: 2, capacity: Limits.namesPackBytes + Limits.segmentBytesMax)
        let builder = PackBuilder(
            .names,
            context: SealingContext(
                repository: repository, session: session, epoch: 1, group: 1, readKey: readKey, indexKey: indexKey,
                random: Numbers(), level: .auto), pool: pool)
        let top = id(.directoryNode, node)
        try node.withUnsafeBytes {
            try builder.append($0, [.init(id: top, type: .directoryNode, length: node.count)]) { _ in }
        }
        guard let pack = try builder.finish() else { return false }
        let store = MemoryStore()
        _ = try store.put(.content(.packs, pack.name), pack.buffer.used)
        let reader = PackReader(
            store: store, repository: repository, keys: KeyMaterial(read: readSecret, index: indexKey))
        let description = PackReader.Description(
            name: pack.name, length: pack.buffer.count, directoryDigest: pack.directoryDigest, epoch: 1)
        func chunks() -> ChunkReader {
            ChunkReader(packs: reader, identifier: identifier) { wanted, tried in
                wanted == top && tried.isEmpty
                    ? (description, ChunkLocation(ordinal: 0, segment: 0, offset: 0, length: node.count)) : nil
            }
        }
        // What it refers to is in no pack, which must be damage and nothing else.
        func accepting(_ body: () throws -> Void) throws {
            do { try body() } catch let error as VaultError where error.code == .damaged {}
        }
        let tree = TreeReader(chunks())
        try accepting {
            try tree.entries(top) { result in
                guard case .success(let entry) = result else { return }
                try check(entry)
                try accepting { try tree.extents(of: entry) { _ in } }
            }
        }
        let cursor = DirectoryCursor(top, chunks()) { _ in }
        try accepting { while try cursor.next() != nil {} }
        return (try? DirectoryNode(decoding: node)) != nil
    }
}
