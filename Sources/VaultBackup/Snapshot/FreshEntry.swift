/// An entry that was read in this run, with what the scan cache must know of it.
struct FreshEntry: Sendable {
    /// The entry, but for its hard-link group.
    var entry: TreeEntry
    /// Ids of all chunks that it needs, 20 bytes each.
    var ids: [UInt8] = []
    /// Whether its status at the time of reading will tell a later change.
    var isCacheable = true
    /// The status that was valid while it was read.
    var status: FileStatus

    init(name: [UInt8], status: FileStatus, names: UserNames) {
        self.status = status
        entry = TreeEntry(name: name, status: status, names: names)
    }

    /// Notes a chunk that the entry needs.
    mutating func need(_ id: ChunkID) { id.withUnsafeBytes { ids.append(contentsOf: $0) } }
}

extension TreeEntry {
    /// An entry with the metadata of `status` and without content.
    init(name: [UInt8], status: FileStatus, names: UserNames) {
        self.init(
            name: name, kind: EntryKind(rawValue: status.kind.rawValue) ?? .file, mode: status.mode,
            owner: status.owner,
            group: status.group, mtimeSeconds: status.modified.seconds, mtimeNanoseconds: status.modified.nanoseconds)
        ownerName = names.userName(status.owner)
        groupName = names.groupName(status.group)
        if kind == .characterDevice || kind == .blockDevice { device = (status.deviceMajor, status.deviceMinor) }
    }
}
