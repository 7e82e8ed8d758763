/// Ways in which the metadata of something in the target is not that of its entry.
struct MetadataDeviation: OptionSet {
    let rawValue: UInt8

    static let owner = MetadataDeviation(rawValue: 1)
    static let mode = MetadataDeviation(rawValue: 2)
    static let attributes = MetadataDeviation(rawValue: 4)
    static let time = MetadataDeviation(rawValue: 8)
    static let flags = MetadataDeviation(rawValue: 16)
}

extension MetadataWriter {
    /// How an open file or directory deviates from its entry. What this user cannot change does not count.
    func deviation(
        _ entry: TreeEntry, _ file: OpenFile, _ status: FileStatus, tree: ((ChunkID) throws -> [UInt8])?
    ) -> MetadataDeviation {
        var deviation = deviation(entry, status)
        let present = (try? ExtendedAttributes.read(file)) ?? []
        if restoresAttributes, differ(entry, present, tree) { deviation.insert(.attributes) }
        let flags = (try? FileFlags.read(file)) ?? 0
        if isPrivileged, entry.flags ?? flags != flags { deviation.insert(.flags) }
        return deviation
    }

    /// The same of a link, device, fifo or socket, which is not opened.
    func deviation(
        _ entry: TreeEntry, at directory: OpenFile, _ status: FileStatus, tree: ((ChunkID) throws -> [UInt8])?
    ) -> MetadataDeviation {
        var deviation = deviation(entry, status)
        let present = (try? ExtendedAttributes.read(at: directory, entry.name)) ?? []
        if restoresAttributes, differ(entry, present, tree) { deviation.insert(.attributes) }
        return deviation
    }

    /// The same from the status alone.
    func deviation(_ entry: TreeEntry, _ status: FileStatus) -> MetadataDeviation {
        var deviation: MetadataDeviation = []
        if isPrivileged, let wanted = owner(entry), wanted != (status.owner, status.group) { deviation.insert(.owner) }
        if entry.kind != .symbolicLink, status.mode != mode(entry, isOwned: isOwnedAfterwards(entry)) {
            deviation.insert(.mode)
        }
        if status.modified != entry.modified { deviation.insert(.time) }
        return deviation
    }

    private func isOwnedAfterwards(_ entry: TreeEntry) -> Bool {
        let isOwn = entry.owner == user && entry.group == Host.effectiveGroup
        return owner(entry) == nil ? isOwn : isPrivileged || isOwn
    }

    private func differ(
        _ entry: TreeEntry, _ present: [ExtendedAttributes.Attribute], _ tree: ((ChunkID) throws -> [UInt8])?
    ) -> Bool {
        let present = present.filter { mayChange($0.name) }
        let wanted = attributes(entry).filter { mayChange($0.name) }
        guard present.map(\.name) == wanted.map(\.name) else { return true }
        return zip(present, wanted).contains { (try? value($1, tree)) != $0.value }
    }

    // The labels of security modules belong to the machine, not to the file.
    private func mayChange(_ name: [UInt8]) -> Bool {
        let isOwners = name.starts(with: Array("user.".utf8)) || name.starts(with: Array("system.posix_acl".utf8))
        return isOwners || isPrivileged && name != Array("security.selinux".utf8)
    }

    /// Puts right what deviates in an open file or directory that was there before, and nothing else.
    ///
    /// - Parameter flags: whether file flags are put right too.
    func correct(
        _ entry: TreeEntry, _ deviation: MetadataDeviation, of file: OpenFile, path: @autoclosure () -> [UInt8],
        flags: Bool = true, tree: ((ChunkID) throws -> [UInt8])?
    ) {
        // A change of owner takes set-user-id bits and capabilities away.
        if deviation.contains(.owner) {
            _ = setOwner(entry, path: path()) { try Metadata.setOwner($0, group: $1, of: file) }
        }
        if !deviation.isDisjoint(with: [.owner, .attributes]) {
            let wanted = attributes(entry)
            for present in (try? ExtendedAttributes.read(file)) ?? [] {
                guard mayChange(present.name), !wanted.contains(where: { $0.name == present.name }) else { continue }
                attempt(.attributes, PathText.readable(present.name), path()) {
                    try ExtendedAttributes.remove(present.name, of: file)
                }
            }
            for attribute in wanted { set(attribute, of: file, path: path(), tree) }
        }
        if !deviation.isDisjoint(with: [.owner, .mode, .attributes]) {
            attempt(.mode, "", path()) {
                try Metadata.setMode(mode(entry, isOwned: isOwnedAfterwards(entry)), of: file)
            }
        }
        if deviation.contains(.time) { setTimes(entry, of: file, path: path()) }
        if flags, deviation.contains(.flags) { applyFlags(entry, to: file, path: path()) }
    }
}
