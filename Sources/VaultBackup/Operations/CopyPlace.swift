/// Finds out what is at the place of a copy, before anything is written there.
struct CopyPlace {
    let store: LocalStore
    let marker: CopyMarker
    let isNew: Bool
    /// Held while the copy is written.
    let lock: FileLock

    /// Opens the copy at the place that is asked for, or begins one where nothing is. On return its marker is durable.
    static func open(_ request: CopyRequest, _ repository: Repository, _ client: Client) throws -> CopyPlace {
        let known = CopyRecord.all(of: repository.id, client.folders)
        let shown = PathText.readable(request.location)
        try checkMounted(request, shown, known)
        if let store = try? LocalStore.open(at: request.location) {
            if let there = try? store.root.status(), there.isSameDirectory(as: repository.directory) {
                throw VaultError(
                    .usage, "\(shown) is the repository itself", nextStep: "Name another directory with --to")
            }
            if let marker = try store.copyMarker() {
                try check(marker, request, repository, shown)
                return CopyPlace(store: store, marker: marker, isNew: false, lock: try lock(store, shown))
            }
            try refuseRepository(store, repository, shown)
        }
        try refuseWithin(repository, request, shown)
        return try begin(request, repository, client, known, shown)
    }

    /// A copy among the objects of the repository is lost with them.
    private static func refuseWithin(_ repository: Repository, _ request: CopyRequest, _ shown: String) throws {
        var path = RepositoryPlace.absolute(request.location)
        while path.count > 1, path != PathBytes.here {
            path = PathBytes.split(path).parent
            guard let status = try? OpenFile.openDirectory(path, followingLinks: true).status(),
                status.isSameDirectory(as: repository.directory)
            else { continue }
            throw VaultError(
                .usage, "\(shown) lies in the repository itself", nextStep: "Name a directory elsewhere with --to")
        }
    }

    /// An empty directory below a disk that is not there must not become a copy.
    private static func checkMounted(_ request: CopyRequest, _ shown: String, _ known: [CopyRecord]) throws {
        let path = RepositoryPlace.absolute(request.location)
        let table = MountTable.read()
        let missing =
            table.missing(above: path)
            ?? known.first { $0.location == path && $0.isNotMounted(table) }?.mountPoint
        if let missing {
            let names = known.filter { $0.location == path }.map {
                "'\(PathText.readable(Array($0.marker.name.utf8)))'"
            }
            let what = names.isEmpty ? "" : " (\(names.joined(separator: " or ")))"
            throw VaultError(
                .repositoryNotFound,
                "The disk of the copy at \(shown)\(what) is not mounted at \(PathText.readable(missing))",
                nextStep: "Mount it and run the command again; nothing was written")
        }
        if request.requiresMount, table.point(of: path) == [0x2f] {
            throw VaultError(
                .repositoryNotFound, "No copy is made at \(shown): no disk is mounted there",
                nextStep: "Mount the disk and run the command again; nothing was written")
        }
    }

    /// A disk may hold another copy, or a copy of another repository, than the one that is meant.
    private static func check(
        _ marker: CopyMarker, _ request: CopyRequest, _ repository: Repository, _ shown: String
    ) throws {
        let name = PathText.readable(Array(marker.name.utf8))
        guard marker.repository == repository.id, marker.anchor == repository.state.anchor else {
            throw VaultError(
                .wrongIdentity,
                "The disk at \(shown) holds the copy '\(name)' of repository \(marker.repository.hex.prefix(8)), not of "
                    + "\(repository.id.hex.prefix(8))",
                nextStep: "Connect the right disk, or name the other repository with -r")
        }
        if let wanted = request.name, !wanted.hasSameBytes(as: marker.name) {
            throw VaultError(
                .failed,
                "The disk at \(shown) holds the copy '\(name)' of repository \(repository.id.hex.prefix(8)), not "
                    + "'\(PathText.readable(Array(wanted.utf8)))'",
                nextStep: "Connect the right disk, or leave --name out")
        }
    }

    private static func refuseRepository(_ store: LocalStore, _ repository: Repository, _ shown: String) throws {
        guard let genesis = try LogReader(store: store).record(0) else { return }
        let isSame = SHA256.digest(genesis) == repository.state.anchor
        throw VaultError(
            .usage,
            isSame
                ? "\(shown) holds this repository, but is not marked as a copy: it is writable, or was promoted"
                : "\(shown) holds another repository",
            nextStep: "Name an empty directory with --to")
    }

    private static func begin(
        _ request: CopyRequest, _ repository: Repository, _ client: Client, _ known: [CopyRecord], _ shown: String
    ) throws -> CopyPlace {
        if let name = request.name, let other = known.first(where: { $0.marker.name.hasSameBytes(as: name) }) {
            throw VaultError(
                .failed,
                "The copy '\(PathText.readable(Array(name.utf8)))' is not at \(shown): it was last seen at "
                    + PathText.readable(other.location),
                nextStep: "Connect its disk; for a new copy give another --name")
        }
        let marker = CopyMarker(
            id: CopyID(from: client.random), name: request.name ?? freeName(request.location, known),
            repository: repository.id, anchor: repository.state.anchor, made: client.clock.now())
        do {
            try Initialise.checkEmpty(request.location)
            let store = try LocalStore.create(at: request.location)
            guard store.capabilities.createOnly != .unfit else {
                throw StorageError(.io, "\(store.location) cannot refuse to overwrite a file")
            }
            let lock = try lock(store, shown)
            // Another process may have been as far as here, and have ended.
            if let there = try store.copyMarker() {
                try check(there, request, repository, shown)
                return CopyPlace(store: store, marker: there, isNew: false, lock: lock)
            }
            try Initialise.checkEmpty(request.location)
            try store.write(marker)
            return CopyPlace(store: store, marker: marker, isNew: true, lock: lock)
        } catch let error as StorageError {
            // Not empty any more, since another process begins a copy there at this moment.
            if (try? LocalStore.open(at: request.location).copyMarker()) ?? nil != nil {
                return try open(request, repository, client)
            }
            throw VaultError(
                .storage, "No copy can be begun at \(shown)",
                nextStep: "Name an empty directory on a file system that can be written", cause: error)
        }
    }

    static func lock(_ store: LocalStore, _ shown: String) throws -> FileLock {
        let lock: FileLock?
        do throws(SystemError) { lock = try store.lockForCopying() } catch {
            throw VaultError(.storage, "\(shown) cannot be locked", nextStep: "Check the file system", cause: error)
        }
        if let lock { return lock }
        throw VaultError(
            .sessionConflict, "Another process copies to \(shown) at this moment",
            nextStep: "Wait until it has ended, then run the command again")
    }

    /// The name of the directory, with a number where a copy has it already.
    private static func freeName(_ location: [UInt8], _ known: [CopyRecord]) -> String {
        let last = PathText.readable(PathBytes.split(RepositoryPlace.absolute(location)).name)
        let stem = String(String.UnicodeScalarView(last.unicodeScalars.filter { $0 != "/" }.prefix(12)))
        let first = stem.isEmpty ? "copy" : stem
        let taken = Set(known.map(\.marker.name))
        var name = first
        var number = 2
        while taken.contains(name) {
            name = "\(first)-\(number)"
            number += 1
        }
        return name
    }
}

extension FileStatus {
    fileprivate func isSameDirectory(as other: FileStatus?) -> Bool { inode == other?.inode && device == other?.device }
}
