internal import CLinux
internal import Glibc

extension OpenFile {
    /// Reads from the current position until `buffer` is full or the file ends; returns the number of bytes read.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try transfer("read", buffer.count) { done in
            Glibc.read(fd, buffer.baseAddress.map { $0 + done }, buffer.count - done)
        }
    }

    /// Reads at most one block, as soon as there is something; 0 at the end. For pipes.
    func readSome(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try SystemCall.run("read") { Glibc.read(fd, buffer.baseAddress, buffer.count) }
    }

    /// Reads from `offset` until `buffer` is full or the file ends; returns the number of bytes read.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try transfer("pread", buffer.count) { done in
            pread(fd, buffer.baseAddress.map { $0 + done }, buffer.count - done, offset + done)
        }
    }

    /// Writes all bytes at the current position.
    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        let done = try transfer("write", bytes.count) { done in
            Glibc.write(fd, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        }
        // A write of nothing where something was asked makes no progress; POSIX allows it, no Linux file does it.
        guard done == bytes.count else { throw SystemError(errno: EIO, operation: "write") }
    }

    /// Writes all parts at the current position, one behind the other and with one call if the system takes it all.
    func write(_ parts: [UnsafeRawBufferPointer]) throws(SystemError) {
        let blocks = parts.map {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }
        var done = try SystemCall.run("writev") { writev(fd, blocks, Int32(blocks.count)) }
        for part in parts {
            let count = min(done, part.count)
            done -= count
            if count < part.count { try write(UnsafeRawBufferPointer(rebasing: part[count...])) }
        }
    }

    /// Writes all bytes from `offset` on.
    func write(at offset: Int, _ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        let done = try transfer("pwrite", bytes.count) { done in
            pwrite(fd, bytes.baseAddress.map { $0 + done }, bytes.count - done, offset + done)
        }
        guard done == bytes.count else { throw SystemError(errno: EIO, operation: "pwrite") }
    }

    // Calls `step` with the bytes done so far until all are done or a step does nothing.
    private func transfer(
        _ operation: StaticString, _ total: Int, _ step: (Int) -> Int
    ) throws(SystemError) -> Int {
        var done = 0
        while done < total {
            let count = try SystemCall.run("\(operation)") { step(done) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Asks the disk to begin with bytes that were written, so that a later synchronising has less to do. Only advice.
    func startWriting(at offset: Int, byteCount: Int) { _ = vault_start_writing(fd, Int64(offset), Int64(byteCount)) }

    /// On return content and size survive a power loss. An error means that written bytes may be lost although a later
    /// call succeeds: the file must be given up and written anew.
    func synchronize() throws(SystemError) { _ = try SystemCall.run("fsync") { fsync(fd) } }

    /// On return everything written to the file system that this is on survives a power loss.
    func synchronizeFileSystem() throws(SystemError) { _ = try SystemCall.run("syncfs") { vault_syncfs(fd) } }

    /// Cuts the file off, or extends it by a hole, to `byteCount` bytes.
    func truncate(to byteCount: Int) throws(SystemError) {
        _ = try SystemCall.run("ftruncate") { ftruncate(fd, byteCount) }
    }

    /// Start of the first data at or after `offset`; nil when only a hole is left.
    func nextData(from offset: Int) throws(SystemError) -> Int? { try seek(offset, vault_SEEK_DATA) }

    /// Start of the first hole at or after `offset` (the end of the file counts as one); nil past the end.
    func nextHole(from offset: Int) throws(SystemError) -> Int? { try seek(offset, vault_SEEK_HOLE) }

    private func seek(_ offset: Int, _ whence: Int32) throws(SystemError) -> Int? {
        do { return try SystemCall.run("lseek") { lseek(fd, offset, whence) } } catch  where error.errno == ENXIO {
            return nil
        }
    }

    /// Moves the current position to `offset`.
    func seek(to offset: Int) throws(SystemError) { _ = try SystemCall.run("lseek") { lseek(fd, offset, SEEK_SET) } }

    /// Tells the kernel that the file will be read from start to end. Only advice.
    func adviseSequential() { _ = posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL) }

    /// Tells the kernel that a range (to the end when `byteCount` is 0) need not stay in memory. Only advice.
    func adviseDontNeed(offset: Int = 0, byteCount: Int = 0) {
        _ = posix_fadvise(fd, offset, byteCount, POSIX_FADV_DONTNEED)
    }
}

extension OpenFile {
    /// A file without a name that is only in memory.
    static func inMemory() throws(SystemError) -> OpenFile {
        OpenFile(owning: try SystemCall.run("memfd_create") { vault_memory_file() })
    }

    /// A new file that only this user may read, and that no directory has: it is gone when nobody has it open any more.
    static func openUnnamed(in directory: OpenFile) throws(SystemError) -> OpenFile {
        do {
            return try open(at: directory, PathBytes.here, [.readWrite, .unnamed], mode: 0o600)
        } catch  where [EOPNOTSUPP, EISDIR, EINVAL].contains(error.errno) {
            let name = Array(".vault-\(UInt64.random(in: .min ... .max))".utf8)
            let file = try open(at: directory, name, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
            try DirectoryEntries.remove(at: directory, name)
            return file
        }
    }
}
