/// The marker of a copy lies beside the objects, under a name that no object can have.
extension LocalStore {
    private var markerPath: [UInt8] { SystemCall.descriptorPath(root.fd, Array(CopyMarker.fileName.utf8)) }

    /// What the store says of itself as a copy; nil when it is none.
    ///
    /// - Throws: ``VaultError`` `.damaged` for a marker that cannot be understood: whether the store may be written is
    ///   then not known. `.storage` when it cannot be read.
    func copyMarker() throws(VaultError) -> CopyMarker? {
        let found: [UInt8]?
        do throws(SystemError) {
            found = try AtomicFile.read(markerPath, byteCountMax: CopyMarker.byteCountMax)
        } catch {
            throw VaultError(
                .storage, "The file \(CopyMarker.fileName) in \(location) cannot be read", nextStep: "Check the disk",
                cause: error)
        }
        guard let found else { return nil }
        do throws(FormatError) { return try CopyMarker(decoding: found) } catch {
            throw VaultError(
                .damaged, "The file \(CopyMarker.fileName) in \(location), which says that it is a copy, is damaged",
                nextStep: "Move that file away and copy to an empty directory; the objects beside it are not touched",
                cause: error)
        }
    }

    /// Replaces the marker, durably.
    func write(_ marker: CopyMarker) throws(StorageError) {
        do throws(SystemError) { try AtomicFile.write(markerPath, marker.encode(), mode: modes.file) } catch {
            throw StorageError(error, "write \(CopyMarker.fileName)", at: location)
        }
    }

    /// Removes the marker, durably: from then on the store is a repository of its own.
    func removeMarker() throws(StorageError) {
        do throws(SystemError) {
            try DirectoryEntries.remove(at: root, Array(CopyMarker.fileName.utf8))
            try root.synchronize()
        } catch { throw StorageError(error, "remove \(CopyMarker.fileName)", at: location) }
    }

    /// Keeps other processes of this machine from copying here at the same time; nil when one does. What one that was
    /// killed while it wrote the marker left beside it is removed.
    func lockForCopying() throws(SystemError) -> FileLock? {
        guard let lock = try FileLock.acquire(directory: root) else { return nil }
        if let names = try? DirectoryListing.read(root) {
            for name in names.entries.map({ names.name(of: $0) }) where Self.isMarkerDraft(name) {
                try? DirectoryEntries.remove(at: root, name)
            }
        }
        return lock
    }

    /// Whether a process that was killed while it wrote the marker may have left a file of this name.
    static func isMarkerDraft(_ name: [UInt8]) -> Bool {
        name.starts(with: ".\(CopyMarker.fileName).".utf8) && name.suffix(4).elementsEqual(".tmp".utf8)
    }
}
