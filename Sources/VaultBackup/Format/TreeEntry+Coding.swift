/// Tags of optional fields; the high bit marks those a reader must know.
enum EntryTag {
    static let digest: UInt16 = 0x8001
    static let extents: UInt16 = 0x8002
    static let extentList: UInt16 = 0x8003
    static let linkTarget: UInt16 = 0x8004
    static let device: UInt16 = 0x8005
    static let child: UInt16 = 0x8006
    static let hardLinkGroup: UInt16 = 0x8007
    static let attributes: UInt16 = 0x0008
    static let flags: UInt16 = 0x0009
    static let incomplete: UInt16 = 0x800a
    static let critical: UInt16 = 0x8000
    static let accessTime: UInt16 = 0x000b
    /// append, immutable, nodump, noatime, sync, dirsync, nocow; compress, no compression, secure deletion, undelete,
    /// journalled data, no tail merging, top of a hierarchy, project inheritance, direct access.
    static let knownFlags: UInt32 =
        0x20 | 0x10 | 0x40 | 0x80 | 0x8 | 0x10000 | 0x80_0000 | 0x4 | 0x400 | 0x1 | 0x2 | 0x4000 | 0x8000 | 0x20000
        | 0x2000_0000 | 0x200_0000
}

extension TreeEntry {
    /// The stored form, without the length before it.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 160)
        encode(into: &writer)
        return writer.bytes
    }

    /// Appends the stored form, without the length before it.
    public func encode(into writer: inout ByteWriter) {
        writer.lp16(name)
        writer.u8(kind.rawValue)
        writer.integer(mode)
        writer.integer(owner)
        writer.integer(group)
        writer.lp8(ownerName)
        writer.lp8(groupName)
        writer.integer(mtimeSeconds)
        writer.integer(mtimeNanoseconds)
        writer.u64(size)
        encodeFields(into: &writer, contentOnly: false)
    }

    /// Appends the optional fields; with `contentOnly` those that the scan cache keeps (all but link target, device,
    /// child, group and access time).
    func encodeFields(into writer: inout ByteWriter, contentOnly: Bool) {
        let countOffset = writer.count
        var count = 0
        writer.u16(0)
        func field(_ tag: UInt16, _ writer: inout ByteWriter, _ value: (inout ByteWriter) -> Void) {
            writer.integer(tag)
            let lengthOffset = writer.count
            writer.u32(0)
            value(&writer)
            writer.patchU32(writer.count - lengthOffset - 4, at: lengthOffset)
            count += 1
        }
        if let digest {
            field(EntryTag.digest, &writer) {
                $0.u8(digest.kind); $0.raw(digest.digest)
            }
        }
        if !extents.isEmpty {
            field(EntryTag.extents, &writer) { for extent in extents { extent.encode(into: &$0) } }
        }
        if let extentList { field(EntryTag.extentList, &writer) { $0.raw(extentList) } }
        if !contentOnly {
            if let linkTarget { field(EntryTag.linkTarget, &writer) { $0.raw(linkTarget) } }
            if let device {
                field(EntryTag.device, &writer) {
                    $0.integer(device.major); $0.integer(device.minor)
                }
            }
            if let child {
                field(EntryTag.child, &writer) {
                    $0.raw(child.node); $0.raw(child.disclosure)
                }
            }
            if let hardLinkGroup { field(EntryTag.hardLinkGroup, &writer) { $0.raw(hardLinkGroup) } }
        }
        if !attributes.isEmpty { field(EntryTag.attributes, &writer) { encodeAttributes(into: &$0) } }
        if let flags { field(EntryTag.flags, &writer) { $0.integer(flags) } }
        if let incomplete { field(EntryTag.incomplete, &writer) { $0.u8(incomplete.rawValue) } }
        if let accessTime, !contentOnly {
            field(EntryTag.accessTime, &writer) {
                $0.integer(accessTime.seconds); $0.integer(accessTime.nanoseconds)
            }
        }
        writer.patchU16(count, at: countOffset)
    }

    private func encodeAttributes(into writer: inout ByteWriter) {
        writer.u16(attributes.count)
        for attribute in attributes {
            writer.lp16(attribute.name)
            switch attribute.value {
            case .inline(let bytes):
                writer.u8(0)
                writer.lp32(bytes)
            case .chunk(let id, let length):
                writer.u8(1)
                writer.raw(id)
                writer.u24(length)
            }
        }
    }

    /// Decodes an entry from all of `reader`.
    ///
    /// - Parameter isRoot: accept the empty name, which only the entry for `/` in the private part has.
    /// - Throws: ``FormatError`` for anything that section 9 of the format does not allow.
    public init(from reader: inout ByteReader, isRoot: Bool = false) throws(FormatError) {
        let name = try reader.lp16()
        guard Self.isValidName(name) || (isRoot && name.isEmpty) else {
            throw reader.error("name not allowed: \(PathText.readable(name))")
        }
        let kindByte = try reader.u8()
        guard let kind = EntryKind(rawValue: kindByte) else { throw reader.error("unknown kind \(kindByte)") }
        let mode = try reader.integer(UInt16.self)
        guard mode < 0x1000 else { throw reader.error("mode with more than 12 bits") }
        let owner = try reader.integer(UInt32.self)
        let group = try reader.integer(UInt32.self)
        let ownerName = try reader.lp8()
        let groupName = try reader.lp8()
        let seconds = try reader.integer(Int64.self)
        let nanoseconds = try reader.integer(UInt32.self)
        guard nanoseconds < 1_000_000_000 else { throw reader.error("nanoseconds out of range") }
        self.init(
            name: name, kind: kind, mode: mode, owner: owner, group: group, mtimeSeconds: seconds,
            mtimeNanoseconds: nanoseconds)
        self.ownerName = ownerName
        self.groupName = groupName
        size = try reader.u64()
        try decodeFields(from: &reader)
        try reader.finish()
        try validate(reader, isRoot: isRoot)
    }

    /// Reads the optional fields into this entry.
    mutating func decodeFields(from reader: inout ByteReader) throws(FormatError) {
        let count = try reader.u16()
        var before = 0
        for _ in 0..<count {
            let tag = try reader.integer(UInt16.self)
            let number = Int(tag & ~EntryTag.critical)
            guard number > before else { throw reader.error("fields out of order") }
            before = number
            let value = try reader.lp32()
            var field = ByteReader(value, "directory entry field")
            try decodeField(tag, &field)
        }
    }

    private mutating func decodeField(_ tag: UInt16, _ field: inout ByteReader) throws(FormatError) {
        switch tag {
        case EntryTag.digest:
            let kind = try field.u8()
            guard kind == 1 || kind == 2 else { throw field.error("unknown digest kind \(kind)") }
            digest = ContentDigest(kind: kind, digest: try field.digest())
        case EntryTag.extents:
            extents = try Extent.decodeAll(&field)
            guard !extents.isEmpty, extents.count <= Limits.inlineExtentsMax else {
                throw field.error("\(extents.count) extents in an entry")
            }
        case EntryTag.extentList: extentList = try field.chunkID()
        case EntryTag.linkTarget:
            guard field.remaining > 0, field.remaining < 4096 else { throw field.error("link target length") }
            let target = try field.raw(field.remaining)
            guard !target.contains(0) else { throw field.error("NUL in a link target") }
            linkTarget = target
        case EntryTag.device: device = (try field.integer(), try field.integer())
        case EntryTag.child: child = (try field.chunkID(), try field.digest())
        case EntryTag.hardLinkGroup: hardLinkGroup = try field.raw(field.remaining)
        case EntryTag.attributes: try decodeAttributes(&field)
        case EntryTag.flags: flags = try field.integer(UInt32.self)
        case EntryTag.incomplete:
            let reason = try field.u8()
            guard let known = Incomplete(rawValue: reason) else { throw field.error("unknown reason \(reason)") }
            incomplete = known
        case EntryTag.accessTime:
            let time = (seconds: try field.integer(Int64.self), nanoseconds: try field.integer(UInt32.self))
            guard time.nanoseconds < 1_000_000_000 else { throw field.error("nanoseconds out of range") }
            accessTime = time
        default:
            guard tag & EntryTag.critical == 0 else {
                throw field.error("field \(tag & ~EntryTag.critical) is not known to this program")
            }
            return
        }
        try field.finish()
    }

    private mutating func decodeAttributes(_ field: inout ByteReader) throws(FormatError) {
        let count = try field.u16()
        for _ in 0..<count {
            let name = try field.lp16()
            guard !name.isEmpty, name.count <= 255, !name.contains(0) else { throw field.error("attribute name") }
            if let last = attributes.last, !last.name.lexicographicallyPrecedes(name) {
                throw field.error("attributes out of order")
            }
            let form = try field.u8()
            switch form {
            case 0: attributes.append(ExtendedAttribute(name: name, value: .inline(try field.lp32(most: 1 << 20))))
            case 1:
                let id = try field.chunkID()
                attributes.append(ExtendedAttribute(name: name, value: .chunk(id: id, length: try field.u24())))
            default: throw field.error("unknown attribute form \(form)")
            }
        }
    }

    private func validate(_ reader: ByteReader, isRoot: Bool) throws(FormatError) {
        let isFile = kind == .file
        let isDevice = kind == .characterDevice || kind == .blockDevice
        guard isFile || (digest == nil && extents.isEmpty && extentList == nil) else {
            throw reader.error("content of something that is no file")
        }
        guard extents.isEmpty || extentList == nil else { throw reader.error("two forms of content") }
        let isRead = incomplete != .unreadable
        guard (linkTarget != nil) == (kind == .symbolicLink && isRead) else { throw reader.error("link target") }
        guard (device != nil) == (isDevice && isRead) else { throw reader.error("device number") }
        guard (child != nil) == (kind == .directory && isRead && !isRoot) else {
            throw reader.error("child of a directory")
        }
        guard hardLinkGroup.map({ kind != .directory && Self.isValidGroup($0) }) ?? true else {
            throw reader.error("hard-link group")
        }
        guard flags.map({ (isFile || kind == .directory) && $0 & ~EntryTag.knownFlags == 0 }) ?? true else {
            throw reader.error("file flags")
        }
        if isFile && isRead { return try validateContent(reader) }
        guard digest == nil, extents.isEmpty, extentList == nil else { throw reader.error("content of an unread file") }
        guard size == linkTarget?.count ?? 0 else { throw reader.error("size of something that is no file") }
    }

    /// Names joined by `/`, without one in front.
    private static func isValidGroup(_ path: [UInt8]) -> Bool {
        path.split(separator: 0x2f, omittingEmptySubsequences: false).allSatisfy { isValidName(Array($0)) }
    }

    private func validateContent(_ reader: ByteReader) throws(FormatError) {
        guard let digest else { throw reader.error("file without digest") }
        guard extentList == nil else { return }
        var covered = 0
        for extent in extents {
            guard let length = extent.length else { return }
            let (sum, overflow) = covered.addingReportingOverflow(length)
            guard !overflow else { throw reader.error("extents too long") }
            covered = sum
        }
        guard covered == size else { throw reader.error("extents cover \(covered) of \(size) bytes") }
        let isOneChunk = extents.count <= 1 && !extents.contains { if case .hole = $0 { true } else { false } }
        guard digest.kind == (isOneChunk ? 1 : 2) else { throw reader.error("digest of kind \(digest.kind)") }
    }
}
