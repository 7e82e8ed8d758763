/// Makes repositories.
public enum Initialise {
    /// Where, and for whom.
    public struct Request: Sendable {
        /// A directory that does not exist or is empty.
        public var location: [UInt8]
        /// Name of the person, who gets all roles.
        public var personName: String
        /// Name of this machine, which may only add snapshots.
        public var machineName: String
        /// The systems that the machine may write; `*` for any.
        public var systems: [String]
        /// Whether to refuse a place on the file system of `/`.
        public var requiresMount = false
        /// Language of the recovery kit.
        public var language = Language.english
        /// What the identity file of the person is to need besides the passphrase; nil for nothing.
        public var factor: IdentityFile.Factor?
        /// Where that factor is.
        public var factors = FactorSource()

        /// A request for one person and one machine.
        public init(location: [UInt8], personName: String, machineName: String, systems: [String] = [Member.anySystem])
        {
            self.location = location
            self.personName = personName
            self.machineName = machineName
            self.systems = systems
        }
    }

    /// What was made.
    public struct Result: Sendable {
        /// Id of the repository.
        public var repository: RepositoryID
        /// SHA-256 of its first record.
        public var anchor: Digest
        /// Identity file of the person, locked by the passphrase and by the second factor that was asked for.
        public var personFile: [UInt8]
        /// Identity file of the machine, without passphrase.
        public var machineFile: [UInt8]
        /// The recovery kit, to be printed and then removed from the machine.
        public var kitFile: [UInt8]
        /// The same as a page of HTML with a QR code.
        public var kitPage: [UInt8]
        /// What the store promises.
        public var createOnly: StoreCapabilities.CreateOnly
    }

    // Routine expiry, until a policy says otherwise: at least so many snapshots remain, and none younger than this is
    // forgotten.
    private static let expiryKeep = 7
    private static let expiryAge = 30 * 86_400

    /// Makes a repository with the identities of a person, a machine and a recovery kit. The identities are durable
    /// before the repository is, so that there is never a repository that nobody can open.
    ///
    /// - Throws: ``VaultError`` when there is something at the place already, or the store cannot refuse to overwrite.
    public static func run(_ request: Request, passphrase: SecretBytes, client: Client) throws -> Result {
        try run(request, passphrase: passphrase, client: client, cost: IdentityFile.defaultCost)
    }

    /// The same with another cost of a guess at the passphrase.
    static func run(_ request: Request, passphrase: SecretBytes, client: Client, cost: Int) throws -> Result {
        try checkPlace(request)
        let (store, createOnly) = try makeStore(request.location)
        return try run(
            request, passphrase: passphrase, client: client, store: store, createOnly: createOnly, cost: cost)
    }

    /// The same in a given store.
    static func run(
        _ request: Request, passphrase: SecretBytes, client: Client, store: any ObjectStore,
        createOnly: StoreCapabilities.CreateOnly, cost: Int = IdentityFile.defaultCost
    ) throws -> Result {
        let random = client.random
        let id = RepositoryID(from: random)
        let person = try Identity.create(name: request.personName, kind: .person, random: random)
        let machine = try Identity.create(name: request.machineName, kind: .machine, random: random)
        let kit = RecoveryKit(random: random)
        let keyring = try keyring(
            id, random: random,
            members: [
                person.member(roles: Set(Role.allCases)),
                machine.member(roles: [.write], systems: request.systems),
                try kit.identity().member(roles: [.read, .administer]),
            ])
        let folder = client.folders.config(of: id)
        let files = Files(
            folder: folder, person: PathBytes.join(folder, NewIdentity.fileName(request.personName)),
            machine: PathBytes.join(folder, Client.machineFileName),
            kit: PathBytes.join(folder, Client.kitFileName), kitPage: PathBytes.join(folder, Client.kitPageName))
        let genesis = GenesisBody(created: client.clock.now(), keyring: keyring)
        // The paper is read on another machine, where a path from here leads nowhere.
        let place = (try? PathBytes.resolved(request.location)).map(PathText.readable) ?? store.location
        let repository = try Repository.create(
            id, genesis, in: store, by: Signer(member: person.id, seed: person.secrets.ed25519Seed),
            folders: client.folders, clock: client.clock, random: random
        ) { (anchor) throws(VaultError) in
            do {
                let lines = RecoveryKitFile(
                    kit: kit, anchor: anchor, repository: id, location: place, head: (0, anchor))
                let page = RecoveryKitPage(lines, request.language, time: client.clock.now())
                let locked = try IdentityFile.locked(
                    person, anchor: anchor, passphrase: passphrase, factor: request.factor, factors: request.factors,
                    cost: cost, random: random)
                try files.write(locked, IdentityFile.unlocked(machine, anchor: anchor), page)
            } catch let error as VaultError where error.code == .wrongIdentity {
                // A token that was taken away between the question and the answer.
                throw error
            } catch {
                throw VaultError(
                    .failed, "The identity files cannot be written to \(PathText.readable(folder))",
                    nextStep: "Check the permissions of that folder", cause: error)
            }
        }
        (store as? any SpaceReserve)?.keepReserve()
        return Result(
            repository: id, anchor: repository.state.anchor, personFile: files.person, machineFile: files.machine,
            kitFile: files.kit, kitPage: files.kitPage, createOnly: createOnly)
    }

