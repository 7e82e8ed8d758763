/// Opening copies: what this client has seen of a copy is kept apart from what it has seen of the repository.
///
/// 1. A copy that lags behind the repository is not a repository that was rolled back: it is compared with what was
///    seen of this copy.
/// 2. Where the repository itself was last seen, a copy is no excuse: there the repository's own pin decides.
/// 3. As far as a copy goes, it must be the same history.
extension Client {
    /// The copy that `store` says it is, when it is to be judged as one; nil for the repository itself.
    /// - Throws: ``VaultError`` `.damaged` or `.storage` when its marker cannot be read.
    func copy(in store: any ObjectStore, at location: [UInt8]) throws -> CopyMarker? {
        guard let marker = try (store as? LocalStore)?.copyMarker() else { return nil }
        return RepositoryPlace.isRemembered(location, of: marker.repository, folders) ? nil : marker
    }

    /// Folder with the pin of what is at `location`.
    func pins(of repository: RepositoryID, _ copy: CopyMarker?) -> PinFile {
        let folders = copy.map { CopyRecord.folders(of: $0.id, repository, self.folders) } ?? self.folders
        return PinFile(files: FolderFiles(folder: folders.config(of: repository)))
    }

    func openCopy(
        _ marker: CopyMarker, _ store: any ObjectStore, at location: [UInt8], identityFile: [UInt8]?
    ) throws -> Repository {
        let own = CopyRecord.folders(of: marker.id, marker.repository, folders)
        let known = CopyRecord.all(of: marker.repository, folders).first { $0.marker.id == marker.id }
        let anchor = try identityFile.map { try IdentitySource.load($0) }?.anchor
        let repository = try Repository.open(
            store: store, anchor: anchor, folders: own, clock: clock, random: random
        ) { self.anchor(of: $0) ?? known?.marker.anchor }
        guard repository.id == marker.repository else {
            throw VaultError(
                .damaged,
                "\(store.location) says that it is a copy of repository \(marker.repository.hex.prefix(8)), but holds"
                    + " \(repository.id.hex.prefix(8))",
                nextStep: "Copy to an empty directory")
        }
        try compare(repository)
        CopyRecord(marker, at: location).remember(folders)
        return repository
    }

    /// Throws when a copy holds another history than this client has seen of the repository, as far as both go.
    private func compare(_ repository: Repository) throws {
        guard let pin = try pins(of: repository.id, nil).load(), pin.point.position <= repository.log.state.head,
            let stored = try LogReader(store: repository.store).record(pin.point.position),
            SHA256.digest(stored) != pin.point.digest,
            try LogReader(store: repository.store).isSigned(pin.point.position, in: repository.log.state)
        else { return }
        throw VaultError(
            .rolledBack,
            "The copy at \(repository.store.location) holds another record \(pin.point.position) than this client has "
                + "seen in the repository",
            nextStep: "Somebody has written into the copy, or the repository was replaced; find out before using it")
    }

    /// How many records of the repository, as far as this client has seen it, are not in a copy; 0 when it is none.
    public func recordsBehind(_ repository: Repository) -> Int {
        guard repository.copy != nil, let pin = try? pins(of: repository.id, nil).load() else { return 0 }
        return max(0, pin.point.position - repository.state.head)
    }
}
