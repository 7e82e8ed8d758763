internal import Synchronization

/// An open repository: a store, its replayed log, and this client's memory of it. Without keys it can be verified as
/// far as public data goes; ``ReadAccess`` and ``WriteAccess`` add what a member's secrets allow.
public final class Repository: Sendable {
    /// Where its objects are.
    public let store: any ObjectStore
    /// Its log.
    public let log: LogWriter
    /// Its id.
    public let id: RepositoryID
    /// This client's folders.
    public let folders: LocalFolders
    /// Whether this client has never seen the repository and had no anchor to check it by.
    public let isFirstUse: Bool
    /// What is damaged of the log; not empty means that the repository can be read but not written.
    public let logDamage: [Irregularity]
    /// Whether nothing vouches for the repository but what it showed this client when it first looked.
    public let isOnTrust: Bool
    /// What the store says of itself when it is a copy, which must not be written; nil for the repository itself.
    public let copy: CopyMarker?
    private let knownPlace: KnownPlace?
    private let salvaged: RepositoryState?
    let clock: any TimeSource
    let random: any RandomSource

    private init(
        store: any ObjectStore, log: LogWriter, folders: LocalFolders, isFirstUse: Bool,
        isOnTrust: Bool = false, salvaged: RepositoryState? = nil, copy: CopyMarker? = nil,
        knownPlace: KnownPlace? = nil, clock: any TimeSource, random: any RandomSource
    ) {
        self.salvaged = salvaged
        self.copy = copy
        self.knownPlace = knownPlace
        logDamage = (salvaged?.irregularities ?? []).filter(\.kind.isDamage)
        self.store = store
        self.log = log
        id = log.state.repository
        self.folders = folders
        self.isFirstUse = isFirstUse
        self.isOnTrust = isOnTrust
        self.clock = clock
        self.random = random
    }

    /// Opens the repository in `store`: replays its log, checks it against the pin of this client, and moves the pin
    /// forward.
    ///
    /// - Parameter anchor: what the first record must be, if known (from an identity file or a kit).
    /// - Parameter knownAnchor: what this client knows of a repository with this id; asked when `anchor` is nil.
    /// - Parameter knownPlace: where this client last saw the repository with this id, if that is elsewhere.
    /// - Throws: ``VaultError`` `.repositoryNotFound`, `.rolledBack`, `.unsupportedFormat`, `.damaged`, `.storage`.
    public static func open(
        store: any ObjectStore, anchor: Digest?, folders: LocalFolders, clock: any TimeSource = SystemClock(),
        random: any RandomSource = SystemRandom(), knownAnchor: (RepositoryID) -> Digest? = { _ in nil },
        knownPlace: (RepositoryID) -> KnownPlace? = { _ in nil }
    ) throws -> Repository {
        let reader = LogReader(store: store)
        // The id, by which pin and cache are found, stands in the first record.
        let id = try reader.genesisState(anchor: anchor).repository
        let pins = PinFile(files: FolderFiles(folder: folders.config(of: id)))
        let pin = try pins.load()
        let cache = folders.cache(of: id).map { StateCache(files: FolderFiles(folder: $0)) }
        let known = anchor ?? knownAnchor(id)
        let opened = try reader.open(anchor: known, pin: pin, cache: cache)
        let copy = try (store as? LocalStore)?.copyMarker()
        let place = knownPlace(id)
        let log = LogWriter(
            reader: reader, state: opened.state, clock: clock, refusal: copy?.refusalOfWriting(at: store.location)
        ) { place?.published($0) }
        let isDamaged = opened.state.irregularities.contains(where: \.kind.isDamage)
        let repository = Repository(
            store: store, log: log, folders: folders, isFirstUse: opened.isFirstUse,
            isOnTrust: known == nil && pin?.isFirstUse ?? true,
            salvaged: isDamaged ? try reader.salvage(opened.state) : nil, copy: copy, knownPlace: place, clock: clock,
            random: random)
        let isNews =
            pin.map {
                $0.point.position < repository.state.lastCounted.position || $0.isFirstUse && known != nil
            } ?? true
        if isNews, reader.makeDurable(opened.state.head) { repository.advancePin() }
        return repository
    }