    /// Refuses a place where a disk is meant to be mounted and is not.
    ///
    /// - Throws: ``VaultError`` `.storage`.
    public static func checkPlace(_ request: Request) throws {
        try RepositoryPlace.check(new: request.location, requiresMount: request.requiresMount)
    }

    /// Whether the place is one where disks are usually mounted, and lies on the file system of `/` all the same.
    public static func isDoubtful(_ location: [UInt8]) -> Bool { RepositoryPlace.isDoubtful(location) }

    private static func makeStore(_ location: [UInt8]) throws -> (LocalStore, StoreCapabilities.CreateOnly) {
        do throws(StorageError) {
            if let store = try? LocalStore.open(at: location), try store.size(.record(0)) != nil {
                throw StorageError(.io, "there is a repository already, which 'vault backup' can use")
            }
            try checkEmpty(location)
            let store = try LocalStore.create(at: location)
            if try store.size(.record(0)) != nil { throw StorageError(.io, "there is a repository already") }
            let createOnly = try store.probe()
            guard createOnly != .unfit else {
                throw StorageError(.io, "\(store.location) cannot refuse to overwrite a file")
            }
            return (store, createOnly)
        } catch {
            throw VaultError(
                .storage, "No repository can be made at \(PathText.readable(location))",
                nextStep: "Choose an empty directory on a file system that can be written", cause: error)
        }
    }

    /// Objects would otherwise lie between files that the user may tidy up one day.
    static func checkEmpty(_ location: [UInt8]) throws(StorageError) {
        guard let directory = try? OpenFile.openDirectory(location, followingLinks: true) else { return }
        let listing: DirectoryListing
        do throws(SystemError) { listing = try DirectoryListing.read(directory) } catch {
            throw StorageError(error, "list", at: PathText.readable(location))
        }
        // The root of a fresh disk has this directory.
        let expected = Array("lost+found".utf8)
        let names = listing.entries.map { listing.name(of: $0) }
        if let found = names.first(where: { $0 != expected && !LocalStore.isLeftover($0, in: directory) }) {
            throw StorageError(.io, "it is not empty: it holds '\(PathText.readable(found))'")
        }
    }

    private static func keyring(
        _ id: RepositoryID, random: any RandomSource, members: [Member]
    ) throws -> Keyring {
        let secrets = KeyMaterial.create(random: random)
        guard let read = secrets.read, let index = secrets.index else { preconditionFailure("created without secrets") }
        let slots = try members.compactMap { try Slots.seal(secrets, to: $0, epoch: 1, repository: id, random: random) }
        return Keyring(
            epoch: 1, expiryAge: expiryAge, expiryKeep: expiryKeep,
            indexCommitments: [1: Slots.indexCommitment(index, epoch: 1, repository: id)], members: members,
            readKey: try X25519.publicKey(of: read), slots: slots)
    }
}

/// The files that an init leaves with the client.
private struct Files {
    let folder: [UInt8]
    let person: [UInt8]
    let machine: [UInt8]
    let kit: [UInt8]
    let kitPage: [UInt8]

    func write(_ personFile: IdentityFile, _ machineFile: IdentityFile, _ pages: RecoveryKitPage) throws {
        try AtomicFile.createDirectories(folder)
        try AtomicFile.write(person, personFile.encode())
        try AtomicFile.write(machine, machineFile.encode())
        try AtomicFile.write(kit, pages.text())
        try AtomicFile.write(kitPage, pages.html())
    }
}

extension AtomicFile {
    /// Writes secret bytes with mode 0600, as ``write(_:_:mode:)`` does.
    static func write(_ path: [UInt8], _ content: SecretBytes) throws(SystemError) {
        try content.withUnsafeBytes { (bytes) throws(SystemError) in try write(path, bytes) }
    }
}
