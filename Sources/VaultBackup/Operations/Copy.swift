/// What to copy, and where to.
public struct CopyRequest: Sendable {
    /// Directory of the copy, raw bytes: an earlier copy, or an empty or new directory.
    public var location: [UInt8]
    /// Which copy it must be; a new one gets this name.
    public var name: String?
    /// Whether everything that is there already is read and compared with its name, and healed.
    public var verifiesAll = false
    /// Whether a new copy is only begun on a file system other than that of `/`.
    public var requiresMount = false
    /// Threads; 0 means one for each processor.
    public var workers = 0

    /// A request with the defaults.
    public init(to location: [UInt8]) { self.location = location }
}

/// What a copying did.
public struct CopyReport: Sendable {
    /// The copy, as it is marked now.
    public var copy: CopyMarker
    /// Whether it was begun by this run.
    public var isNew = false
    /// Position of the last record of the copy; −1 when it has none.
    public var head = -1
    /// Records that were copied.
    public var records = 0
    /// Packs that were copied.
    public var packs = 0
    /// Sets, maps, index fragments and evidence that were copied.
    public var others = 0
    /// Bytes of packs that were copied.
    public var bytes = 0
    /// Packs that were there already.
    public var packsPresent = 0
    /// How many of them were read again.
    public var packsVerified = 0
    /// Damaged objects of the copy that were replaced.
    public var healed: [String] = []
    /// Packs that were removed because the log says that they may go.
    public var removed = 0
    /// What could not be copied, a sentence each. Empty means that the copy is complete.
    public var findings: [String] = []
}

/// Copies a repository, as it is, to another directory or disk (`docs/FORMAT.md`, section 14). Needs no key: what is
/// public is enough to know that each object is the one that the log names.
///
/// 1. The marker is durable before the first object: what was begun is never taken for a repository of its own.
/// 2. An object is copied after its hash was compared with its name, and a record after all that it names: at every
///    moment the copy is the repository as it was at an earlier moment.
/// 3. Nothing that is whole is replaced. A pack is removed only after the record that lets it go is in the copy.
/// 4. Where the copy holds a record that a member signed and the repository has not, nothing is written.
public enum Copy {
    /// Brings the copy at `request.location` up to date, or begins it. On return all that the report counts is durable.
    ///
    /// - Throws: ``VaultError`` `.usage` or `.failed` for a place that is no copy of this repository, or another one
    ///   than is named, `.repositoryNotFound` for a disk that is not mounted, `.sessionConflict` while another process
    ///   copies there, `.rolledBack` for a copy with another history, `.storage`, `.interrupted`. What was copied until
    ///   then stays, and the next run goes on from there. Damage of the repository is in the report.
    public static func run(
        _ request: CopyRequest, _ repository: Repository, client: Client, events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation()
    ) throws -> CopyReport {
        let place = try CopyPlace.open(request, repository, client)
        defer { withExtendedLifetime(place.lock) {} }
        var record = CopyRecord(place.marker, at: request.location)
        record.remember(client.folders)
        if place.isNew {
            events.receive(.notice("A new copy '\(PathText.readable(Array(place.marker.name.utf8)))' is begun"))
        }
        // What was published before the copy was looked at, an earlier copying may have brought there.
        let run = CopyRun(request, repository, place.store, events, cancellation)
        var report = CopyReport(copy: place.marker, isNew: place.isNew)
        do { try run.run(from: place.marker.completion?.position ?? 0, &report) } catch let error as StorageError {
            throw Self.failure(error, place.marker.name, place.store)
        }
        guard report.findings.isEmpty else { return report }
        report.copy.completion = CopyMarker.Completion(
            position: report.head, digest: run.state.headDigest, time: client.clock.now())
        do throws(StorageError) { try place.store.write(report.copy) } catch {
            throw Self.failure(error, place.marker.name, place.store)
        }
        record.marker = report.copy
        record.remember(client.folders)
        return report
    }

    private static func failure(_ error: StorageError, _ name: String, _ store: any ObjectStore) -> VaultError {
        let what = "The copy '\(PathText.readable(Array(name.utf8)))' at \(store.location)"
        switch error.kind {
        case .noSpace:
            return VaultError(
                .storage, "\(what) is not complete: its disk is full",
                nextStep: "Make room there and run the same command again, which goes on from here",
                cause: error)
        default:
            return VaultError(
                .storage, "\(what) is not complete: the store answers with an error",
                nextStep: error.nextStep, cause: error)
        }
    }

    /// The copies that this client has made or opened, by name.
    public static func list(_ repository: Repository, client: Client) -> [CopyInfo] {
        let table = MountTable.read()
        let head = max(repository.state.head, (try? client.pins(of: repository.id, nil).load())?.point.position ?? 0)
        let newest = repository.state.liveSnapshots.last?.position ?? -1
        return CopyRecord.all(of: repository.id, client.folders).map {
            CopyInfo($0, head, newestSnapshot: newest, table)
        }
    }
}

/// A copy as far as this client knows it.
public struct CopyInfo: Sendable {
    /// Its marker: of the disk when that is there, else as it was seen last.
    public let marker: CopyMarker
    /// Absolute path of the store when it was seen last.
    public let location: [UInt8]
    /// Whether it is there now.
    public let isPresent: Bool
    /// How many records of the repository came after its last completion; nil when it never was complete.
    public let recordsBehind: Int?
    /// Whether every snapshot that there is was there when it was completed. Later records may tell of drills or
    /// readings.
    public let hasEverySnapshot: Bool

    init(_ record: CopyRecord, _ head: Int, newestSnapshot: Int, _ table: MountTable) {
        let there =
            record.isNotMounted(table)
            ? nil : (try? LocalStore.open(at: record.location)).flatMap { try? $0.copyMarker() }
        isPresent = there?.id == record.marker.id
        marker = there.flatMap { $0.id == record.marker.id ? $0 : nil } ?? record.marker
        location = record.location
        recordsBehind = marker.completion.map { max(0, head - $0.position) }
        hasEverySnapshot = marker.completion.map { $0.position >= newestSnapshot } ?? false
    }
}
