/// Compares single entries with what was restored of them. One thread each.
final class EntryComparison {
    private let plan: DrillPlan
    private let tree: TreeReader
    private let root: ConfinedDirectory
    private let tally: DrillTally
    private let metadata: MetadataComparison
    private let readBack: ReadBack
    private var last: (path: [UInt8], file: OpenFile)?

    init(
        _ reader: SnapshotReader, _ plan: DrillPlan, _ root: ConfinedDirectory,
        _ notApplied: Set<DrillComparison.NotApplied>, _ tally: DrillTally, _ cancellation: Cancellation
    ) {
        self.plan = plan
        self.root = root
        self.tally = tally
        tree = TreeReader(reader.chunks())
        metadata = MetadataComparison(tree, notApplied, tally)
        readBack = ReadBack(cancellation: cancellation)
    }

    /// Compares metadata and content; returns the bytes of content that were read.
    func compare(_ item: DrillComparison.Item) throws -> Int {
        do {
            let directory = try open(item.directory)
            try metadata.compare(item, directory)
            return item.entry.kind == .file ? try content(item, directory) : 0
        } catch let error as SystemError {
            tally.fail(.restore, item.path, "cannot be read: \(error.reason)")
        } catch let error as VaultError where error.code == .damaged {
            tally.fail(.content, item.path, error.message)
        }
        return 0
    }

    private func open(_ path: [UInt8]) throws -> OpenFile {
        if let last, last.path == path { return last.file }
        let file = try root.openDirectory(path)
        last = (path, file)
        return file
    }

    private func content(_ item: DrillComparison.Item, _ directory: OpenFile) throws -> Int {
        let entry = item.entry
        guard let wanted = entry.digest else {
            tally.fail(.content, item.path, "has no digest in the snapshot")
            return 0
        }
        let sealed = plan.sealed[item.path]
        let pieces = wanted.kind == 1 ? nil : try pieces(of: entry)
        let found = try readBack.read(
            entry.name, in: directory, pieces: pieces, hashesWhole: wanted.kind == 1 || sealed != nil)
        if entry.size > 0 { tally.compared(.content) }
        if found.count != entry.size {
            tally.fail(.content, item.path, "has \(found.count) bytes instead of \(entry.size)")
        } else if (wanted.kind == 1 ? found.whole : found.list) != wanted.digest {
            tally.fail(.content, item.path, "has other content than the snapshot says")
        }
        if let sealed {
            tally.compared(.sealedSample)
            if found.whole != sealed {
                tally.fail(.sealedSample, item.path, "has another SHA-256 than it had when it was backed up")
            }
        }
        return found.count
    }

    private func pieces(of entry: TreeEntry) throws -> [ReadBack.Piece] {
        var pieces: [ReadBack.Piece] = []
        try tree.extents(of: entry) { extent in
            switch extent {
            case .chunk(_, let length): pieces.append(ReadBack.Piece(length: length, isHole: false))
            case .hole(let length): pieces.append(ReadBack.Piece(length: length, isHole: true))
            case .run: throw VaultError(.damaged, "a run was not resolved")
            }
        }
        return pieces
    }
}

/// Compares the metadata of restored entries. One thread each.
final class MetadataComparison {
    private let tree: TreeReader
    private let notApplied: Set<DrillComparison.NotApplied>
    private let tally: DrillTally
    private let isPrivileged = Host.effectiveUser == 0

    init(_ tree: TreeReader, _ notApplied: Set<DrillComparison.NotApplied>, _ tally: DrillTally) {
        self.tree = tree
        self.notApplied = notApplied
        self.tally = tally
    }

    /// Compares an entry with its status, and with what has to be asked for.
    func compare(_ item: DrillComparison.Item, _ directory: OpenFile) throws {
        let (entry, status) = (item.entry, item.status)
        var differences = differences(entry, status)
        if let target = entry.linkTarget, try DirectoryEntries.linkTarget(at: directory, entry.name) != target {
            differences.append((nil, "points elsewhere"))
        }
        if let device = entry.device, device != (status.deviceMajor, status.deviceMinor) {
            differences.append((nil, "is another device"))
        }
        if entry.kind == .file, status.size != UInt64(entry.size) {
            differences.append((nil, "has \(status.size) bytes instead of \(entry.size)"))
        }
        if try differ(entry, try ExtendedAttributes.read(at: directory, entry.name)) {
            differences.append((.attributes, "has other extended attributes"))
        }
        if isPrivileged, let flags = entry.flags, entry.kind == .file || entry.kind == .directory {
            let file = try OpenFile.openForReading(at: directory, entry.name)
            if try FileFlags.read(file) != flags { differences.append((.flags, "has other file flags")) }
        }
        judge(differences, item.path)
    }

    /// The same for the top directory, which is opened and has no name.
    func compareRoot(_ entry: TreeEntry, _ status: FileStatus, _ file: OpenFile) throws {
        var differences = differences(entry, status)
        if try differ(entry, try ExtendedAttributes.read(file)) {
            differences.append((.attributes, "has other extended attributes"))
        }
        judge(differences, [])
    }

    private typealias Difference = (kind: MetadataProblem.Kind?, reason: String)

    private func differences(_ entry: TreeEntry, _ status: FileStatus) -> [Difference] {
        var differences: [Difference] = []
        let isOwned = (status.owner, status.group) == (entry.owner, entry.group)
        if !isOwned {
            if isPrivileged { differences.append((.owner, "has another owner or group")) } else { tally.skip(.owner) }
        }
        // A set-id program must not become somebody else's: a restore by an ordinary user leaves these bits out.
        let mode = isOwned || isPrivileged ? entry.mode : entry.mode & 0o1777
        if entry.kind != .symbolicLink, status.mode != mode { differences.append((.mode, "has another mode")) }
        if status.modified != entry.modified { differences.append((.time, "has another modification time")) }
        return differences
    }

    private func differ(_ entry: TreeEntry, _ present: [ExtendedAttributes.Attribute]) throws -> Bool {
        let present = present.filter { isComparable($0.name) }
        let wanted = entry.attributes.filter { isComparable($0.name) }
        guard present.map(\.name) == wanted.map(\.name) else { return true }
        return try zip(present, wanted).contains { found, wanted in
            switch wanted.value {
            case .inline(let value): return found.value != value
            case .chunk(let id, _): return found.value != (try tree.data(id))
            }
        }
    }

    /// The labels of security modules belong to the machine; most others only the administrator may set.
    private func isComparable(_ name: [UInt8]) -> Bool {
        let isOwners = name.starts(with: Array("user.".utf8)) || name.starts(with: Array("system.posix_acl".utf8))
        return isOwners || isPrivileged && name != Array("security.selinux".utf8)
    }

    /// What the restore could not apply here proves nothing about the backup: the entry then does not count as compared.
    private func judge(_ differences: [Difference], _ path: [UInt8]) {
        var isCompared = true
        for difference in differences {
            if let kind = difference.kind, notApplied.contains(.init(path: path, kind: kind)) {
                tally.skip(.attributes)
                isCompared = false
            } else {
                tally.fail(.metadata, path, difference.reason)
            }
        }
        if isCompared { tally.compared(.metadata) }
    }
}
