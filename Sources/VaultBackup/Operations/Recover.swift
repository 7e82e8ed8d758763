/// From a recovery kit on paper to a client that can restore.
///
/// 1. Nothing is kept on this machine before everything on the paper has been compared with the repository.
/// 2. A repository that the paper does not know, or knows to be older than itself, is refused.
public enum Recover {
    /// A repository that the paper opens.
    public struct Opened: Sendable {
        /// The repository, with what the kit may read.
        public let access: ReadAccess
        /// The member that the kit is, as a person holds it now.
        let identity: Identity
        /// How the log compares with the paper.
        public let head: Head

        /// The repository.
        public var repository: Repository { access.repository }
    }

    /// How a log compares with the head on a paper.
    public enum Head: Sendable {
        /// It goes on from there.
        case same
        /// The paper has none.
        case unknown
        /// It ends before, which was accepted.
        case older
        /// The record at that place is one that nobody signed: damage.
        case altered
    }

    private static let identityName = "recovery kit"
    private static let identityFileName = Array("recovery-kit.identity".utf8)

    /// Compares anchor and head of a paper with the repository at `location`. Keeps nothing.
    ///
    /// - Parameter acceptsOlder: whether a log that ends before the paper's head is taken all the same.
    /// - Throws: ``VaultError``: `.repositoryNotFound`, `.wrongIdentity` for another repository, `.rolledBack` for one
    ///   that is older than the paper or has another history.
    @discardableResult
    public static func compare(
        anchor: [UInt8], head: RecoveryPaper.Head?, at location: [UInt8], acceptsOlder: Bool = false
    ) throws -> Head {
        let store = try store(at: location)
        return try compareHead(of: store, Self.anchor(of: store, anchor), head, acceptsOlder)
    }

    /// Compares a paper with the repository at `location` and opens it; remembers, as a pin, how far the log was seen.
    ///
    /// - Throws: ``VaultError`` as ``compare(anchor:head:at:acceptsOlder:)``, `.wrongIdentity` for a kit of another
    ///   repository, and as ``Repository`` does on opening.
    public static func open(
        _ paper: RecoveryPaper, at location: [UInt8], acceptsOlder: Bool = false, client: Client
    ) throws -> Opened {
        try open(paper, in: store(at: location), acceptsOlder: acceptsOlder, client: client)
    }

    /// Whether there is a repository. Throws as ``compare(anchor:head:at:acceptsOlder:)``.
    public static func expectRepository(at location: [UInt8]) throws {
        let store = try store(at: location)
        if try LogReader(store: store).record(0) == nil { throw notFound(store.location) }
    }

    private static func store(at location: [UInt8]) throws -> LocalStore {
        do throws(StorageError) { return try LocalStore.open(at: location) } catch {
            if error.kind == .notFound { throw notFound(PathText.readable(location), cause: error) }
            throw VaultError(
                .storage, "The repository at \(PathText.readable(location)) cannot be opened",
                nextStep: error.nextStep, cause: error)
        }
    }

    private static func notFound(_ place: String, cause: (any Error)? = nil) -> VaultError {
        VaultError(
            .repositoryNotFound, "There is no repository at \(place)",
            nextStep: "Connect the disk with the repository, or give its place with -r DIR", cause: cause)
    }

    /// The same in a given store.
    static func open(
        _ paper: RecoveryPaper, in store: any ObjectStore, acceptsOlder: Bool, client: Client
    ) throws -> Opened {
        let anchor = try anchor(of: store, paper.anchor)
        let head = try compareHead(of: store, anchor, paper.head, acceptsOlder)
        let identity = try paper.kit.identity(name: identityName)
        let state = try LogReader(store: store).open(anchor: anchor).state
        guard state.keyring.member(identity.id) != nil else {
            throw VaultError(
                .wrongIdentity, "The seed is not that of a recovery kit of the repository at \(store.location)",
                nextStep: "Check that seed and anchor are from one paper; a newer paper may have replaced this one")
        }
        if head != .older { try pin(paper, state, client) }
        let repository = try Repository.open(
            store: store, anchor: anchor, folders: client.folders, clock: client.clock, random: client.random)
        return Opened(
            access: try ReadAccess(repository, identity),
            identity: try Identity(name: identityName, kind: .person, secrets: identity.secrets), head: head)
    }

    /// A client that has seen nothing yet has, with the paper, seen its head: what the paper knows to be damaged is then
    /// found on every opening.
    private static func pin(_ paper: RecoveryPaper, _ state: RepositoryState, _ client: Client) throws {
        guard let head = paper.head, let digest = Digest(head.digest) else { return }
        let files = FolderFiles(folder: client.folders.config(of: state.repository))
        guard try PinFile(files: files).load() == nil else { return }
        let pin = Pin(lineage: state.lineage, point: LogPoint(position: head.position, digest: digest))
        // Without a folder to write to there is no pin, and no identity file either, which will be said.
        try? files.write(PinFile.fileName, pin.encode())
    }

