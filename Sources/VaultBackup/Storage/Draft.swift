internal import Glibc

/// The bytes of an object of a local store, on the disk but without its name. Belongs to one call of put.
///
/// Where the file system can, the file has no name at all until it is published, so that a killed process leaves
/// nothing. Elsewhere it has a temporary name, which ends in `.tmp` and is no object's.
struct Draft: ~Copyable {
    private let directory: OpenFile
    private let mode: UInt16
    private let pace: Pace
    /// Whether the file system took a file without a name.
    private(set) var isUnnamed: Bool
    // What the bytes are reached by once the file is closed: a place for an unnamed file, else a temporary name.
    private var place: OpenFile?
    private var temporaryName: [UInt8]?

    /// A draft for an object in `directory`; `unnamed` says whether to try without a name.
    init(_ directory: OpenFile, mode: UInt16, unnamed: Bool, pace: Pace = .free) {
        self.pace = pace
        self.directory = directory
        self.mode = mode
        isUnnamed = unnamed
    }

    deinit {
        if let temporaryName { try? DirectoryEntries.remove(at: directory, temporaryName) }
    }

    /// Writes, synchronises and closes: on return the bytes survive a power loss, and publishing makes them an object.
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        if isUnnamed {
            do throws(SystemError) {
                let file = try OpenFile.open(at: directory, PathBytes.here, [.writeOnly, .unnamed], mode: UInt32(mode))
                // Without /proc there is no way to name the file; then it is written under a temporary name.
                place = try? OpenFile.open(SystemCall.descriptorPath(file.fd), .pathOnly)
                if place != nil { return try fill(file, bytes) }
            } catch  where [EOPNOTSUPP, EISDIR, EINVAL].contains(error.errno) && error.operation == "open" {}
            isUnnamed = false
        }
        let name = Array(".\(Hex.encode(withUnsafeBytes(of: UInt64.random(in: .min ... .max)) { Array($0) })).tmp".utf8)
        let options: OpenOptions = [.writeOnly, .create, .exclusive, .noFollow]
        let file = try OpenFile.open(at: directory, name, options, mode: UInt32(mode))
        temporaryName = name
        try fill(file, bytes)
    }

    private func fill(_ file: OpenFile, _ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        // The umask may have taken the group's permissions.
        if mode & 0o077 != 0 { try Metadata.setMode(mode, of: file) }
        var done = 0
        while done < bytes.count {
            let count = pace.writeSlice(bytes.count - done)
            pace.willWrite(count)
            try file.write(UnsafeRawBufferPointer(rebasing: bytes[done..<done + count]))
            // Without this a slow pace would end in one fast synchronising.
            if pace.write != nil { file.startWriting(at: done, byteCount: count) }
            done += count
        }
        try file.synchronize()
        try file.close()
    }

    /// Gives the bytes their name. `EEXIST` when it is taken; nothing is ever replaced. Not durable before the
    /// directory is.
    mutating func publish(_ name: [UInt8]) throws(SystemError) {
        if let place { return try DirectoryEntries.name(place, at: directory, name) }
        guard let temporaryName else { throw SystemError(errno: EINVAL, operation: "link") }
        do throws(SystemError) {
            try DirectoryEntries.renameWithoutReplacing(from: directory, temporaryName, to: directory, name)
            self.temporaryName = nil
        } catch  where [EINVAL, ENOSYS, EOPNOTSUPP].contains(error.errno) {
            try link(temporaryName, name)
        }
    }

    // The way of file systems that cannot rename without replacing. The temporary name goes with the draft.
    private func link(_ temporaryName: [UInt8], _ name: [UInt8]) throws(SystemError) {
        do throws(SystemError) {
            try DirectoryEntries.makeLink(from: directory, temporaryName, to: directory, name)
        } catch  where error.errno == EEXIST {
            // A file server may have done it, lost the answer and been asked again: a second name shows that it is
            // ours.
            if try FileStatus.read(at: directory, temporaryName).linkCount != 2 { throw error }
        }
    }
}
