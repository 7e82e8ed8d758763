/// Compares entries of a snapshot with what is on disk. One thread.
final class DiskComparison {
    private let tree: TreeReader
    private let identifier: ChunkIdentifier
    private let readsContent: Bool
    private let cancellation: Cancellation
    private let names = UserNames()
    private var buffer = RawBuffer(capacity: 1 << 20)

    /// - Parameter readsContent: read files and compare their chunks; else size and time decide.
    init(_ tree: TreeReader, identifier: ChunkIdentifier, readsContent: Bool, cancellation: Cancellation) {
        self.tree = tree
        self.identifier = identifier
        self.readsContent = readsContent
        self.cancellation = cancellation
    }

    /// The entry that a backup would make of something on disk, but for content and attributes.
    func entry(_ name: [UInt8], _ status: FileStatus) -> TreeEntry {
        var entry = TreeEntry(name: name, status: status, names: names)
        if status.kind == .file { entry.size = Int(clamping: status.size) }
        return entry
    }

    /// How an entry on disk, made by ``entry(_:_:)``, differs from that of the snapshot; nil when it does not.
    /// - Throws: ``SystemError`` when it cannot be read, ``VaultError`` `.damaged` for lists that cannot be.
    func difference(_ stored: TreeEntry, _ disk: inout TreeEntry, at directory: OpenFile) throws -> EntryChange.Kind? {
        if stored.kind != disk.kind { return .typeChanged }
        switch stored.kind {
        case .file: if try isModified(stored, disk, at: directory) { return .modified }
        case .symbolicLink:
            let target = try DirectoryEntries.linkTarget(at: directory, disk.name)
            disk.linkTarget = target
            disk.size = target.count
            if target != stored.linkTarget { return .modified }
        case .characterDevice, .blockDevice:
            if stored.device?.major != disk.device?.major || stored.device?.minor != disk.device?.minor {
                return .modified
            }
        case .directory, .fifo, .socket: break
        }
        return try hasSameMetadata(stored, disk, at: directory) ? nil : .metadata
    }

    private func hasSameMetadata(_ l: TreeEntry, _ r: TreeEntry, at directory: OpenFile) throws -> Bool {
        guard l.mode == r.mode, l.owner == r.owner, l.group == r.group, l.mtimeSeconds == r.mtimeSeconds,
            l.mtimeNanoseconds == r.mtimeNanoseconds
        else { return false }
        let attributes = try ExtendedAttributes.read(at: directory, r.name)
        return attributes.count == l.attributes.count
            && zip(l.attributes, attributes).allSatisfy { stored, found in
                guard stored.name == found.name else { return false }
                switch stored.value {
                case .inline(let value): return value == found.value
                case .chunk(let id, let length):
                    return length == found.value.count
                        && found.value.withUnsafeBytes { identifier.isRight(id, .data, $0) }
                }
            }
    }

    private func isModified(_ stored: TreeEntry, _ disk: TreeEntry, at directory: OpenFile) throws -> Bool {
        if stored.size != disk.size { return true }
        guard readsContent else {
            return stored.mtimeSeconds != disk.mtimeSeconds || stored.mtimeNanoseconds != disk.mtimeNanoseconds
        }
        let file = try OpenFile.openForReading(at: directory, disk.name)
        file.adviseSequential()
        var offset = 0
        var isSame = true
        try tree.extents(of: stored) { extent in
            try cancellation.check()
            guard isSame, let length = extent.length else { return }
            switch extent {
            case .hole: isSame = try isZero(file, offset, length)
            case .chunk(let id, _): isSame = try hasChunk(file, offset, length, id)
            case .run: isSame = false
            }
            offset += length
        }
        return !isSame || offset != stored.size
    }

    /// Whether a chunk's content stands in the file: its id tells, so nothing of it is read from the repository.
    private func hasChunk(_ file: OpenFile, _ offset: Int, _ length: Int, _ id: ChunkID) throws -> Bool {
        if buffer.capacity < length { buffer = RawBuffer(capacity: length) }
        buffer.count = try file.read(at: offset, into: UnsafeMutableRawBufferPointer(start: buffer.base, count: length))
        return buffer.count == length && identifier.isRight(id, .data, buffer.used)
    }

    private func isZero(_ file: OpenFile, _ offset: Int, _ length: Int) throws -> Bool {
        var position = offset
        let end = offset + length
        while let data = try file.nextData(from: position), data < end {
            try cancellation.check()
            let count = min(buffer.capacity, end - data)
            buffer.count = try file.read(
                at: data, into: UnsafeMutableRawBufferPointer(start: buffer.base, count: count))
            guard buffer.count == count, buffer.used.allSatisfy({ $0 == 0 }) else { return false }
            position = data + count
        }
        return true
    }
}
