/// Where a client keeps what belongs to it: pins and identities, which must not be lost, and caches, which may.
public struct LocalFolders: Sendable {
    /// Folder of pins and identities.
    public let config: [UInt8]
    /// Folder of caches.
    public let cache: [UInt8]

    /// Folders as given; they are made when something is written.
    public init(config: [UInt8], cache: [UInt8]) {
        self.config = config
        self.cache = cache
    }

    /// Folder of the pin and the identities of a repository.
    public func config(of repository: RepositoryID) -> [UInt8] { PathBytes.join(config, Array(repository.hex.utf8)) }

    /// Folder of the caches of a repository, or a part of it; nil when it cannot be made: then there is no cache.
    func cache(of repository: RepositoryID, _ part: String? = nil) -> [UInt8]? {
        var path = PathBytes.join(cache, Array(repository.hex.utf8))
        if let part { path = PathBytes.join(path, Array(part.utf8)) }
        return (try? AtomicFile.createDirectories(path)) == nil ? nil : path
    }
}

/// Small files in one folder.
struct FolderFiles: LocalFiles {
    private let folder: [UInt8]
    private static let byteCountMax = 1 << 30

    init(folder: [UInt8]) { self.folder = folder }

    func read(_ name: String) throws -> [UInt8]? {
        try AtomicFile.read(PathBytes.join(folder, Array(name.utf8)), byteCountMax: Self.byteCountMax)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try AtomicFile.createDirectories(folder)
        try AtomicFile.write(PathBytes.join(folder, Array(name.utf8)), bytes)
    }
}
