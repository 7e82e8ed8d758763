internal import Glibc
internal import Synchronization

/// Open folders of a local store, ready to be written into: a folder in here has a name that survives a power loss, and
/// so have those above it.
final class FolderCache: Sendable {
    private let root: OpenFile
    private let mode: UInt16
    private let open = Mutex<[[UInt8]: OpenFile]>([:])

    // Well below the usual limit of 1,024 open files.
    private static let countMax = 256

    /// Folders below `root`, made with exactly `mode`.
    init(root: OpenFile, mode: UInt16) {
        self.root = root
        self.mode = mode
    }

    /// The folder at `path`, relative to the root; made if it is missing.
    func folder(_ path: [UInt8]) throws(SystemError) -> OpenFile {
        if let known = open.withLock({ $0[path] }) { return known }
        let (parentPath, name) = PathBytes.split(path)
        let parent = parentPath == PathBytes.here ? root : try folder(parentPath)
        let directory = try openOrMake(parent, name)
        // Also when it was there: another process may have made it a moment ago and not be done. Threads that come here
        // at once do the same twice, which is harmless; none of them takes it from the cache before it is durable.
        try parent.synchronize()
        open.withLock { open in
            if open.count >= Self.countMax, let any = open.keys.first { open[any] = nil }
            open[path] = directory
        }
        return directory
    }

    /// Forgets all folders, because one of them was removed or failed.
    func forget() { open.withLock { $0.removeAll() } }

    private func openOrMake(_ parent: OpenFile, _ name: [UInt8]) throws(SystemError) -> OpenFile {
        do throws(SystemError) {
            return try OpenFile.openDirectory(at: parent, name)
        } catch  where error.errno == ENOENT {
            do throws(SystemError) {
                try DirectoryEntries.makeDirectory(at: parent, name, mode: UInt32(mode))
            } catch  where error.errno == EEXIST {
                return try OpenFile.openDirectory(at: parent, name)
            }
            let directory = try OpenFile.openDirectory(at: parent, name)
            // The umask may have taken the group's permissions; a set-group-id bit came from the parent and stays.
            let current = try directory.status().mode
            if current & 0o777 != mode { try Metadata.setMode(current & 0o7000 | mode, of: directory) }
            return directory
        }
    }
}
