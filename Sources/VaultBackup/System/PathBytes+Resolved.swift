internal import Glibc

extension PathBytes {
    /// The absolute path with every link followed.
    static func resolved(_ path: [UInt8]) throws(SystemError) -> [UInt8] {
        try SystemCall.withCString(path) { (cPath) throws(SystemError) -> [UInt8] in
            guard let result = realpath(cPath, nil) else {
                throw SystemError(errno: errno, operation: "resolve", path: path)
            }
            defer { free(result) }
            return Array(UnsafeRawBufferPointer(start: result, count: strlen(result)))
        }
    }
}
