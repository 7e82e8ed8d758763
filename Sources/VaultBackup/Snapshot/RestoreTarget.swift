internal import Synchronization

/// The directory that a restore writes to. Nothing is reached but by names below it, one directory at a time, and no
/// link is ever followed.
final class RestoreTarget: Sendable {
    /// A directory of the target.
    final class Directory: Sendable {
        let path: [UInt8]
        /// Its entry; nil for a directory whose metadata is not restored.
        let entry: TreeEntry?
        /// Whether it was there before this restore.
        let wasThere: Bool
        /// The mode it gets back when its metadata is not restored, but its owner had to be let in.
        let modeBefore: UInt16?
        /// Whether what is made in it gets an ACL from it, which no entry asks for.
        let givesACL: Bool

        init(
            path: [UInt8], entry: TreeEntry?, wasThere: Bool = false, modeBefore: UInt16? = nil, givesACL: Bool = false
        ) {
            self.givesACL = givesACL
            self.path = path
            self.entry = entry
            self.wasThere = wasThere
            self.modeBefore = modeBefore
        }

        func path(of name: [UInt8]) -> [UInt8] { path.isEmpty ? name : path + [0x2f] + name }
    }

    /// The path as given, printable.
    let location: String
    private let confined: ConfinedDirectory?
    /// Whether the root was made by this restore, or would be.
    let isNew: Bool

    /// Opens a directory, or makes a new one unless this is a dry run.
    /// - Throws: ``VaultError`` `.usage` when there is something in it and nothing was said about overwriting.
    init(_ path: [UInt8], _ options: RestoreOptions) throws {
        location = PathText.readable(path)
        do {
            isNew = try FileStatus.readIfPresent(path, followingLinks: true) == nil
            if isNew, options.dryRun {
                confined = nil
                return
            }
            if isNew { try AtomicFile.createDirectories(path) }
            let root = try OpenFile.openDirectory(path, followingLinks: true)
            confined = ConfinedDirectory(root: root)
            guard try options.overwrite != nil || DirectoryListing.read(root).entries.isEmpty else {
                throw VaultError(
                    .usage, "The target \(PathText.readable(path)) is not empty",
                    nextStep: "Name a new or an empty directory, or say with --overwrite what to do with what is there")
            }
        } catch let error as SystemError {
            throw VaultError(
                error.isWrongPath ? .usage : .failed, "The target \(PathText.readable(path)) cannot be used",
                nextStep: "Name a directory that can be written", cause: error)
        }
    }

    /// Opens a directory that this restore has made or found.
    func open(_ directory: Directory) throws -> OpenFile {
        guard let confined else { throw SystemError.notThere(directory.path) }
        return directory.path.isEmpty ? confined.root : try confined.openDirectory(directory.path)
    }

    /// On return all that was restored survives a power loss.
    func synchronize() throws {
        do { try confined?.root.synchronizeFileSystem() } catch {
            throw VaultError(
                .failed, "What was restored to \(location) may not be on the disk",
                nextStep: "Check the disk, and restore again", cause: error)
        }
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
