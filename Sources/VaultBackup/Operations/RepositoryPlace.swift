extension Repository {
    /// The directory that it is in, told by its descriptor, since ``ObjectStore/location`` is for people and no path;
    /// nil for a store that is no directory.
    var directory: FileStatus? { (store as? LocalStore).flatMap { try? $0.root.status() } }
}

/// Notices that the disk with a repository is not mounted, so that nobody takes the empty directory below it for a
/// repository that is gone, or makes another one there.
///
/// Where a repository lay, and on which mount point, is remembered beside its pin each time it is opened. `/etc/fstab`
/// says it too, also for a repository that this client has never seen.
enum RepositoryPlace {
    private static let name = Array("place".utf8)
    private static let byteCountMax = 16 << 10

    /// An absolute path without links as far as it is there.
    static func absolute(_ location: [UInt8]) -> [UInt8] {
        if let path = try? PathBytes.resolved(location) { return path }
        // What is not there yet is below something that is.
        var (parent, rest) = PathBytes.split(location)
        var names = [rest]
        while true {
            if let path = try? PathBytes.resolved(parent) { return names.reversed().reduce(path, PathBytes.join) }
            if parent == PathBytes.here || parent == [PathBytes.slash] { return location }
            (parent, rest) = PathBytes.split(parent)
            names.append(rest)
        }
    }

    /// Remembers where an open repository lies. A folder that cannot be written loses a better message, nothing else.
    static func remember(_ location: [UInt8], of repository: RepositoryID, _ folders: LocalFolders) {
        guard let path = try? PathBytes.resolved(location) else { return }
        let file = PathBytes.join(folders.config(of: repository), name)
        let content = path + [0] + MountTable.read().point(of: path)
        if let known = try? AtomicFile.read(file, byteCountMax: byteCountMax), known == content { return }
        try? AtomicFile.write(file, content)
    }

    /// Absolute path of where a repository was last seen; nil when that is not known.
    static func remembered(_ repository: RepositoryID, _ folders: LocalFolders) -> [UInt8]? {
        let file = PathBytes.join(folders.config(of: repository), name)
        guard let content = try? AtomicFile.read(file, byteCountMax: byteCountMax), let end = content.firstIndex(of: 0)
        else { return nil }
        return Array(content[..<end])
    }

    /// Whether a repository was last seen at this location.
    static func isRemembered(_ location: [UInt8], of repository: RepositoryID, _ folders: LocalFolders) -> Bool {
        remembered(repository, folders) == absolute(location)
    }

    /// Where a repository was last seen, when that is another directory than this location; nil also when that is not
    /// known.
    static func other(
        than location: [UInt8], of repository: RepositoryID, _ folders: LocalFolders
    ) -> KnownPlace? {
        let here = absolute(location)
        guard let path = remembered(repository, folders), path != here, !isSameDirectory(path, here) else { return nil }
        return KnownPlace(path, here: here) { remember(location, of: repository, folders) }
    }

    // A directory may be mounted at several places.
    private static func isSameDirectory(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        let found = [one, other].compactMap { try? OpenFile.openDirectory($0, followingLinks: true).status() }
        return found.count == 2 && found[0].inode == found[1].inode && found[0].device == found[1].device
    }

    /// Forgets where a repository lay.
    static func forgetPlace(of repository: RepositoryID, _ folders: LocalFolders) {
        guard let folder = try? OpenFile.openDirectory(folders.config(of: repository), followingLinks: true)
        else { return }
        try? DirectoryEntries.remove(at: folder, name)
    }

    /// Why there is nothing at a location: the directory where a disk should be mounted, if that is why.
    static func missingMount(at location: [UInt8], _ folders: LocalFolders) -> [UInt8]? {
        let path = absolute(location)
        let table = MountTable.read()
        if let point = table.missing(above: path) { return point }
        for copy in CopyRecord.all(folders) where copy.location == path && copy.isNotMounted(table) {
            return copy.mountPoint
        }
        guard let directory = try? OpenFile.openDirectory(folders.config, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        else { return nil }
        for entry in listing.entries where entry.status?.kind == .directory {
            let file = PathBytes.join(PathBytes.join(folders.config, listing.name(of: entry)), name)
            guard let content = try? AtomicFile.read(file, byteCountMax: byteCountMax),
                let end = content.firstIndex(of: 0), content[..<end].elementsEqual(path)
            else { continue }
            let point = Array(content[(end + 1)...])
            if point.count > 1, !table.isMounted(point) { return point }
        }
        return nil
    }

    /// The error for a repository on a disk that is not mounted.
    static func notMounted(_ point: [UInt8], _ location: [UInt8]) -> VaultError {
        VaultError(
            .repositoryNotFound,
            "The disk of the repository at \(PathText.readable(location)) is not mounted at \(PathText.readable(point))",
            nextStep: "Mount it and run the command again")
    }

    /// Refuses a place for a new repository where a disk is meant to be mounted and is not, or, if asked, one that is
    /// on the same file system as `/`.
    ///
    /// - Throws: ``VaultError`` `.storage`.
    static func check(new location: [UInt8], requiresMount: Bool) throws {
        let path = absolute(location)
        let table = MountTable.read()
        if let point = table.missing(above: path) {
            throw VaultError(
                .storage,
                "No repository is made at \(PathText.readable(location)): /etc/fstab mounts a disk at "
                    + "\(PathText.readable(point)), and nothing is mounted there",
                nextStep: "Mount it and run the command again, or choose another directory")
        }
        if requiresMount, table.point(of: path) == [0x2f] {
            throw VaultError(
                .storage, "No repository is made at \(PathText.readable(location)): no disk is mounted there",
                nextStep: "Mount the disk and run the command again")
        }
    }

    /// Whether a place where disks are usually mounted lies on the file system of `/`.
    static func isDoubtful(_ location: [UInt8]) -> Bool {
        let path = absolute(location)
        let usual = ["/mnt", "/media", "/run/media"].map { Array($0.utf8) }
        return usual.contains { MountTable.isAtOrBelow(path, $0) && path != $0 }
            && MountTable.read().point(of: path) == [0x2f]
    }
}
