/// The headers of one member of a tar archive, in the pax form of POSIX.1-2001.
///
/// The old header holds what fits. What does not, and every name that is not ASCII, stands in an extended header before
/// it. Names are bytes: where one is not UTF-8, the extended header says so with `hdrcharset=BINARY`.
struct TarHeader {
    static let blockBytes = 512
    /// Largest number that twelve octal digits with their terminator hold: 8 GiB - 1.
    private static let sizeMax = 0o777_7777_7777
    private static let idMax: UInt32 = 0o777_7777

    /// What a member is: the type of the old header.
    enum Member: UInt8 {
        case file = 0x30
        case hardLink, symbolicLink, characterDevice, blockDevice, directory, fifo

        /// Nil for a socket, which an archive cannot hold.
        init?(_ kind: EntryKind) {
            switch kind {
            case .file: self = .file
            case .directory: self = .directory
            case .symbolicLink: self = .symbolicLink
            case .characterDevice: self = .characterDevice
            case .blockDevice: self = .blockDevice
            case .fifo: self = .fifo
            case .socket: return nil
            }
        }
    }

    private var records: [(key: [UInt8], value: [UInt8])] = []
    private var isBinary = false

    /// The blocks before the content of a member.
    ///
    /// - Parameter path: name of the member.
    /// - Parameter hardLink: name of an earlier member that this is another name of.
    /// - Parameter attributes: extended attributes with their values.
    static func blocks(
        _ entry: TreeEntry, _ member: Member, path: [UInt8], hardLink: [UInt8]? = nil,
        attributes: [(name: [UInt8], value: [UInt8])]
    ) -> [UInt8] {
        var header = TarHeader()
        let block = header.block(entry, member, path, hardLink)
        for attribute in attributes {
            header.add(Array("SCHILY.xattr.".utf8) + keyword(attribute.name), attribute.value)
            // GNU tar and star take access control lists only as text.
            if let list = AccessList(attribute.name), let text = AccessList.text(attribute.value) {
                header.add(list.tarKey, text)
            }
        }
        return header.extended(path) + block
    }

    /// Zeros that fill up the last block of so many bytes.
    static func padding(_ byteCount: Int) -> Int { (blockBytes - byteCount % blockBytes) % blockBytes }

    // MARK: The old header

    private mutating func block(_ entry: TreeEntry, _ member: Member, _ path: [UInt8], _ hardLink: [UInt8]?) -> [UInt8]
    {
        var block = [UInt8](repeating: 0, count: Self.blockBytes)
        func put(_ bytes: some Collection<UInt8>, _ offset: Int, _ count: Int) {
            for (k, byte) in bytes.prefix(count).enumerated() { block[offset + k] = byte }
        }
        func octal(_ value: Int, _ offset: Int, _ count: Int) {
            put(Self.octal(value, digits: count - 1), offset, count)
        }
        let size = member == .file ? entry.size : 0
        put(text(path, "path", most: 100), 0, 100)
        octal(Int(entry.mode), 100, 8)
        octal(number(entry.owner, "uid"), 108, 8)
        octal(number(entry.group, "gid"), 116, 8)
        octal(size <= Self.sizeMax ? size : 0, 124, 12)
        if size > Self.sizeMax { add("size", Array(String(size).utf8)) }
        octal(time(entry), 136, 12)
        block[156] = member.rawValue
        put(text(hardLink ?? entry.linkTarget ?? [], "linkpath", most: 100), 157, 100)
        put(Array("ustar\0".utf8) + Array("00".utf8), 257, 8)
        put(text(entry.ownerName, "uname", most: 31), 265, 32)
        put(text(entry.groupName, "gname", most: 31), 297, 32)
        octal(number(entry.device?.major ?? 0, "SCHILY.devmajor"), 329, 8)
        octal(number(entry.device?.minor ?? 0, "SCHILY.devminor"), 337, 8)
        Self.seal(&block)
        return block
    }

    private static func octal(_ value: Int, digits: Int) -> [UInt8] {
        let text = Array(String(value, radix: 8).utf8)
        return [UInt8](repeating: 0x30, count: max(0, digits - text.count)) + text
    }

