/// Another repository where this client knows one.
///
/// A repository that was never seen before is taken on trust. At a place where this client knows another one that would
/// excuse every attack that a pin is for: whoever wants to hide what is there puts a new repository into its place. So
/// it is refused, until a person says that it is meant, or an identity vouches for it.
extension Client {
    /// Fewest digits by which a repository is named when it is accepted.
    public static let acceptedDigitsMin = 8

    /// Refuses a repository that nothing vouches for, and that was never seen, where this client knows another one.
    ///
    /// - Throws: ``VaultError`` `.rolledBack`, naming both.
    func refuseAnother(in store: any ObjectStore, at location: [UInt8], identityFile: [UInt8]?) throws {
        let known = RepositoryPlace.known(at: location, folders)
        guard !known.isEmpty, let id = try? LogReader(store: store).genesisState(anchor: nil).repository,
            !known.contains(id), try pins(of: id, nil).load() == nil
        else { return }
        // Whatever has an anchor is compared with it on opening.
        let vouched = try identityFile.flatMap { try IdentitySource.load($0).anchor } ?? anchor(of: id)
        guard vouched == nil else { return }
        let seen = known.map { other in
            let head = try? pins(of: other, nil).load()?.point.position
            return other.hex + (head.map { ", up to record \($0)" } ?? "")
        }
        let place = PathText.readable(location)
        throw VaultError(
            .rolledBack,
            "Another repository stands at \(place): this user knows \(seen.joined(separator: " and ")) there, and has "
                + "never seen \(id.hex)",
            nextStep: "Find out who put it there, and look for the one that you know; if it is meant, run "
                + "vault log pin -r \(place) --accept \(id.hex)")
    }

    /// Takes the repository that stands at a place for the one that this user means there, whatever was known there,
    /// and its history for the right one, whatever was seen of another.
    ///
    /// - Parameter digits: the beginning of its id, so that it is the one that was looked at.
    /// - Returns: what this user had seen and gives up by it, as a sentence; nil when that is nothing.
    /// - Throws: ``VaultError`` `.usage` when its id does not begin so; `.wrongIdentity` when it is not the one of this
    ///   user's identity; `.repositoryNotFound`, `.damaged`, `.storage`; `.failed` when what was known cannot be
    ///   forgotten.
    public func accept(_ digits: String, at location: [UInt8]) throws -> String? {
        let store = try store(at: location)
        let id = try LogReader(store: store).genesisState(anchor: nil).repository
        guard digits.count >= Self.acceptedDigitsMin, id.hex.hasPrefix(digits.lowercased()) else {
            throw VaultError(
                .usage, "The repository at \(PathText.readable(location)) is \(id.hex), not \(digits)",
                nextStep: "Compare the id with whoever made the repository")
        }
        RepositoryPlace.forget(location, except: id, folders)
        guard RepositoryPlace.known(at: location, folders).allSatisfy({ $0 == id }) else {
            let folder = PathText.readable(folders.config)
            throw VaultError(
                .failed, "What is known of \(PathText.readable(location)) cannot be taken out of \(folder)",
                nextStep: "Let this user write into that folder, and run the command again")
        }
        let copy = try copy(in: store, at: location)
        let givenUp = try acceptHistory(store, copy, id)
        if copy == nil { RepositoryPlace.remember(location, of: id, folders) }
        return givenUp
    }

    /// Moves the pin to what is there, when that does not go on from it.
    private func acceptHistory(
        _ store: any ObjectStore, _ copy: CopyMarker?, _ id: RepositoryID
    ) throws -> String? {
        let reader = LogReader(store: store)
        let state = try reader.open(anchor: anchor(of: id)).state
        guard let pin = try pins(of: id, copy).load() else { return nil }
        guard try Self.isOther(pin, reader) else { return nil }
        try Promote.takeOver(
            Pin(state, isFirstUse: pin.isFirstUse), of: id, copy, self, "The history at \(store.location) is accepted")
        return
            "This user had seen record \(pin.point.position) of another state, which is given up; the log now ends at "
            + "record \(state.head)"
    }

    private static func isOther(_ pin: Pin, _ reader: LogReader) throws(VaultError) -> Bool {
        do throws(VaultError) { _ = try reader.open(pin: pin) } catch {
            guard error.code == .rolledBack else { throw error }
            return true
        }
        return false
    }

    /// The same error for a log that does not go on from what was seen, with the place where that was, if it is another
    /// one, and how a person says which of the two is meant.
    func refusal(_ error: VaultError, of store: any ObjectStore, at location: [UInt8]) -> VaultError {
        guard let id = try? LogReader(store: store).genesisState(anchor: nil).repository else { return error }
        let place = PathText.readable(RepositoryPlace.absolute(location))
        let command = "vault log pin -r \(place) --accept \(id.hex)"
        guard let other = RepositoryPlace.other(than: location, of: id, folders) else {
            return VaultError(
                .rolledBack, error.message,
                nextStep:
                    "Do not write to it, and find out why, with a copy and with its other users; only if this state "
                    + "is the one that is meant, run \(command)", cause: error.cause)
        }
        return VaultError(
            .rolledBack, "\(error.message); it was seen at \(PathText.readable(other.path))",
            nextStep: "One of the two is an older copy, or was written to after they had parted: compare what "
                + "'vault log show' says on machines that know them; to take the one at \(place), run \(command)",
            cause: error.cause)
    }
}

extension RepositoryPlace {
    /// The repositories that were last seen at a place, themselves or a copy of them.
    static func known(at location: [UInt8], _ folders: LocalFolders) -> [RepositoryID] {
        all(folders).filter { id in
            isRemembered(location, of: id, folders)
                || CopyRecord.all(of: id, folders).contains { $0.location == absolute(location) }
        }
    }

    /// Forgets that other repositories, or copies of them, were at a place.
    static func forget(_ location: [UInt8], except id: RepositoryID, _ folders: LocalFolders) {
        for other in known(at: location, folders) where other != id {
            if isRemembered(location, of: other, folders) { forgetPlace(of: other, folders) }
            for copy in CopyRecord.all(of: other, folders) where copy.location == absolute(location) {
                copy.forget(folders)
            }
        }
    }

    /// The repositories that this client has a folder for.
    private static func all(_ folders: LocalFolders) -> [RepositoryID] {
        guard let directory = try? OpenFile.openDirectory(folders.config, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        else { return [] }
        return listing.entries.compactMap {
            RepositoryID(hex: String(decoding: listing.name(of: $0), as: UTF8.self))
        }.sorted { $0.hex < $1.hex }
    }
}
