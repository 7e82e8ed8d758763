/// Where this client keeps things; opens repositories and the identities for them.
public struct Client: Sendable {
    /// The folders.
    public let folders: LocalFolders
    let clock: any TimeSource
    let random: any RandomSource
    /// How fast this client reads and writes repositories.
    public let pace: Pace
    /// Where this client finds second factors of identities.
    public let factors: FactorSource

    /// What an identity is wanted for.
    public enum Purpose: Sendable {
        /// Adding snapshots: the machine, which has no passphrase.
        case write
        /// Reading content: a person.
        case read
        /// Forgetting and deciding: a person.
        case maintain
        /// Admitting, removing and approving: a person.
        case administer

        /// One of these is needed.
        var roles: Set<Role> {
            switch self {
            case .write: [.write]
            case .read: [.read, .drill]
            case .maintain: [.maintain, .administer]
            case .administer: [.administer]
            }
        }
    }

    private static let rememberedName = Array("repository".utf8)
    static let machineFileName = Array("machine.identity".utf8)
    static let kitFileName = Array("recovery-kit.txt".utf8)
    static let kitPageName = Array("recovery-kit.html".utf8)
    private static let identitySuffix = Array(".identity".utf8)

    /// A client with these folders.
    public init(
        folders: LocalFolders, clock: any TimeSource = SystemClock(), random: any RandomSource = SystemRandom(),
        pace: Pace = .free, factors: FactorSource = FactorSource()
    ) {
        self.pace = pace
        self.factors = factors
        self.folders = folders
        self.clock = clock
        self.random = random
    }

    /// The time by this client's clock.
    public var now: Timestamp { clock.now() }

    /// The place of the repository that was made or chosen last; nil when there is none.
    public func rememberedRepository() -> [UInt8]? {
        guard let bytes = try? AtomicFile.read(PathBytes.join(folders.config, Self.rememberedName), byteCountMax: 8192),
            !bytes.isEmpty
        else { return nil }
        return bytes
    }

    /// Remembers a place.
    public func remember(_ location: [UInt8], of repository: RepositoryID? = nil) throws {
        if let repository { RepositoryPlace.remember(location, of: repository, folders) }
        try AtomicFile.createDirectories(folders.config)
        let absolute = (try? PathBytes.resolved(location)) ?? location
        try AtomicFile.write(PathBytes.join(folders.config, Self.rememberedName), absolute)
    }

    /// Opens the repository at `location`. It is checked against the anchor in `identityFile`, if one is named, or in
    /// any identity this client has for it, and against the pin.
    /// - Throws: ``VaultError`` as ``Repository/open(store:anchor:folders:clock:random:)``; `.rolledBack` also for one
    ///   that nothing vouches for where this client knows another.
    public func open(_ location: [UInt8], identityFile: [UInt8]? = nil) throws -> Repository {
        let store = try store(at: location)
        try refuseAnother(in: store, at: location, identityFile: identityFile)
        if let copy = try copy(in: store, at: location) {
            return try openCopy(copy, store, at: location, identityFile: identityFile)
        }
        let repository: Repository
        do { repository = try open(store, identityFile: identityFile, location: location) } catch let error
            as VaultError where error.code == .repositoryNotFound
        {
            guard let point = RepositoryPlace.missingMount(at: location, folders) else { throw error }
            throw RepositoryPlace.notMounted(point, location)
        }
        // To look at it elsewhere says nothing about which of two is the repository.
        if repository.elsewhere == nil { RepositoryPlace.remember(location, of: repository.id, folders) }
        return repository
    }

    /// The store at `location`, whatever is in it.
    /// - Throws: ``VaultError`` `.repositoryNotFound` when there is nothing, also because a disk is not mounted,
    ///   `.storage`.
    public func store(at location: [UInt8]) throws -> any ObjectStore {
        do throws(StorageError) { return try LocalStore.open(at: location, pace: pace) } catch {
            if error.kind == .notFound, let point = RepositoryPlace.missingMount(at: location, folders) {
                throw RepositoryPlace.notMounted(point, location)
            }
            guard error.kind == .notFound else {
                throw VaultError(
                    .storage, "The repository at \(PathText.readable(location)) cannot be opened",
                    nextStep: error.nextStep, cause: error)
            }
            throw VaultError(
                .repositoryNotFound, "There is no repository at \(PathText.readable(location))",
                nextStep: "Check the path, mount the disk, or create a repository with 'vault init'", cause: error)
        }
    }