    /// The sum of all bytes, where its own place counts as blanks.
    private static func seal(_ block: inout [UInt8]) {
        for k in 148..<156 { block[k] = 0x20 }
        let sum = block.reduce(0) { $0 + Int($1) }
        for (k, byte) in (octal(sum, digits: 6) + [0, 0x20]).enumerated() { block[148 + k] = byte }
    }

    private mutating func text(_ bytes: [UInt8], _ key: String, most: Int) -> [UInt8] {
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        if !isASCII || bytes.count > most { add(key, bytes) }
        if !isASCII, String(validating: bytes, as: UTF8.self) == nil { isBinary = true }
        return bytes
    }

    private mutating func number(_ value: UInt32, _ key: String) -> Int {
        if value <= Self.idMax { return Int(value) }
        add(key, Array(String(value).utf8))
        return 0
    }

    /// The whole seconds for the old header; the extended one gets what they do not say.
    private mutating func time(_ entry: TreeEntry) -> Int {
        let seconds = entry.mtimeSeconds
        let nanoseconds = entry.mtimeNanoseconds
        let fits = seconds >= 0 && seconds <= Int64(Self.sizeMax)
        if nanoseconds != 0 || !fits { add("mtime", Self.decimal(seconds: seconds, nanoseconds: nanoseconds)) }
        if let time = entry.accessTime {
            add("atime", Self.decimal(seconds: time.seconds, nanoseconds: time.nanoseconds))
        }
        return fits ? Int(seconds) : 0
    }

    private static func decimal(seconds: Int64, nanoseconds: UInt32) -> [UInt8] {
        // Seconds count from below, decimals towards zero: one and a half seconds before the epoch are -2 s and 0.5 s.
        let isBorrowed = seconds < 0 && nanoseconds > 0
        let whole = isBorrowed ? seconds + 1 : seconds
        let digits = String(1_000_000_000 + (isBorrowed ? 1_000_000_000 - nanoseconds : nanoseconds)).dropFirst()
        let sign = seconds < 0 ? "-" : ""
        let fraction = nanoseconds == 0 ? "" : "." + digits
        return Array("\(sign)\(whole.magnitude)\(fraction)".utf8)
    }

    // MARK: The extended header

    private mutating func add(_ key: String, _ value: [UInt8]) { add(Array(key.utf8), value) }
    private mutating func add(_ key: [UInt8], _ value: [UInt8]) { records.append((key, value)) }

    /// The extended header as a member of its own; nothing when there is nothing to say.
    private func extended(_ path: [UInt8]) -> [UInt8] {
        guard !records.isEmpty else { return [] }
        var body: [UInt8] = isBinary ? Self.record(Array("hdrcharset".utf8), Array("BINARY".utf8)) : []
        for (key, value) in records { body += Self.record(key, value) }
        var block = [UInt8](repeating: 0, count: Self.blockBytes)
        let name = Array("PaxHeaders/".utf8) + path.split(separator: 0x2f).suffix(1).joined().filter { $0 < 0x80 }
        for (k, byte) in name.prefix(100).enumerated() { block[k] = byte }
        for (offset, count, value) in [
            (100, 8, 0o644), (108, 8, 0), (116, 8, 0), (124, 12, body.count), (136, 12, 0), (329, 8, 0), (337, 8, 0),
        ] {
            for (k, byte) in Self.octal(value, digits: count - 1).enumerated() { block[offset + k] = byte }
        }
        block[156] = UInt8(ascii: "x")
        for (k, byte) in (Array("ustar\0".utf8) + Array("00".utf8)).enumerated() { block[257 + k] = byte }
        Self.seal(&block)
        return block + body + [UInt8](repeating: 0, count: Self.padding(body.count))
    }

    /// `length key=value` and a line feed, where the length counts itself.
    static func record(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
        let rest = key.count + value.count + 3
        var length = rest + 1
        while String(length).utf8.count + rest != length { length = String(length).utf8.count + rest }
        return Array(String(length).utf8) + [0x20] + key + [0x3d] + value + [0x0a]
    }

    /// A name of an attribute as part of a keyword: `=` would end it. GNU tar does the same.
    private static func keyword(_ name: [UInt8]) -> [UInt8] {
        name.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "%"): Array("%25".utf8)
            case UInt8(ascii: "="): Array("%3D".utf8)
            default: [byte]
            }
        }
    }
}
