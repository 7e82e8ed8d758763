internal import VaultBackup

/// Files that the user names on the command line and that hold no secret.
enum LocalFile {
    /// The whole file.
    /// - Throws: ``VaultError`` `.usage` when there is none, `.failed` when it cannot be read or is too long.
    static func read(_ path: PathArgument, most: Int) throws -> [UInt8] {
        do {
            if let bytes = try AtomicFile.read(path.bytes, byteCountMax: most) { return bytes }
        } catch {
            throw VaultError(.failed, "\(path.shown) cannot be read", nextStep: "Check the path", cause: error)
        }
        throw VaultError(.usage, "There is no file \(path.shown)", nextStep: "Check the path")
    }

    /// Replaces the file as a whole, durably; anybody may read it.
    /// - Throws: ``VaultError`` `.failed`; then the file is as it was.
    static func write(_ bytes: [UInt8], to path: PathArgument) throws {
        do throws(SystemError) { try AtomicFile.write(path.bytes, bytes, mode: 0o644) } catch {
            throw VaultError(
                .failed, "\(path.shown) cannot be written",
                nextStep: error.isNoSpace
                    ? "Make room there, or name a file on another disk" : "Check the directory and its permissions",
                cause: error)
        }
    }
}

extension PathArgument {
    /// A path that was made from another.
    init(bytes: [UInt8]) { self.bytes = bytes }

    /// For messages.
    var shown: String { PathText.readable(bytes) }
}
