/// Applies the metadata of entries to what is restored, and notes what could not be applied.
///
/// Only entries that this restore made are changed by name. What was there before is changed through an open
/// descriptor, after a look at what that is, so that nobody can put another file in its place meanwhile.
final class MetadataWriter: Sendable {
    private let notes: MetadataNotes
    private let ownerPolicy: OwnerPolicy
    private let hasAttributes: Bool
    private let names = UserNames()
    let user = Host.effectiveUser
    var isPrivileged: Bool { user == 0 }

    init(notes: MetadataNotes, owner: OwnerPolicy = .numeric, attributes: Bool = true) {
        self.notes = notes
        ownerPolicy = owner
        hasAttributes = attributes
    }

    /// Owner and group that the entry is to have; nil when that is not restored.
    func owner(_ entry: TreeEntry) -> (owner: UInt32, group: UInt32)? {
        switch ownerPolicy {
        case .numeric: (entry.owner, entry.group)
        case .name:
            (names.user(named: entry.ownerName) ?? entry.owner, names.group(named: entry.groupName) ?? entry.group)
        case .ignored: nil
        }
    }

    /// The mode that the entry is to have. Without its owner a set-user-id program would be somebody else's.
    func mode(_ entry: TreeEntry, isOwned: Bool) -> UInt16 { isOwned ? entry.mode : entry.mode & 0o1777 }

    /// The attributes that are restored.
    func attributes(_ entry: TreeEntry) -> [ExtendedAttribute] { hasAttributes ? entry.attributes : [] }

    /// Whether attributes are restored at all.
    var restoresAttributes: Bool { hasAttributes }

    /// Applies everything to an open file or directory that this restore made.
    ///
    /// - Parameter isComplete: whether all content is there. A file that is damaged keeps the time of its making, so
    ///   that it is not taken for a right one later.
    /// - Parameter flags: whether file flags are set too; after that the file may refuse to be moved.
    /// - Parameter made: what the file had when it was made, where that is known.
    func apply(
        _ entry: TreeEntry, to file: OpenFile, path: @autoclosure () -> [UInt8], isComplete: Bool = true,
        flags: Bool = true, made: RestoreTarget.NewFile? = nil,
        tree: ((ChunkID) throws -> [UInt8])?
    ) {
        let isOwned = setOwner(entry, path: path()) {
            if let made, (made.owner, made.group) == ($0, $1) { return }
            try Metadata.setOwner($0, group: $1, of: file)
        }
        // Before the mode, which may not let an ordinary user write any more. It agrees with the ACL's mask.
        for attribute in attributes(entry) { set(attribute, of: file, path: path(), tree) }
        attempt(.mode, "", path()) { try Metadata.setMode(mode(entry, isOwned: isOwned), of: file) }
        if isComplete { setTimes(entry, of: file, path: path()) }
        if flags { applyFlags(entry, to: file, path: path()) }
    }

    /// Sets file flags. The last thing to do to a file: an immutable one refuses everything else.
    func applyFlags(_ entry: TreeEntry, to file: OpenFile, path: @autoclosure () -> [UInt8]) {
        if let flags = entry.flags { attempt(.flags, "", path()) { try FileFlags.set(flags, of: file) } }
    }

    /// Sets the times of an open file or directory.
    func setTimes(_ entry: TreeEntry, of file: OpenFile, path: @autoclosure () -> [UInt8]) {
        attempt(.time, "", path()) {
            try Metadata.setTimes(modified: entry.modified, accessed: entry.accessed, of: file)
        }
    }

    /// Applies everything to a link, device, fifo or socket that this restore made as `name`; it is not opened.
    func apply(
        _ entry: TreeEntry, at directory: OpenFile, _ name: [UInt8], path: @autoclosure () -> [UInt8],
        tree: ((ChunkID) throws -> [UInt8])?
    ) {
        let isOwned = setOwner(entry, path: path()) { try Metadata.setOwner($0, group: $1, at: directory, name) }
        for attribute in attributes(entry) {
            attempt(.attributes, PathText.readable(attribute.name), path()) {
                let value = try value(attribute, tree)
                try ExtendedAttributes.set(.init(name: attribute.name, value: value), at: directory, name)
            }
        }
        if entry.kind != .symbolicLink {
            attempt(.mode, "", path()) { try Metadata.setMode(mode(entry, isOwned: isOwned), at: directory, name) }
        }
        attempt(.time, "", path()) {
            try Metadata.setTimes(modified: entry.modified, accessed: entry.accessed, at: directory, name)
        }
    }

    func set(
        _ attribute: ExtendedAttribute, of file: OpenFile, path: @autoclosure () -> [UInt8],
        _ tree: ((ChunkID) throws -> [UInt8])?
    ) {
        attempt(.attributes, PathText.readable(attribute.name), path()) {
            try ExtendedAttributes.set(.init(name: attribute.name, value: try value(attribute, tree)), of: file)
        }
    }

    /// The value of an attribute, from its chunk if it is long.
    func value(_ attribute: ExtendedAttribute, _ tree: ((ChunkID) throws -> [UInt8])?) throws -> [UInt8] {
        switch attribute.value {
        case .inline(let bytes): return bytes
        case .chunk(let id, let length):
            guard let bytes = try tree?(id), bytes.count == length else {
                throw VaultError(.damaged, "its value is not in the repository")
            }
            return bytes
        }
    }

    /// Whether the entry has its owner afterwards.
    func setOwner(_ entry: TreeEntry, path: @autoclosure () -> [UInt8], _ body: (UInt32, UInt32) throws -> Void) -> Bool
    {
        guard let wanted = owner(entry) else { return entry.owner == user && entry.group == Host.effectiveGroup }
        return attempt(.owner, "\(wanted.owner):\(wanted.group)", path()) { try body(wanted.owner, wanted.group) }
    }

    @discardableResult
    func attempt(
        _ kind: MetadataProblem.Kind, _ detail: @autoclosure () -> String, _ path: @autoclosure () -> [UInt8],
        _ body: () throws -> Void
    ) -> Bool {
        do {
            try body()
            return true
        } catch {
            let text = detail()
            notes.add(
                MetadataProblem(
                    path: path(), kind: kind,
                    reason: text.isEmpty ? Self.reason(error) : "\(text): \(Self.reason(error))"))
            return false
        }
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? SystemError { return error.reason }
        return (error as? VaultError)?.message ?? "\(error)"
    }
}
