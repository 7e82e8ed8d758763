/// An access control list as the kernel gives it in an extended attribute, and as archives have it.
enum AccessList: String {
    case access = "system.posix_acl_access"
    case defaults = "system.posix_acl_default"

    /// Nil for an attribute that is none.
    init?(_ name: [UInt8]) {
        guard let list = Self(rawValue: String(decoding: name, as: UTF8.self)) else { return nil }
        self = list
    }

    /// Keyword in an extended header of an archive, as star and GNU tar have it.
    var tarKey: String { self == .access ? "SCHILY.acl.access" : "SCHILY.acl.default" }

    /// The list as POSIX.1e writes it, owners by number; nil when the value is not of version 2, the only one there is.
    ///
    /// The value (`<linux/posix_acl_xattr.h>`) is little-endian: u32 version, then for each entry u16 tag,
    /// u16 permissions, u32 id.
    static func text(_ value: [UInt8]) -> [UInt8]? {
        func number(_ offset: Int, _ count: Int) -> UInt32 {
            (0..<count).reduce(0) { $0 | UInt32(value[offset + $1]) << UInt32(8 * $1) }
        }
        guard value.count >= 4, value.count % 8 == 4, number(0, 4) == 2 else { return nil }
        var entries: [String] = []
        for offset in stride(from: 4, to: value.count, by: 8) {
            let permissions = number(offset + 2, 2)
            let id = number(offset + 4, 4)
            let who: String
            switch number(offset, 2) {
            case 0x01: who = "user:"
            case 0x02: who = "user:\(id)"
            case 0x04: who = "group:"
            case 0x08: who = "group:\(id)"
            case 0x10: who = "mask:"
            case 0x20: who = "other:"
            default: return nil
            }
            let letters = zip([4, 2, 1] as [UInt32], "rwx").map { permissions & $0 != 0 ? String($1) : "-" }
            entries.append(who + ":" + letters.joined())
        }
        return Array(entries.joined(separator: ",").utf8)
    }
}
