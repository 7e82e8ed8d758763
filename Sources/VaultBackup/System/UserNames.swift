internal import Glibc
internal import Synchronization

/// Names of users and groups, remembered because a look-up may go over the network. Safe to use from several threads.
final class UserNames: Sendable {
    private struct Cache {
        var userNames: [UInt32: [UInt8]] = [:]
        var groupNames: [UInt32: [UInt8]] = [:]
        var users: [[UInt8]: UInt32?] = [:]
        var groups: [[UInt8]: UInt32?] = [:]
    }

    private let cache = Mutex(Cache())

    init() {}

    /// Name of a user; empty when there is none, or when it is longer than a snapshot can hold (255 bytes).
    func userName(_ id: UInt32) -> [UInt8] {
        cache.withLock { cache in
            if let known = cache.userNames[id] { return known }
            let name =
                Self.lookUp(passwd()) {
                    getpwuid_r(id, $0, $1, $2, $3)
                } take: {
                    Self.name($0.pw_name)
                } ?? []
            cache.userNames[id] = name
            return name
        }
    }

    /// Name of a group; empty as above.
    func groupName(_ id: UInt32) -> [UInt8] {
        cache.withLock { cache in
            if let known = cache.groupNames[id] { return known }
            let name =
                Self.lookUp(Glibc.group()) {
                    getgrgid_r(id, $0, $1, $2, $3)
                } take: {
                    Self.name($0.gr_name)
                } ?? []
            cache.groupNames[id] = name
            return name
        }
    }

    /// Number of a user; nil when this machine has none of that name.
    func user(named name: [UInt8]) -> UInt32? {
        cache.withLock { cache in
            if let known = cache.users[name] { return known }
            let id: UInt32? = Self.withName(name) { name in
                Self.lookUp(passwd()) {
                    getpwnam_r(name, $0, $1, $2, $3)
                } take: {
                    $0.pw_uid
                }
            }
            cache.users.updateValue(id, forKey: name)
            return id
        }
    }

    /// Number of a group; nil when this machine has none of that name.
    func group(named name: [UInt8]) -> UInt32? {
        cache.withLock { cache in
            if let known = cache.groups[name] { return known }
            let id: UInt32? = Self.withName(name) { name in
                Self.lookUp(Glibc.group()) {
                    getgrnam_r(name, $0, $1, $2, $3)
                } take: {
                    $0.gr_gid
                }
            }
            cache.groups.updateValue(id, forKey: name)
            return id
        }
    }

    private typealias Call<Record> = (
        UnsafeMutablePointer<Record>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<Record>?>
    ) -> Int32

    // Calls with a growing buffer; large groups need much. `take` copies out of the buffer before it goes away.
    private static func lookUp<Record, Value>(_ empty: Record, _ call: Call<Record>, take: (Record) -> Value) -> Value?
    {
        var record = empty
        var capacity = 1 << 10
        while capacity <= 1 << 20 {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
            defer { buffer.deallocate() }
            var found: UnsafeMutablePointer<Record>?
            switch call(&record, buffer, capacity, &found) {
            case 0: return found.map { take($0.pointee) }
            case ERANGE: capacity *= 4
            case EINTR: continue
            default: return nil
            }
        }
        return nil
    }

    // A name that is empty or holds a NUL is nobody's.
    private static func withName(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> UInt32?) -> UInt32? {
        guard !name.isEmpty, !name.contains(0) else { return nil }
        return (name + [0]).withUnsafeBytes { $0.baseAddress.flatMap { body($0.assumingMemoryBound(to: CChar.self)) } }
    }

    private static func name(_ text: UnsafeMutablePointer<CChar>?) -> [UInt8] {
        let bytes = text.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
        return bytes.count <= Limits.nameBytesMax ? bytes : []
    }
}
