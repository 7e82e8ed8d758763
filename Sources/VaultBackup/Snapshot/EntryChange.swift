/// How an entry of one tree differs from that of the same path in another.
public struct EntryChange: Sendable {
    /// What a difference is.
    public enum Kind: String, Sendable, CaseIterable {
        /// Only in the second tree.
        case added
        /// Only in the first tree.
        case removed
        /// Another content: bytes of a file, target of a link, number of a device.
        case modified
        /// Something else, such as a directory in place of a file.
        case typeChanged
        /// The same content with other metadata.
        case metadata
    }

    /// Path from `/` in the first tree, without the leading slash.
    public var path: [UInt8]
    /// What the difference is.
    public var kind: Kind
    /// The entry in the first tree; nil when added.
    public var before: TreeEntry?
    /// The entry in the second tree; nil when removed. Of a file on disk it has no digest.
    public var after: TreeEntry?
}

/// What two trees differ in, in numbers.
public struct DifferenceResult: Sendable {
    /// How many differences of each kind there are; kinds without one are not in it.
    public var counts: [EntryChange.Kind: Int] = [:]
    /// Bytes of content of files that are added or have another content, in the second tree.
    public var addedBytes = 0
    /// Bytes of content of files that are removed or have another content, in the first tree.
    public var removedBytes = 0
    /// What could not be compared. Not empty means that there may be more differences.
    public var problems: [Problem] = []
    /// How many problems there were; the list is bounded.
    public var problemCount = 0
    /// Whether one of them is damage of the repository.
    public var isDamaged = false
    /// Whether the two snapshots are of different dedup groups: then a file of several chunks has another digest
    /// although its content is the same.
    public var isAcrossGroups = false

    /// Whether no difference was found.
    public var isSame: Bool { counts.isEmpty }

    mutating func count(_ change: EntryChange) {
        counts[change.kind, default: 0] += 1
        if change.kind == .metadata { return }
        addedBytes += change.after?.contentBytes ?? 0
        removedBytes += change.before?.contentBytes ?? 0
    }
}

extension EntryChange.Kind {
    /// How an entry differs between two snapshots; nil when it does not. What is in a directory is not looked at.
    static func between(_ l: TreeEntry, _ r: TreeEntry) -> EntryChange.Kind? {
        if l.kind != r.kind { return .typeChanged }
        let isSameDevice = l.device?.major == r.device?.major && l.device?.minor == r.device?.minor
        let isSameContent = l.kind != .file || l.digest == r.digest && l.size == r.size
        guard isSameContent, isSameDevice, l.linkTarget == r.linkTarget else { return .modified }
        return l.withoutContent == r.withoutContent ? nil : .metadata
    }
}

extension TreeEntry {
    /// The metadata alone, without the time of access. Of a hard link only that it is one: the group is named by a
    /// path.
    var withoutContent: TreeEntry {
        var entry = self
        entry.size = 0
        entry.digest = nil
        entry.extents = []
        entry.extentList = nil
        entry.linkTarget = nil
        entry.device = nil
        entry.child = nil
        entry.accessTime = nil
        entry.hardLinkGroup = hardLinkGroup.map { _ in [] }
        return entry
    }
}
