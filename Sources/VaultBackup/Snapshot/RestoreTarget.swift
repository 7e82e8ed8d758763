internal import Synchronization

/// The directory that a restore writes to. Nothing is reached but by names below it, one directory at a time, and no
/// link is ever followed.
final class RestoreTarget: Sendable {
    /// A directory of the target; its path is below the target.
    ///
    /// `@unchecked Sendable`: `parent` is written in init and in deinit only, where nobody else has the object; what is
    /// learned later is behind a lock.
    final class Directory: TreePlace, @unchecked Sendable {
        private(set) var parent: Directory?
        /// Empty for the target itself.
        let name: [UInt8]
        /// 0 for the target itself.
        let depth: Int
        /// Its entry; nil for a directory whose metadata is not restored.
        let entry: TreeEntry?
        /// Whether it was there before this restore.
        let wasThere: Bool
        /// The mode it gets back when its metadata is not restored, but its owner had to be let in.
        let modeBefore: UInt16?
        /// Whether what is made in it gets an ACL from it, which no entry asks for.
        let givesACL: Bool
        /// Keyed hash of its absolute path, as the scan cache has it; 0 where nobody asks.
        let pathHash: UInt64
        /// What files get that are made in it; nil until one was made, and where that is looked at anew each time.
        let newFile = Mutex<NewFile?>(nil)

        init(
            _ parent: Directory?, _ name: [UInt8] = [], entry: TreeEntry? = nil, wasThere: Bool = false,
            modeBefore: UInt16? = nil, givesACL: Bool = false, pathHash: UInt64 = 0
        ) {
            self.parent = parent
            self.givesACL = givesACL
            self.name = name
            depth = parent.map { $0.depth + 1 } ?? 0
            self.entry = entry
            self.wasThere = wasThere
            self.modeBefore = modeBefore
            self.pathHash = pathHash
        }

        // One after the other: releasing a deep tree at once would nest as deep.
        deinit {
            DeepChain.release(&parent) { link in
                defer { link.parent = nil }
                return link.parent
            }
        }
    }

    /// What a file has that was just made, before anything is set.
    struct NewFile: Sendable {
        var owner: UInt32
        var group: UInt32
        /// Whether it has neither attributes nor flags.
        var isPlain: Bool
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
            guard try options.overwrite != nil || Self.isEmpty(root, location) else {
                throw VaultError(
                    .usage, "The target \(PathText.readable(path)) is not empty",
                    nextStep: "Name a new or an empty directory, or say with --overwrite what to do with what is there")
            }
        } catch let error as SystemError {
            throw Self.unusable(location, error)
        }
    }

    /// Whether nothing is in the target. What it is asked for has been opened, so that no error is one of its name.
    private static func isEmpty(_ root: OpenFile, _ location: String) throws(VaultError) -> Bool {
        do { return try DirectoryListing.read(root).entries.isEmpty } catch {
            throw VaultError(
                .failed, "The target \(location) cannot be read", nextStep: "Check its disk, or name another directory",
                cause: error)
        }
    }

    /// What to say when the target itself, and nothing in it, is the obstacle.
    static func unusable(_ location: String, _ error: SystemError) -> VaultError {
        VaultError(
            error.isWrongPath ? .usage : .failed, "The target \(location) cannot be used",
            nextStep: "Name a directory that can be written", cause: error)
    }

    /// The target itself.
    /// - Throws: ``SystemError`` in a dry run that would make it.
    func openRoot() throws -> OpenFile {
        guard let confined else { throw SystemError.notThere([]) }
        return confined.root
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
