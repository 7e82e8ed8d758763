internal import Glibc
internal import Synchronization

/// A store in a folder of a local disk. Promises, in the order in which a put keeps them:
///
/// 1. An object has no name before all its bytes are on the disk: it is written without a name (or under a temporary
///    one), synchronised, closed and then linked. A killed process leaves nothing, or one `.tmp` file where unnamed
///    files are not supported.
/// 2. Linking never replaces. Of several writers the kernel lets one through.
/// 3. `.created` and `.exists` are said only after the folder has been synchronised, and with it every folder on the
///    way that may be new.
/// 4. What has a name is never changed, and is removed by ``delete(_:)`` alone: another process may have seen it.
/// 5. A file whose synchronising or closing failed is given up, for the kernel may have dropped its bytes. The object
///    is written anew from memory once; the second failure is reported.
public final class LocalStore: ObjectStore {
    /// Absolute or relative path as given, printable.
    public let location: String
    let root: OpenFile
    let folders: FolderCache
    let modes: Modes
    let pace: Pace
    private let createOnly: Mutex<StoreCapabilities.CreateOnly>
    // Whether the file system has been found to know unnamed files; never goes back to true.
    let usesUnnamedFiles: Atomic<Bool>

    // No object comes near; a stray larger file must not exhaust the memory.
    private static let objectByteCountMax = 1 << 30

    /// Permissions of what is written: for the owner alone, and for the group as far as the folder of the store is open
    /// to it.
    struct Modes {
        let file: UInt16
        let directory: UInt16

        init(root: FileStatus) {
            file = 0o600 | root.mode & 0o060
            directory = 0o700 | root.mode & 0o070
        }
    }

    init(path: [UInt8], unnamedFiles: Bool = true, pace: Pace = .free) throws(SystemError) {
        self.pace = pace
        location = PathText.readable(path)
        root = try OpenFile.openDirectory(path, followingLinks: true)
        modes = Modes(root: try root.status())
        folders = FolderCache(root: root, mode: modes.directory)
        createOnly = Mutex(.works)
        usesUnnamedFiles = Atomic(unnamedFiles)
    }

    /// Makes the folder (for the owner alone) if it is missing, opens it and probes it. On return the folder survives a
    /// power loss.
    public static func create(at path: [UInt8]) throws(StorageError) -> LocalStore {
        let store: LocalStore
        do throws(SystemError) {
            try AtomicFile.createDirectories(path)
            store = try LocalStore(path: path)
        } catch { throw StorageError(error, "make the store", at: PathText.readable(path)) }
        try store.probe()
        return store
    }

    /// Opens a folder that exists; throws `notFound` when there is none. Writes nothing: ``capabilities`` then rest on
    /// the probe made by ``create(at:)``, and a put that could not refuse an existing name fails.
    ///
    /// - Parameter pace: how fast objects are read and written.
    public static func open(at path: [UInt8], pace: Pace = .free) throws(StorageError) -> LocalStore {
        do throws(SystemError) { return try LocalStore(path: path, pace: pace) } catch {
            let location = PathText.readable(path)
            if [ENOENT, ENOTDIR].contains(error.errno) {
                throw StorageError(.notFound, error, "open the store", at: location)
            }
            throw StorageError(error, "open the store", at: location)
        }
    }

    /// What the last probe found out; see ``open(at:)``.
    public var capabilities: StoreCapabilities {
        StoreCapabilities(createOnly: createOnly.withLock { $0 }, parallelCalls: 4)
    }

    /// Tries out whether the file system refuses a second put of one name, keeps the answer in ``capabilities`` and
    /// leaves nothing behind. Throws when nothing can be written at all.
    @discardableResult
    public func probe() throws(StorageError) -> StoreCapabilities.CreateOnly {
        let found = try probeCreateOnly()
        createOnly.withLock { $0 = found }
        return found
    }

    /// See ``ObjectStore``.
    public func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? {
        do throws(SystemError) {
            guard let (file, byteCount) = try openObject(name) else { return nil }
            guard byteCount <= Self.objectByteCountMax else { throw SystemError(errno: EFBIG, operation: "read") }
            var bytes = [UInt8](repeating: 0, count: byteCount)
            let result: Result<Int, SystemError> = bytes.withUnsafeMutableBytes { buffer in
                do throws(SystemError) { return .success(try file.read(into: buffer)) } catch { return .failure(error) }
            }
            bytes.removeLast(byteCount - (try result.get()))
            pace.didRead(bytes.count)
            return bytes
        } catch { throw StorageError(error, "read \(name)", at: location) }
    }

    /// See ``ObjectStore``.
    public func read(
        _ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) -> Int? {
        precondition(offset >= 0, "an offset is not negative")
        do throws(SystemError) {
            guard let (file, _) = try openObject(name) else { return nil }
            var done = 0
            while true {
                let wanted = pace.readSlice(buffer.count - done)
                let count = try file.read(
                    at: offset + done, into: UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + wanted]))
                done += count
                pace.didRead(count)
                if count < wanted || done == buffer.count { return done }
            }
        } catch { throw StorageError(error, "read \(name)", at: location) }
    }

    /// See ``ObjectStore``.
    public func size(_ name: ObjectName) throws(StorageError) -> Int? {
        do throws(SystemError) {
            guard let status = try FileStatus.readIfPresent(at: root, Array(name.text.utf8)) else { return nil }
            try Self.requireFile(status)
            return Int(clamping: status.size)
        } catch { throw StorageError(error, "read \(name)", at: location) }
    }

    /// See ``ObjectStore``.
    public func delete(_ name: ObjectName) throws(StorageError) { try delete([name]) }

    /// See ``ObjectStore``. All are removed before the first folder is synchronised: one commit of the file system's
    /// journal is enough for them, where each removal would wait for one of its own.
    public func delete(_ names: [ObjectName]) throws(StorageError) {
        var opened: [[UInt8]: OpenFile] = [:]
        var failure: StorageError?
        for name in names {
            let (folder, leaf) = PathBytes.split(Array(name.text.utf8))
            do throws(SystemError) {
                let directory: OpenFile
                if let known = opened[folder] {
                    directory = known
                } else {
                    directory = try OpenFile.openDirectory(at: root, folder)
                    opened[folder] = directory
                }
                try DirectoryEntries.remove(at: directory, leaf)
            } catch  where error.errno == ENOENT {
                // A repeated call: what the first could not synchronise is done now.
            } catch {
                failure = StorageError(error, "delete \(name)", at: location)
                break
            }
        }
        for (folder, directory) in opened {
            do throws(SystemError) { try directory.synchronize() } catch {
                let path = PathText.readable(folder)
                throw StorageError(.outcomeUnknown, error, "make removals from \(path) durable", at: location)
            }
        }
        if let failure { throw failure }
    }

    private func openObject(_ name: ObjectName) throws(SystemError) -> (OpenFile, Int)? {
        do throws(SystemError) {
            let file = try OpenFile.openForReading(at: root, Array(name.text.utf8))
            let status = try file.status()
            try Self.requireFile(status)
            return (file, Int(clamping: status.size))
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR { return nil }
    }

    // Something else under the name of an object is damage, not absence.
    private static func requireFile(_ status: FileStatus) throws(SystemError) {
        if status.kind != .file { throw SystemError(errno: EISDIR, operation: "read") }
    }
}