    /// Makes a repository with this first record and opens it; `beforeStoring` gets its anchor while nothing is stored
    /// yet.
    static func create(
        _ id: RepositoryID, _ genesis: GenesisBody, in store: any ObjectStore, by signer: Signer, folders: LocalFolders,
        clock: any TimeSource, random: any RandomSource, beforeStoring: (Digest) throws(VaultError) -> Void
    ) throws -> Repository {
        let log = try LogWriter.create(
            id, genesis, in: store, by: signer, clock: clock, beforeStoring: beforeStoring)
        let repository = Repository(
            store: store, log: log, folders: folders, isFirstUse: false, clock: clock, random: random)
        repository.advancePin()
        return repository
    }

    /// What is damaged of the log, a sentence of English each.
    public var damage: [String] { logDamage.map { $0.sentence(.english) } }

    /// The replayed log; when the log is damaged, with what could be found behind the damage.
    public var state: RepositoryState { salvaged ?? log.state }

    /// The same, with what has been added to the log meanwhile, as far as it can be relied on.
    func newest() throws -> RepositoryState { salvaged == nil ? try log.refresh() : state }

    /// Where this client last saw the repository, when that is elsewhere: it may have moved, or this may be a copy that
    /// somebody made. Nil once something other than a reading was put on record here.
    public var elsewhere: KnownPlace? { knownPlace.flatMap { $0.isTaken ? nil : $0 } }

    /// Remembers how far this client has seen the log. A folder that cannot be written loses protection, not data.
    func advancePin() {
        try? PinFile(files: FolderFiles(folder: folders.config(of: id))).advance(to: state, isFirstUse: isOnTrust)
    }

    /// What an auditor needs to recognise this repository, and the newest record that this client has seen.
    /// - Throws: what ``PinFile/load()`` throws.
    public func trust() throws(VaultError) -> TrustFile {
        let pin = try PinFile(files: FolderFiles(folder: folders.config(of: id))).load()
        return TrustFile(anchor: state.anchor, repository: id, head: pin?.point)
    }

    /// The local index, brought up to date for the packs that `isWanted` names.
    ///
    /// - Throws: ``VaultError`` `.damaged` for a pack whose directory cannot be opened, when `isComplete`; otherwise
    ///   such packs are left out and handed to `unusable`.
    func chunkIndex(
        packs: PackReader, isWanted: (Int) -> Bool, unusable: ((Int, VaultError) -> Void)? = nil
    ) throws -> ChunkIndex {
        let state = state
        // Ordinals of a salvaged state are its own: nothing of it is kept.
        var index = ChunkIndex.open(folder: salvaged == nil ? folders.cache(of: id, "index") : nil, repository: id)
        var found: [(ordinal: Int, directory: PackDirectory)] = []
        var chunkCount = 0
        for ordinal in state.packs.indices where isWanted(ordinal) && !index.covers(ordinal) {
            do {
                let directory = try packs.directory(of: state.packs[ordinal].description)
                found.append((ordinal, directory))
                chunkCount += directory.chunks.count
            } catch let error as VaultError {
                guard let unusable else { throw error }
                unusable(ordinal, error)
            }
            if chunkCount > Self.chunksPerRunMax {
                index = index.adding(found)
                found = []
                chunkCount = 0
            }
        }
        return index.adding(found)
    }

    private static let chunksPerRunMax = 1 << 20
}

extension CopyMarker {
    /// Why nothing may be written into the copy at `location`.
    func refusalOfWriting(at location: String) -> VaultError {
        VaultError(
            .notAllowed,
            "\(location) holds the copy '\(PathText.readable(Array(name.utf8)))' of repository "
                + "\(repository.hex.prefix(8)), and a copy is only read",
            nextStep: "Name the repository itself with -r; if that is lost, see 'vault help copy promote'")
    }
}

extension PackState {
    /// What a reader must know of the pack.
    var description: PackReader.Description { pack.description }
}

extension CommittedPack {
    /// What a reader must know of the pack.
    var description: PackReader.Description {
        PackReader.Description(
            name: name, length: length, directoryDigest: directory == .zero ? nil : directory, epoch: epoch)
    }
}

extension LogReader {
    /// The state after the first record alone.
    func genesisState(anchor: Digest?) throws(VaultError) -> RepositoryState {
        let stored: [UInt8]?
        do { stored = try store.get(.record(0)) } catch {
            throw VaultError(
                .storage, "The store \(store.location) cannot be read", nextStep: "Check the store", cause: error)
        }
        // Without a first record, or with another than expected, opening tells what the matter is.
        guard let stored, anchor == nil || SHA256.digest(stored) == anchor else {
            return try open(anchor: anchor).state
        }
        return try RepositoryState(genesis: stored)
    }
}
