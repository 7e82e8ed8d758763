internal import CLinux
internal import Glibc

/// Extended attributes, ACLs among them. They are read and set through paths below `/proc/self/fd`, so that links and
/// special files need not be opened and a link is never followed.
enum ExtendedAttributes {
    /// One attribute.
    struct Attribute: Sendable, Equatable {
        var name: [UInt8]
        var value: [UInt8]
    }

    // The kernel's own bounds: XATTR_LIST_MAX and XATTR_SIZE_MAX.
    private static let byteCountMax = 64 << 10
    private static let firstGuess = 512

    /// All attributes of an open file or directory, in the order of the bytes of their names.
    static func read(_ file: OpenFile) throws(SystemError) -> [Attribute] {
        // Most have none, and the descriptor answers that several times faster than its path. It refuses when
        // path-only.
        if flistxattr(file.fd, nil, 0) == 0 { return [] }
        // The descriptor's own path: listxattr follows it to the file, also where the descriptor is path-only.
        return try read(
            SystemCall.descriptorPath(file.fd), list: { listxattr($0, $1, $2) }, get: { getxattr($0, $1, $2, $3) })
    }

    /// All attributes of an entry of `directory`, in the order of the bytes of their names.
    static func read(at directory: OpenFile, _ name: [UInt8]) throws(SystemError) -> [Attribute] {
        try read(
            SystemCall.descriptorPath(directory.fd, name), list: { llistxattr($0, $1, $2) },
            get: { lgetxattr($0, $1, $2, $3) })
    }

    /// Sets an attribute of an open file or directory.
    static func set(_ attribute: Attribute, of file: OpenFile) throws(SystemError) {
        try set(attribute, SystemCall.descriptorPath(file.fd)) { setxattr($0, $1, $2, $3, 0) }
    }

    /// Sets an attribute of an entry of `directory`.
    static func set(_ attribute: Attribute, at directory: OpenFile, _ name: [UInt8]) throws(SystemError) {
        try set(attribute, SystemCall.descriptorPath(directory.fd, name)) { lsetxattr($0, $1, $2, $3, 0) }
    }

    /// Removes an attribute of an entry of `directory`; succeeds when there is none.
    static func remove(_ attribute: [UInt8], at directory: OpenFile, _ name: [UInt8]) throws(SystemError) {
        try SystemCall.withCString(attribute) { (attributeName) throws(SystemError) in
            do throws(SystemError) {
                _ = try SystemCall.run("removexattr", onPath: SystemCall.descriptorPath(directory.fd, name)) {
                    lremovexattr($0, attributeName)
                }
            } catch  where error.errno == ENODATA || error.errno == EOPNOTSUPP {}
        }
    }

    /// Removes an attribute of an open file or directory; succeeds when there is none.
    static func remove(_ attribute: [UInt8], of file: OpenFile) throws(SystemError) {
        try SystemCall.withCString(attribute) { (attributeName) throws(SystemError) in
            do throws(SystemError) {
                _ = try SystemCall.run("removexattr", onPath: SystemCall.descriptorPath(file.fd)) {
                    removexattr($0, attributeName)
                }
            } catch  where error.errno == ENODATA || error.errno == EOPNOTSUPP {}
        }
    }

    /// Whether what is made in an open directory gets an ACL from it.
    static func hasDefaultACL(_ directory: OpenFile) -> Bool {
        flistxattr(directory.fd, nil, 0) != 0 && fgetxattr(directory.fd, "system.posix_acl_default", nil, 0) > 0
    }

    /// Takes the ACLs of an open file or directory away, those for what is made in it too.
    static func removeACLs(_ file: OpenFile) throws(SystemError) {
        for name in ["system.posix_acl_access", "system.posix_acl_default"] { try remove(Array(name.utf8), of: file) }
    }

    private typealias Path = UnsafePointer<CChar>

    private static func set(
        _ attribute: Attribute, _ path: [UInt8], _ call: (Path, Path, UnsafeRawPointer?, Int) -> Int32
    ) throws(SystemError) {
        try SystemCall.withCString(attribute.name) { (name) throws(SystemError) in
            _ = try SystemCall.run("setxattr", onPath: path) { path in
                attribute.value.withUnsafeBytes { call(path, name, $0.baseAddress, $0.count) }
            }
        }
    }

    private static func read(
        _ path: [UInt8], list: (Path, UnsafeMutablePointer<CChar>?, Int) -> Int,
        get: (Path, Path, UnsafeMutableRawPointer?, Int) -> Int
    ) throws(SystemError) -> [Attribute] {
        try SystemCall.withCString(path) { (cPath) throws(SystemError) in
            let list = try fill("listxattr", path) {
                list(cPath, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
            }
            guard let list, !list.isEmpty else { return [] }
            var attributes: [Attribute] = []
            for name in list.split(separator: 0) {
                let name = Array(name)
                let value = try SystemCall.withCString(name) { (cName) throws(SystemError) in
                    try fill("getxattr", path) { get(cPath, cName, $0.baseAddress, $0.count) }
                }
                if let value { attributes.append(Attribute(name: name, value: value)) }
            }
            return attributes.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        }
    }

    // Calls with a small buffer on the stack, which is enough nearly always, then with the largest the kernel fills.
    // Nil: the file system has no attributes, or the attribute went away since it was listed.
    private static func fill(
        _ operation: StaticString, _ path: [UInt8], _ call: (UnsafeMutableRawBufferPointer) -> Int
    ) throws(SystemError) -> [UInt8]? {
        for capacity in [firstGuess, byteCountMax] {
            let result: Result<[UInt8]?, SystemError> = withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8)
            { buffer in
                do throws(SystemError) {
                    let count = try SystemCall.run("\(operation)", path) { call(buffer) }
                    return .success(Array(buffer.prefix(count)))
                } catch { return .failure(error) }
            }
            switch result {
            case .success(let bytes): return bytes
            case .failure(let error) where error.errno == EOPNOTSUPP || error.errno == ENODATA: return nil
            case .failure(let error) where error.errno == ERANGE && capacity < byteCountMax: continue
            case .failure(let error): throw error
            }
        }
        return nil
    }
}
