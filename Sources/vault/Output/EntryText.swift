internal import VaultBackup

/// An entry of a snapshot for people and programs.
enum EntryText {
    /// Mode, owner, size, time and path, as `ls -l` has them.
    static func longLine(_ path: [UInt8], _ entry: TreeEntry) -> String {
        let owner = name(entry.ownerName, entry.owner) + " " + name(entry.groupName, entry.group)
        var line = mode(entry) + " " + TextWidth.padded(owner, 17) + " "
        line += TextWidth.padded(size(entry), 9, isRight: true)
        line += " " + Units.minute(time(entry)) + " /" + PathText.readable(path)
        if let target = entry.linkTarget { line += " -> " + PathText.readable(target) }
        switch entry.incomplete {
        case .unreadable: line += " (not readable)"
        case .changedWhileRead: line += " (changed while read)"
        case nil: break
        }
        return line
    }

    /// The members of its JSON object.
    static func json(_ path: [UInt8], _ entry: TreeEntry) -> [(name: String, value: JSON)] {
        var members = JSON.path("path", [0x2f] + path)
        members += [
            ("kind", .string("\(entry.kind)")), ("mode", .integer(Int(entry.mode))),
            ("owner", .integer(Int(entry.owner))), ("group", .integer(Int(entry.group))),
        ]
        if !entry.ownerName.isEmpty { members += JSON.path("ownerName", entry.ownerName) }
        if !entry.groupName.isEmpty { members += JSON.path("groupName", entry.groupName) }
        members += [
            ("size", .integer(entry.size)), ("mtimeSeconds", .integer(Int(entry.mtimeSeconds))),
            ("mtimeNanoseconds", .integer(Int(entry.mtimeNanoseconds))),
        ]
        if let time = entry.accessTime {
            members += [
                ("atimeSeconds", .integer(Int(time.seconds))), ("atimeNanoseconds", .integer(Int(time.nanoseconds))),
            ]
        }
        if let digest = entry.digest, digest.kind == 1 { members.append(("sha256", .string(digest.digest.hex))) }
        if let target = entry.linkTarget { members += JSON.path("linkTarget", target) }
        if let device = entry.device {
            members += [("deviceMajor", .integer(Int(device.major))), ("deviceMinor", .integer(Int(device.minor)))]
        }
        if let group = entry.hardLinkGroup { members += JSON.path("hardLinkGroup", [0x2f] + group) }
        if let incomplete = entry.incomplete { members.append(("incomplete", .string("\(incomplete)"))) }
        return members
    }

    private static func time(_ entry: TreeEntry) -> Timestamp {
        // Any 64-bit number of seconds may stand in an entry.
        Timestamp(milliseconds: min(max(entry.mtimeSeconds, 0), 253_402_300_799) * 1000)
    }

    private static func name(_ name: [UInt8], _ number: UInt32) -> String {
        name.isEmpty ? String(number) : PathText.readable(name)
    }

    private static func size(_ entry: TreeEntry) -> String {
        if let device = entry.device { return "\(device.major),\(device.minor)" }
        return entry.kind == .file ? Units.bytes(entry.size) : "-"
    }

    private static func mode(_ entry: TreeEntry) -> String {
        let kind: Character =
            switch entry.kind {
            case .file: "-"
            case .directory: "d"
            case .symbolicLink: "l"
            case .characterDevice: "c"
            case .blockDevice: "b"
            case .fifo: "p"
            case .socket: "s"
            }
        var text = String(kind)
        for (shift, special, letter) in [(6, UInt16(0o4000), "s"), (3, 0o2000, "s"), (0, 0o1000, "t")] {
            let bits = entry.mode >> UInt16(shift)
            text += (bits & 4 != 0 ? "r" : "-") + (bits & 2 != 0 ? "w" : "-")
            let isSpecial = entry.mode & special != 0
            if bits & 1 != 0 { text += isSpecial ? letter : "x" } else { text += isSpecial ? letter.uppercased() : "-" }
        }
        return text
    }
}
