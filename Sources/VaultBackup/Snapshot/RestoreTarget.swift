internal import Synchronization

/// The directory that a restore writes to. Nothing is reached but by names below it, one directory at a time, and no link is ever followed.
final class RestoreTarget: Sendable {
    /// A directory of the target.
    final class Directory: Sendable {
        let path: [UInt8]
        /// Its entry; nil for a directory whose metadata is not restored.
        let entry: TreeEntry?

        init(path: [UInt8], entry: TreeEntry?) {
            self.path = path
            self.entry = entry
        }

        func path(of name: [UInt8]) -> [UInt8] { path.isEmpty ? name : path + [0x2f] + name }
    }

    let root: OpenFile
    private let confined: ConfinedDirectory
    /// Whether the root was made by this restore.
    let isNew: Bool

    /// Opens an empty directory, or makes a new one.
    /// - Throws: ``VaultError`` `.usage` when there is something in it.
    init(_ path: [UInt8]) throws {
        do {
            isNew = try FileStatus.readIfPresent(path, followingLinks: true) == nil
            if isNew { try AtomicFile.createDirectories(path) }
            root = try OpenFile.openDirectory(path, followingLinks: true)
            confined = ConfinedDirectory(root: root)
            guard try DirectoryListing.read(root).entries.isEmpty else {
                throw VaultError(
                    .usage, "The target \(PathText.readable(path)) is not empty", nextStep: "Name a new or an empty directory")
            }
        } catch let error as SystemError {
            throw VaultError(
                .usage, "The target \(PathText.readable(path)) cannot be used", nextStep: "Name a directory that can be written", cause: error)
        }
    }

    /// Opens a directory that this restore has made.
    func open(_ directory: Directory) throws -> OpenFile {
        directory.path.isEmpty ? root : try confined.openDirectory(directory.path)
    }
}

/// Keeps the directory that was used last open. One thread each.
struct OpenDirectoryCache {
    private let target: RestoreTarget
    private var last: (directory: RestoreTarget.Directory, file: OpenFile)?

    init(_ target: RestoreTarget) { self.target = target }

    mutating func open(_ directory: RestoreTarget.Directory) throws -> OpenFile {
        if let last, last.directory === directory { return last.file }
        let file = try target.open(directory)
        last = (directory, file)
        return file
    }
}
