/// What a restore does with an entry of the target that has the name of one of the snapshot.
public enum OverwritePolicy: String, Sendable, CaseIterable {
    /// It is replaced.
    case always
    /// It is replaced if it differs from the snapshot in type, size or modification time; metadata is put right.
    case ifChanged = "if-changed"
    /// It is replaced if the snapshot's has the later modification time.
    case ifNewer = "if-newer"
    /// It is kept as it is.
    case never
}

/// How owners are restored.
public enum OwnerPolicy: String, Sendable, CaseIterable {
    /// By number.
    case numeric
    /// By name, and by number where this machine has no such name.
    case name
    /// Not at all: what is made belongs to who restores.
    case ignored
}

/// How to restore.
public struct RestoreOptions: Sendable {
    /// What to do with entries that are there already. Nil: the target must be new or empty.
    public var overwrite: OverwritePolicy?
    /// Whether the content of files that are there is compared with the snapshot, and only pieces that differ are
    /// written. Needs ``OverwritePolicy/ifChanged``.
    public var verifyExisting = false
    /// Whether entries that are not in the snapshot are removed from restored directories. Needs ``overwrite``.
    public var delete = false
    /// Whether to say only what would be done, and write nothing.
    public var dryRun = false
    /// Whether every restored file is read back afterwards and compared with its digest.
    public var verify = false
    /// What to restore of the snapshot.
    public var selection = RestoreSelection()
    /// How owners are restored.
    public var owner = OwnerPolicy.numeric
    /// Whether extended attributes, ACLs among them, are restored.
    public var attributes = true
    /// Whether to wait at the end until all of it survives a power loss.
    public var synchronize = true
    /// How fast files are written and read back; the repository has its own (``Client/pace``).
    public var pace = Pace.free
    /// Threads; 0 means one for each processor.
    public var workers = 0
    /// Pieces of files after which a window is closed: what bounds the memory of a restore.
    var windowPiecesMax = 1 << 18

    /// Into a new or empty directory, with everything.
    public init() {}

    /// - Throws: ``VaultError`` `.usage` for options that make no sense together.
    func check() throws {
        if delete, overwrite == nil {
            throw VaultError(
                .usage, "Deleting needs to know what to do with the rest", nextStep: "Give --overwrite too")
        }
        if verifyExisting, overwrite != .ifChanged {
            throw VaultError(
                .usage, "Existing files are compared only to overwrite what differs",
                nextStep: "Give --overwrite if-changed")
        }
        if verify, dryRun {
            throw VaultError(.usage, "A dry run writes nothing that could be verified", nextStep: "Give one of the two")
        }
    }
}

/// What is to be done with an entry of the snapshot: decided from the entry and what has its name in the target.
enum RestoreDecision: Equatable {
    /// Nothing has its name.
    case create
    /// What has its name gives way.
    case replace
    /// It may be right already: its metadata, and if asked its content, have to be looked at.
    case inspect
    /// What has its name stays.
    case keep

    /// The decision for an entry; two directories are always merged and need none.
    init(_ entry: TreeEntry, existing: FileStatus?, _ options: RestoreOptions) {
        guard let existing, let policy = options.overwrite else {
            self = .create
            return
        }
        switch policy {
        case .always: self = .replace
        case .never: self = .keep
        case .ifNewer: self = Self.isNewer(entry, than: existing) ? .replace : .keep
        case .ifChanged:
            let isSameKind = existing.kind.rawValue == entry.kind.rawValue
            let isFile = entry.kind == .file
            let isSame =
                !isFile || options.verifyExisting
                || existing.size == UInt64(entry.size) && existing.modified == entry.modified
            self = isSameKind && isSame ? .inspect : .replace
        }
    }

    static func isNewer(_ entry: TreeEntry, than existing: FileStatus) -> Bool {
        let time = entry.modified
        return (time.seconds, time.nanoseconds) > (existing.modified.seconds, existing.modified.nanoseconds)
    }
}

extension TreeEntry {
    /// Modification time.
    var modified: FileStatus.Time { FileStatus.Time(seconds: mtimeSeconds, nanoseconds: mtimeNanoseconds) }

    /// Time of the last access, if it was asked for.
    var accessed: FileStatus.Time? {
        accessTime.map { FileStatus.Time(seconds: $0.seconds, nanoseconds: $0.nanoseconds) }
    }
}
