internal import Glibc

/// Small local files that are whole or absent: settings, identities, pins, caches.
public enum AtomicFile {
    /// Writes `bytes` to `path` and replaces what is there. `mode` is exact, whatever the umask. On return content and
    /// name survive a power loss; after an error the file is the old one or the new one, and no temporary file is left
    /// behind (a killed process may leave one, named `.NAME.<16 hex digits>.tmp`).
    public static func write(_ path: [UInt8], _ bytes: UnsafeRawBufferPointer, mode: UInt16 = 0o600) throws(SystemError)
    {
        try write(path, mode: mode) { (file) throws(SystemError) in try file.write(bytes) }
    }

    /// The same for content that `body` writes to the file it is given.
    static func write(
        _ path: [UInt8], mode: UInt16 = 0o600, _ body: (OpenFile) throws(SystemError) -> Void
    ) throws(SystemError) {
        let (parent, name) = PathBytes.split(path)
        do {
            try write(in: parent, temporary: temporaryName(name), mode: mode) { (file) throws(SystemError) in
                try body(file)
                return name
            }
        } catch {
            throw SystemError(errno: error.errno, operation: error.operation, path: path)
        }
    }

    /// The same for a file whose name is known when it has been written: what `body` returns, which is also returned.
    static func write(
        in folder: [UInt8], mode: UInt16 = 0o600, _ body: (OpenFile) throws(SystemError) -> [UInt8]
    ) throws(SystemError) -> [UInt8] {
        try write(in: folder, temporary: temporaryName(PathBytes.split(folder).name), mode: mode, body)
    }

    @discardableResult
    private static func write(
        in folder: [UInt8], temporary: [UInt8], mode: UInt16, _ body: (OpenFile) throws(SystemError) -> [UInt8]
    ) throws(SystemError) -> [UInt8] {
        let directory = try OpenFile.openDirectory(folder, followingLinks: true)
        let file = try OpenFile.open(
            at: directory, temporary, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
        let name: [UInt8]
        do {
            name = try body(file)
            try Metadata.setMode(mode, of: file)
            try file.synchronize()
            try file.close()
            try DirectoryEntries.rename(from: directory, temporary, to: directory, name)
        } catch {
            try? DirectoryEntries.remove(at: directory, temporary)
            throw error
        }
        try directory.synchronize()
        return name
    }

    /// The same for an array.
    public static func write(_ path: [UInt8], _ bytes: [UInt8], mode: UInt16 = 0o600) throws(SystemError) {
        let result: Result<Void, SystemError> = bytes.withUnsafeBytes { buffer in
            do throws(SystemError) { return .success(try write(path, buffer, mode: mode)) } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// The content of a file, at most `byteCountMax` bytes; nil when there is no such file. A larger one throws
    /// `EFBIG`.
    public static func read(_ path: [UInt8], byteCountMax: Int) throws(SystemError) -> [UInt8]? {
        let file: OpenFile
        do { file = try OpenFile.open(path, .readOnly) } catch  where error.errno == ENOENT { return nil }
        // The size is a hint only: what grows meanwhile, or says 0 like a pipe, is read in blocks.
        let hint = Int(clamping: try file.status().size)
        guard hint <= byteCountMax else { throw SystemError(errno: EFBIG, operation: "read", path: path) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hint + 1)
        var block = [UInt8](repeating: 0, count: min(max(hint + 1, 4096), 1 << 20))
        while true {
            let wanted = block.count
            let result: Result<Int, SystemError> = block.withUnsafeMutableBytes { buffer in
                do throws(SystemError) { return .success(try file.read(into: buffer)) } catch { return .failure(error) }
            }
            let count = try result.get()
            bytes.append(contentsOf: block[..<count])
            guard bytes.count <= byteCountMax else { throw SystemError(errno: EFBIG, operation: "read", path: path) }
            if count < wanted { return bytes }
        }
    }

    /// Calls `body` with the content of a file and wipes the memory afterwards; nil when there is no such file.
    /// A file of more than `byteCountMax` bytes throws `EFBIG`.
    public static func withSecretContent<R>(
        _ path: [UInt8], byteCountMax: Int, _ body: (UnsafeRawBufferPointer) -> R
    ) throws(SystemError) -> R? {
        let file: OpenFile
        do { file = try OpenFile.open(path, .readOnly) } catch  where error.errno == ENOENT { return nil }
        // One byte more than allowed shows that there is more. The size is no guide: pipes and /proc files say 0.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCountMax + 1, alignment: 16)
        defer {
            SystemCall.wipe(buffer)
            buffer.deallocate()
        }
        let count: Int
        do { count = try file.read(into: buffer) } catch {
            throw SystemError(errno: error.errno, operation: error.operation, path: path)
        }
        guard count <= byteCountMax else { throw SystemError(errno: EFBIG, operation: "read", path: path) }
        return body(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
    }

    /// Makes a directory and those above it that are missing, each with `mode` (before umask). On return the new names
    /// survive a power loss. Succeeds when it exists.
    public static func createDirectories(_ path: [UInt8], mode: UInt16 = 0o700) throws(SystemError) {
        do {
            try DirectoryEntries.makeDirectory(at: nil, path, mode: UInt32(mode))
        } catch  where error.errno == EEXIST {
            guard try FileStatus.read(path, followingLinks: true).kind == .directory else { throw error }
            return
        } catch  where error.errno == ENOENT {
            let parent = PathBytes.split(path).parent
            // Where nobody can make anything, as below /proc, the answer is the same although the parent is there.
            guard parent.count < path.count, try FileStatus.readIfPresent(parent, followingLinks: true) == nil else {
                throw error
            }
            try createDirectories(parent, mode: mode)
            return try createDirectories(path, mode: mode)
        }
        try OpenFile.openDirectory(PathBytes.split(path).parent, followingLinks: true).synchronize()
    }

    private static func temporaryName(_ name: [UInt8]) -> [UInt8] {
        let random = withUnsafeBytes(of: UInt64.random(in: .min ... .max)) { Hex.encode($0) }
        // Shortened so that the whole stays within the 255 bytes of a name.
        return [0x2e] + name.prefix(200) + Array(".\(random).tmp".utf8)
    }
}
