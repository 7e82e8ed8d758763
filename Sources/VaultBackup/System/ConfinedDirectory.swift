internal import CLinux
internal import Glibc

/// Opens what lies below a directory and nothing else: no link on the way is followed, no `..` is taken, so that
/// whatever names a snapshot holds, and whatever someone changes meanwhile, the result is below the root.
struct ConfinedDirectory: Sendable {
    /// The directory that nothing leaves.
    let root: OpenFile

    // PATH_MAX is 4,096 with the NUL.
    private static let pathByteCountMax = 4000
    // The kernel answers EAGAIN when something was renamed on the way; after that many the slow way, which cannot be
    // disturbed.
    private static let attemptsMax = 16

    /// Confines to `root`.
    init(root: OpenFile) { self.root = root }

    /// Opens `path`, relative to the root; empty means the root itself. Throws `EXDEV` for a path that is absolute or
    /// holds `.`, `..` or an empty name, and `ELOOP` or `ENOTDIR` when a link is in the way.
    func open(_ path: [UInt8], _ options: OpenOptions, mode: UInt32 = 0) throws(SystemError) -> OpenFile {
        let names = try Self.names(path)
        let options = options.union(.noFollow)
        if path.count <= Self.pathByteCountMax, let file = try openInOneCall(path, options, mode) { return file }
        return try openStepByStep(names, options, mode, path)
    }

    /// Opens a directory below the root.
    func openDirectory(_ path: [UInt8]) throws(SystemError) -> OpenFile { try open(path, [.directory]) }

    /// The names of a relative path.
    private static func names(_ path: [UInt8]) throws(SystemError) -> [ArraySlice<UInt8>] {
        if path.isEmpty { return [] }
        let names = path.split(separator: PathBytes.slash, omittingEmptySubsequences: false)
        for name in names where name.isEmpty || name.elementsEqual([0x2e]) || name.elementsEqual([0x2e, 0x2e]) {
            throw SystemError(errno: EXDEV, operation: "open", path: path)
        }
        return names
    }

    // Nil: the kernel, or a filter before it, does not know openat2 or is disturbed too often.
    func openInOneCall(_ path: [UInt8], _ options: OpenOptions, _ mode: UInt32) throws(SystemError) -> OpenFile? {
        let flags = options.rawValue | O_CLOEXEC | O_NOCTTY
        let resolve = vault_RESOLVE_BENEATH | vault_RESOLVE_NO_SYMLINKS | vault_RESOLVE_NO_MAGICLINKS
        // openat2, unlike open, refuses a mode that is not used.
        let mode = flags & O_CREAT != 0 || options.contains(.unnamed) ? mode : 0
        for _ in 0..<Self.attemptsMax {
            do {
                let fd = try SystemCall.run("open", onPath: path.isEmpty ? PathBytes.here : path) {
                    vault_openat2(root.fd, $0, flags, mode, resolve)
                }
                return OpenFile(owning: fd)
            } catch  where error.errno == EAGAIN {
                continue
            } catch  where error.errno == ENOSYS || error.errno == EPERM { return nil }
        }
        return nil
    }

    func openStepByStep(
        _ names: [ArraySlice<UInt8>], _ options: OpenOptions, _ mode: UInt32, _ path: [UInt8]
    ) throws(SystemError) -> OpenFile {
        var directory = root
        do {
            for name in names.dropLast() {
                directory = try OpenFile.open(at: directory, Array(name), [.directory, .noFollow, .pathOnly])
            }
            return try OpenFile.open(at: directory, names.last.map { Array($0) } ?? PathBytes.here, options, mode: mode)
        } catch {
            throw SystemError(errno: error.errno, operation: error.operation, path: path)
        }
    }
}
