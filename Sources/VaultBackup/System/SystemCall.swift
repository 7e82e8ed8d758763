internal import Glibc

/// Makes system calls: repeats what a signal interrupted and turns -1 into an error.
enum SystemCall {
    /// Makes a call until it is not interrupted, and returns its result.
    @inline(__always)
    static func run<T: SignedInteger>(
        _ operation: @autoclosure () -> String, _ path: @autoclosure () -> [UInt8] = [], _ call: () -> T
    ) throws(SystemError) -> T {
        while true {
            let result = call()
            if result != -1 { return result }
            let number = errno
            if number != EINTR { throw SystemError(errno: number, operation: operation(), path: path()) }
        }
    }

    /// The same for a call that is about a path: `call` gets it with a NUL at its end.
    @inline(__always)
    static func run<T: SignedInteger>(
        _ operation: @autoclosure () -> String, onPath path: [UInt8], _ call: (UnsafePointer<CChar>) -> T
    ) throws(SystemError) -> T {
        try withCString(path) { (pointer) throws(SystemError) in
            try run(operation(), path) { call(pointer) }
        }
    }

    /// Calls `body` with the bytes and a NUL. A path that holds a NUL itself would name something else; it is refused.
    static func withCString<R>(
        _ path: [UInt8], _ body: (UnsafePointer<CChar>) throws(SystemError) -> R
    ) throws(SystemError) -> R {
        guard !path.contains(0) else { throw SystemError(errno: EINVAL, operation: "path", path: path) }
        var bytes = path
        bytes.append(0)
        let result: Result<R, SystemError> = bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                guard let start = text.baseAddress else {
                    return .failure(SystemError(errno: EINVAL, operation: "path", path: path))
                }
                do throws(SystemError) { return .success(try body(start)) } catch { return .failure(error) }
            }
        }
        return try result.get()
    }

    /// Overwrites memory that held a secret, in a way that the compiler does not leave out.
    static func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
        if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
    }

    /// Path by which the kernel reaches what is behind an open descriptor, or a name below it.
    static func descriptorPath(_ fd: Int32, _ name: [UInt8]? = nil) -> [UInt8] {
        var path = Array("/proc/self/fd/".utf8)
        path.reserveCapacity(26 + (name?.count ?? 0))
        path.append(contentsOf: String(fd).utf8)
        if let name {
            path.append(0x2f)
            path.append(contentsOf: name)
        }
        return path
    }
}

/// Parts of paths. Paths are bytes; `/` separates names.
enum PathBytes {
    static let slash: UInt8 = 0x2f
    /// The directory itself.
    static let here: [UInt8] = [0x2e]

    /// `directory/name`.
    static func join(_ directory: [UInt8], _ name: [UInt8]) -> [UInt8] {
        directory.last == slash ? directory + name : directory + [slash] + name
    }

    /// The path without its last name (`.` when there is none, `/` for a name in the root), and that name.
    static func split(_ path: [UInt8]) -> (parent: [UInt8], name: [UInt8]) {
        var end = path.count
        while end > 1, path[end - 1] == slash { end -= 1 }
        guard let cut = path[..<end].lastIndex(of: slash) else { return (here, Array(path[..<end])) }
        var parentEnd = cut
        while parentEnd > 1, path[parentEnd - 1] == slash { parentEnd -= 1 }
        return (parentEnd == 0 ? [slash] : Array(path[..<parentEnd]), Array(path[(cut + 1)..<end]))
    }
}
