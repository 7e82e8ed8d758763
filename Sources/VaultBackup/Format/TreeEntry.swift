/// What a directory entry is.
public enum EntryKind: UInt8, Sendable, CaseIterable {
    case file = 1
    case directory = 2
    case symbolicLink = 3
    case characterDevice = 4
    case blockDevice = 5
    case fifo = 6
    case socket = 7
}

/// Digest of a file's content. Kinds never compare equal.
public struct ContentDigest: Sendable, Equatable {
    /// 1: SHA-256 of the content; 2: SHA-256 of the list of extents.
    public var kind: UInt8
    /// The value.
    public var digest: Digest
}

/// An extended attribute of an entry.
public struct ExtendedAttribute: Sendable, Equatable {
    /// Where its value is.
    public enum Value: Sendable, Equatable {
        /// In the entry.
        case inline([UInt8])
        /// In a data chunk of its own.
        case chunk(id: ChunkID, length: Int)
    }

    /// Full name, such as `user.comment`.
    public var name: [UInt8]
    /// The value.
    public var value: Value
}

/// One entry of a directory, with all its metadata (`docs/FORMAT.md`, section 9).
public struct TreeEntry: Sendable, Equatable {
    /// Name in its directory, raw bytes.
    public var name: [UInt8]
    /// What it is.
    public var kind: EntryKind
    /// The low 12 bits of the mode.
    public var mode: UInt16
    /// Numeric owner.
    public var owner: UInt32
    /// Numeric group.
    public var group: UInt32
    /// Name of the owner where it was backed up; empty if it had none.
    public var ownerName: [UInt8] = []
    /// Name of the group where it was backed up; empty if it had none.
    public var groupName: [UInt8] = []
    /// Modification time, whole seconds since 1970.
    public var mtimeSeconds: Int64
    /// Modification time, nanoseconds below 10⁹.
    public var mtimeNanoseconds: UInt32
    /// Bytes of content of a file, of the target of a link, else 0.
    public var size = 0

    /// Digest of a file's content; nil when it could not be read.
    public var digest: ContentDigest?
    /// Content of a file, when it has few extents.
    public var extents: [Extent] = []
    /// Top node of the list of a file's extents, when it has many.
    public var extentList: ChunkID?
    /// Target of a symbolic link.
    public var linkTarget: [UInt8]?
    /// Major and minor number of a device.
    public var device: (major: UInt32, minor: UInt32)?
    /// Top node and disclosure root of a directory.
    public var child: (node: ChunkID, disclosure: Digest)?
    /// Path of the first member of a hard-link group.
    public var hardLinkGroup: [UInt8]?
    /// Extended attributes by name.
    public var attributes: [ExtendedAttribute] = []
    /// Flags as `chattr` sets them, masked.
    public var flags: UInt32?
    /// Why the content is not what it was at one moment; nil when it is.
    public var incomplete: Incomplete?
    /// Time of the last access: seconds since 1970 and nanoseconds below 10⁹; nil when it was not asked for.
    public var accessTime: (seconds: Int64, nanoseconds: UInt32)?

    /// Ways in which an entry is less than was asked for.
    public enum Incomplete: UInt8, Sendable {
        /// The file changed while it was read; what was read is stored.
        case changedWhileRead = 1
        /// The content could not be read and is not stored.
        case unreadable = 2
    }

    /// An entry without content; see the properties.
    public init(
        name: [UInt8], kind: EntryKind, mode: UInt16, owner: UInt32, group: UInt32, mtimeSeconds: Int64,
        mtimeNanoseconds: UInt32
    ) {
        self.name = name
        self.kind = kind
        self.mode = mode
        self.owner = owner
        self.group = group
        self.mtimeSeconds = mtimeSeconds
        self.mtimeNanoseconds = mtimeNanoseconds
    }

    /// Whether all fields are equal.
    public static func == (l: TreeEntry, r: TreeEntry) -> Bool { l.encoded() == r.encoded() }

    /// Whether `name` may stand in a directory node.
    public static func isValidName(_ name: [UInt8]) -> Bool {
        guard !name.isEmpty, name.count <= Limits.nameBytesMax else { return false }
        if name == [0x2e] || name == [0x2e, 0x2e] { return false }
        return !name.contains { $0 == 0 || $0 == 0x2f }
    }

    /// Bytes of content: the size of a file, nothing for the rest.
    var contentBytes: Int { kind == .file ? size : 0 }

    /// The value that the disclosure body ends with: content digest, child root, or nothing.
    public var disclosedContent: [UInt8] {
        if let digest { return [digest.kind] + digest.digest.bytes }
        if let child { return child.disclosure.bytes }
        return []
    }

    /// The body of the disclosure leaf (`docs/FORMAT.md`, section 9.1).
    public func disclosureBody() -> [UInt8] {
        var writer = ByteWriter(capacity: 96)
        writer.u8(kind.rawValue)
        writer.lp16(name)
        writer.u64(size)
        writer.integer(mtimeSeconds)
        writer.integer(mtimeNanoseconds)
        writer.raw(disclosedContent)
        return writer.bytes
    }
}
