/// What this client knows of a copy: its marker when it was last seen, and where that was. Kept beside the pin, so that
/// an absent disk, a wrong one and the age of a copy can be told without the disk.
public struct CopyRecord: Sendable {
    /// The marker as it was seen last.
    public var marker: CopyMarker
    /// Absolute path of the store.
    public var location: [UInt8]
    /// The mount point that it lay on.
    public var mountPoint: [UInt8]

    private static let folderName = Array("copies".utf8)
    private static let fileName = Array("seen".utf8)
    private static let byteCountMax = 32 << 10
    /// Most copies of one repository that are remembered.
    static let countMax = 1_000

    /// A copy at a place that is there now.
    init(_ marker: CopyMarker, at location: [UInt8]) {
        self.marker = marker
        self.location = RepositoryPlace.absolute(location)
        mountPoint = MountTable.read().point(of: self.location)
    }

    private init?(decoding content: [UInt8]) {
        // Two paths, which hold no NUL, and the marker.
        let parts = content.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false).map { Array($0) }
        guard parts.count == 3, let marker = try? CopyMarker(decoding: parts[2]) else { return nil }
        self.marker = marker
        location = parts[0]
        mountPoint = parts[1]
    }

    /// Folders of their own for what is remembered of a copy: it lags behind the repository, and its log, pin and index
    /// must not be taken for those of the repository.
    static func folders(of copy: CopyID, _ repository: RepositoryID, _ folders: LocalFolders) -> LocalFolders {
        let part = PathBytes.join(folderName, Array(copy.hex.utf8))
        let cache = PathBytes.join(folders.cache, Array(repository.hex.utf8))
        return LocalFolders(
            config: PathBytes.join(folders.config(of: repository), part), cache: PathBytes.join(cache, part))
    }

    /// Keeps it, durably. A folder that cannot be written loses better messages, nothing else.
    func remember(_ folders: LocalFolders) {
        let own = Self.folders(of: marker.id, marker.repository, folders)
        let content = location + [0] + mountPoint + [0] + marker.encode()
        let path = PathBytes.join(own.config, Self.fileName)
        if let known = try? AtomicFile.read(path, byteCountMax: Self.byteCountMax), known == content { return }
        try? AtomicFile.createDirectories(own.config)
        try? AtomicFile.write(path, content)
    }

    /// Forgets a copy that is none any more.
    func forget(_ folders: LocalFolders) {
        let own = Self.folders(of: marker.id, marker.repository, folders)
        guard let folder = try? OpenFile.openDirectory(own.config, followingLinks: true) else { return }
        try? DirectoryEntries.remove(at: folder, Self.fileName)
    }

    /// The copies of a repository that this client has seen, by name; all of a repository's when they are few.
    static func all(of repository: RepositoryID, _ folders: LocalFolders) -> [CopyRecord] {
        let folder = PathBytes.join(folders.config(of: repository), folderName)
        guard let directory = try? OpenFile.openDirectory(folder, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        else { return [] }
        return listing.entries.prefix(countMax).compactMap { entry in
            let file = PathBytes.join(PathBytes.join(folder, listing.name(of: entry)), fileName)
            return (try? AtomicFile.read(file, byteCountMax: byteCountMax)).flatMap { $0 }.flatMap {
                CopyRecord(decoding: $0)
            }
        }.sorted { ($0.marker.name, $0.marker.id.hex) < ($1.marker.name, $1.marker.id.hex) }
    }

    /// The copies of all repositories.
    static func all(_ folders: LocalFolders) -> [CopyRecord] {
        guard let directory = try? OpenFile.openDirectory(folders.config, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        else { return [] }
        return listing.entries.flatMap { entry in
            RepositoryID(hex: String(decoding: listing.name(of: entry), as: UTF8.self)).map { all(of: $0, folders) }
                ?? []
        }
    }

    /// Whether the file system that the copy lay on is not there.
    func isNotMounted(_ table: MountTable) -> Bool { mountPoint.count > 1 && !table.isMounted(mountPoint) }
}