    /// The whole anchor of a repository whose anchor begins as on the paper.
    private static func anchor(of store: any ObjectStore, _ typed: [UInt8]) throws(VaultError) -> Digest {
        guard let genesis = try LogReader(store: store).record(0) else { throw notFound(store.location) }
        let anchor = SHA256.digest(genesis)
        let pairs = zip(anchor.bytes, typed)
        if let place = pairs.enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
            let group = place / 2 * 2
            let there = Hex.encode(anchor.bytes[group..<group + 2])
            let here = Hex.encode(typed[group..<min(group + 2, typed.count)])
            throw VaultError(
                .wrongIdentity,
                "The repository at \(store.location) is not the one of the paper: group \(group / 2 + 1) of its anchor "
                    + "is \(there), on the paper it is \(here)",
                nextStep: "Compare that group with the paper; if it is typed as it stands there, this is another "
                    + "repository: look for the right disk, or the right paper")
        }
        return anchor
    }

    /// Throws for a log that ends before the paper's head, unless that is accepted, and for another history.
    @discardableResult
    static func compareHead(
        of store: any ObjectStore, _ anchor: Digest, _ head: RecoveryPaper.Head?, _ acceptsOlder: Bool
    ) throws(VaultError) -> Head {
        guard let head else { return .unknown }
        let reader = LogReader(store: store)
        let state = try reader.open(anchor: anchor).state
        guard let stored = try reader.record(head.position) else {
            if acceptsOlder { return .older }
            throw VaultError(
                .rolledBack,
                "The repository at \(store.location) is older than the paper: its log ends at record \(state.head), "
                    + "the paper was printed at record \(head.position)",
                nextStep:
                    "Look for a newer copy of the repository; if there is none, use 'vault recover --accept-older'")
        }
        // A hash that was typed only in part is compared as far as it goes.
        if SHA256.digest(stored).bytes.starts(with: head.digest) { return .same }
        // Another record that a member signed is another history; one that nobody signed is damage, which opening tells.
        let padded = head.digest + Array(repeating: 0, count: Digest.byteCount - head.digest.count)
        let pin = Pin(
            lineage: state.lineage, point: LogPoint(position: head.position, digest: Digest(padded) ?? .zero))
        do throws(VaultError) { _ = try reader.open(anchor: anchor, pin: pin) } catch  where error.code == .rolledBack {
            throw VaultError(
                .rolledBack,
                "The repository at \(store.location) has another history than the paper: its record \(head.position) "
                    + "is not the one at which the paper was printed",
                nextStep: "Compare the head with the paper; if it is typed as it stands there, do not trust this "
                    + "repository and look for another copy")
        }
        return .altered
    }

    /// Puts on record that a paper was used. Not in a repository that is older than the paper: it would get another
    /// history than the newer one.
    ///
    /// - Parameter warn: is told, in a sentence, when there is no record.
    public static func putOnRecord(_ opened: Opened, warn: @escaping @Sendable (String) -> Void) throws(VaultError) {
        if opened.head == .older {
            return warn("That the paper was used is not in the log, since the repository is older than the paper")
        }
        let note = try ReadingNote(.recover, warn: warn)
        note.publish([], opened.repository, by: opened.access.signer)
    }

    /// Keeps the kit's secrets on this machine under a new passphrase, and remembers the repository, so that every
    /// command works without naming either. Returns the identity file. All is durable on return.
    ///
    /// A file that an earlier recovery left is replaced: it holds the same secrets.
    /// - Throws: ``VaultError`` when the files cannot be written; and as ``IdentityFile`` does for the passphrase.
    public static func keep(
        _ opened: Opened, at location: [UInt8], passphrase: SecretBytes, client: Client,
        cost: Int = IdentityFile.defaultCost
    ) throws -> [UInt8] {
        let repository = opened.repository
        let folder = client.folders.config(of: repository.id)
        let path = PathBytes.join(folder, identityFileName)
        let file = try IdentityFile.locked(
            opened.identity, anchor: repository.state.anchor, passphrase: passphrase, cost: cost,
            random: client.random)
        do {
            try AtomicFile.createDirectories(folder)
            try AtomicFile.write(path, file.encode())
            // Whoever opens it with the kit says that it is the repository, wherever it was seen before.
            try client.remember(location, of: repository.id)
        } catch {
            throw VaultError(
                .failed, "The identity file cannot be written to \(PathText.readable(folder))",
                nextStep: "Check the permissions of that folder", cause: error)
        }
        return path
    }
}