    /// Opens the repository in `store`. A recovery kit says how far the log went when it was printed; an older log is
    /// refused.
    ///
    /// - Parameter location: the place that it is at, where it is a directory.
    public func open(
        _ store: any ObjectStore, identityFile: [UInt8]? = nil, location: [UInt8]? = nil
    ) throws -> Repository {
        let source = try identityFile.map { try IdentitySource.load($0) }
        let anchor = source?.anchor
        if case .kit(let kit)? = source, let head = kit.head {
            try Recover.compareHead(of: store, kit.anchor, (head.position, head.digest.bytes), false)
        }
        do {
            return try Repository.open(
                store: store, anchor: anchor, folders: folders, clock: clock, random: random,
                knownAnchor: { self.anchor(of: $0) },
                knownPlace: { id in location.flatMap { RepositoryPlace.other(than: $0, of: id, folders) } })
        } catch let error as VaultError where error.code == .rolledBack {
            throw location.map { refusal(error, of: store, at: $0) } ?? error
        }
    }

    /// The anchor in the identities that this client has for a repository; nil when it has none.
    func anchor(of repository: RepositoryID) -> Digest? {
        // Each file is read once: a lazy sequence reads the found one again, and it may be gone by then.
        for file in identityFiles(of: repository) {
            if let anchor = try? IdentitySource.load(file).anchor { return anchor }
        }
        return nil
    }

    /// Opens the repository at `location` for what must not have a consequence, such as completing a name: nil when it
    /// cannot be opened, or when this client has not opened it before and so would now begin to trust it.
    public func openIfKnown(_ location: [UInt8]) -> Repository? {
        guard let store = try? LocalStore.open(at: location),
            let id = try? LogReader(store: store).genesisState(anchor: nil).repository,
            (try? PinFile(files: FolderFiles(folder: folders.config(of: id))).load()) != nil
        else { return nil }
        return try? open(store)
    }

    /// The identity files that this client has for a repository, by name.
    public func identityFiles(of repository: RepositoryID) -> [[UInt8]] {
        let folder = folders.config(of: repository)
        guard let directory = try? OpenFile.openDirectory(folder, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        else { return [] }
        return listing.entries.map { listing.name(of: $0) }
            .filter { $0.suffix(Self.identitySuffix.count) == Self.identitySuffix[...] }
            .map { PathBytes.join(folder, $0) }
    }

    /// Finds and opens an identity.
    ///
    /// - Parameter file: an identity file or recovery kit; without one the machine's for writing, the person's for
    ///   reading.
    /// - Parameter passphrase: asked only when the file has one.
    /// - Throws: ``VaultError`` `.wrongIdentity`, and what `passphrase` throws.
    public func identity(
        for repository: Repository, _ purpose: Purpose, file: [UInt8]? = nil, passphrase: () throws -> SecretBytes
    ) throws -> Identity {
        let path = try file ?? defaultFile(repository, purpose)
        return try IdentitySource.load(path).unlock(factors: factors, passphrase)
    }

    /// The identity file at a path, if it is of a member that may do what is wanted; nil otherwise.
    func identityFile(at path: [UInt8], of repository: Repository, for purpose: Purpose) -> IdentityFile? {
        guard case .file(let file)? = try? IdentitySource.load(path),
            let member = repository.state.keyring.member(file.id), !member.roles.isDisjoint(with: purpose.roles)
        else { return nil }
        return file
    }

    /// The file that is used when none is named. Throws ``VaultError`` `.wrongIdentity` when there is none.
    public func defaultFile(_ repository: Repository, _ purpose: Purpose) throws -> [UInt8] {
        let files = identityFiles(of: repository.id)
        let machine = PathBytes.join(folders.config(of: repository.id), Self.machineFileName)
        switch purpose {
        case .write:
            if files.contains(machine) { return machine }
            // Backups run unattended: what asks for a passphrase is not meant.
            let other = files.first { identityFile(at: $0, of: repository, for: purpose)?.isLocked == false }
            if let other { return other }
            if let any = files.first { return any }
        case .read, .maintain, .administer:
            // Several persons may use one account, and a newcomer is no member yet.
            let others = files.filter { $0 != machine }
            let fit = others.first { identityFile(at: $0, of: repository, for: purpose) != nil }
            if let fit = fit ?? others.first { return fit }
        }
        throw VaultError(
            .wrongIdentity, "This user has no identity for the repository at \(repository.store.location)",
            nextStep: "Name an identity file or a recovery kit with --identity")
    }
}
