internal import CLinux
internal import Foundation

/// System calls on paths that are raw bytes, for trees whose names no `String` can hold.
enum FileCalls {
    /// A call that failed: its name, the path, and the number of the error.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static func check(_ result: Int, _ call: String, _ path: [UInt8]) throws {
        if result < 0 { throw Failure(description: "\(call) \(String(decoding: path, as: UTF8.self)): error \(errno)") }
    }

    private static func cString(_ path: [UInt8]) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }

    static func makeDirectory(_ path: [UInt8]) throws { try check(Int(mkdir(cString(path), 0o755)), "mkdir", path) }

    static func makeFifo(_ path: [UInt8]) throws { try check(Int(mkfifo(cString(path), 0o644)), "mkfifo", path) }

    /// The null device under another name; only root may do so.
    static func makeDevice(_ path: [UInt8]) throws {
        try check(Int(mknod(cString(path), S_IFCHR | 0o600, 0x0103)), "mknod", path)
    }

    static func makeSymbolicLink(_ path: [UInt8], to target: [UInt8]) throws {
        try check(Int(symlink(cString(target), cString(path))), "symlink", path)
    }

    static func makeLink(_ path: [UInt8], to existing: [UInt8]) throws {
        try check(Int(link(cString(existing), cString(path))), "link", path)
    }

    /// Writes `parts` at their offsets into a new or emptied file of `size` bytes; what lies between is a hole.
    static func write(_ path: [UInt8], _ parts: [(offset: Int, bytes: [UInt8])], size: Int) throws {
        let file = open(cString(path), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        try check(Int(file), "open", path)
        defer { close(file) }
        for part in parts {
            try check(pwrite(file, part.bytes, part.bytes.count, off_t(part.offset)), "pwrite", path)
        }
        try check(Int(ftruncate(file, off_t(size))), "ftruncate", path)
    }

    static func remove(_ path: [UInt8]) throws { try check(Int(unlink(cString(path))), "unlink", path) }

    static func move(_ path: [UInt8], to other: [UInt8]) throws {
        try check(Int(rename(cString(path), cString(other))), "rename", path)
    }

    static func setMode(_ path: [UInt8], _ mode: UInt32) throws {
        try check(Int(chmod(cString(path), mode)), "chmod", path)
    }

    static func setOwner(_ path: [UInt8], _ owner: UInt32, _ group: UInt32) throws {
        try check(Int(lchown(cString(path), owner, group)), "lchown", path)
    }

    static func setTime(_ path: [UInt8], seconds: Int, nanoseconds: Int) throws {
        // Two structures of seconds and nanoseconds: access and modification.
        let times = [seconds, nanoseconds, seconds, nanoseconds]
        let result = times.withUnsafeBytes { bytes in
            utimensat(
                AT_FDCWD, cString(path), bytes.baseAddress?.assumingMemoryBound(to: timespec.self), AT_SYMLINK_NOFOLLOW)
        }
        try check(Int(result), "utimensat", path)
    }

    static func setAttribute(_ path: [UInt8], _ name: String, _ value: [UInt8]) throws {
        try check(Int(lsetxattr(cString(path), name, value, value.count, 0)), "lsetxattr", path)
    }
}
