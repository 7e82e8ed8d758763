import Foundation
import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A tree `src`, and a repository with a cache of its own in one folder, and what a snapshot holds of them.
final class SelectionFixture: Sendable {
    let directory: TemporaryDirectory
    private let store: LocalStore
    private let created: Initialise.Result
    private let passphrase = SecretBytes(Array("a passphrase".utf8))

    init() throws {
        directory = try TemporaryDirectory()
        store = try LocalStore.create(at: directory.bytes("all/repository"))
        let request = Initialise.Request(
            location: directory.bytes("all/repository"), personName: "Ada", machineName: "server", systems: ["*"])
        let folders = LocalFolders(config: directory.bytes("config"), cache: directory.bytes("all/cache"))
        created = try Initialise.run(
            request, passphrase: passphrase, client: Client(folders: folders), store: store, createOnly: .works,
            cost: 1 << 15)
        try make("all/src")
    }

    /// Path of `src`.
    var source: String { directory.path + "/all/src" }

    func make(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: directory.path + "/" + path, withIntermediateDirectories: true)
    }

    /// Writes a file below `src`, with its directories. It looks older than the backup, so that the scan cache can
    /// trust it.
    func write(_ path: String, _ text: String) throws {
        try make("all/src/" + path.split(separator: "/").dropLast().joined(separator: "/"))
        try Data(text.utf8).write(to: URL(fileURLWithPath: source + "/" + path))
    }

    func access(_ folder: String = "all/cache") throws -> WriteAccess {
        let folders = LocalFolders(config: directory.bytes("config"), cache: directory.bytes(folder))
        let repository = try Repository.open(
            store: store, anchor: created.anchor, folders: folders, clock: LaterClock())
        return try WriteAccess(repository, IdentitySource.load(created.machineFile).unlock { passphrase })
    }

    func request(_ paths: [String]? = nil, _ change: (inout BackupOptions) throws -> Void) rethrows -> BackupRequest {
        var request = BackupRequest(paths: (paths ?? [source]).map { Array($0.utf8) }, system: "server")
        request.options.workers = 2
        try change(&request.options)
        return request
    }

    /// Backs up `src` or `paths`.
    @discardableResult
    func backup(
        _ paths: [String]? = nil, events: any EventSink = SilentEventSink(),
        _ change: (inout BackupOptions) throws -> Void = { _ in }
    ) throws -> BackupResult {
        try Backup.run(request(paths, change), with: access(), events: events)
    }

    /// Paths of all entries below `src` in a snapshot, in order; those elsewhere begin with `/`.
    func paths(_ snapshot: Digest) throws -> [String] {
        let repository = try Repository.open(
            store: store, anchor: created.anchor,
            folders: LocalFolders(config: directory.bytes("config"), cache: directory.bytes("reader")))
        let access = try ReadAccess(repository, IdentitySource.load(created.personFile).unlock { passphrase })
        var found: [String] = []
        try Listing.run(SnapshotPath(Array(snapshot.hex.utf8)), recursive: true, with: access) { path, _ in
            found.append("/" + String(decoding: path, as: UTF8.self))
        }
        let names = source.split(separator: "/")
        let above = Set(names.indices.map { "/" + names[...$0].joined(separator: "/") })
        return found.filter { !above.contains($0) }
            .map { $0.hasPrefix(source + "/") ? String($0.dropFirst(source.count + 1)) : $0 }.sorted()
    }

    /// Number of objects in the store.
    func objectCount() throws -> Int {
        try ["log", "packs", "index", "sets"].reduce(0) { try $0 + store.list($1).count }
    }
}

/// A clock some seconds ahead: what was written before a backup is then old enough for the scan cache to trust.
private struct LaterClock: TimeSource {
    func now() -> Timestamp { Timestamp(milliseconds: SystemClock().now().milliseconds + 5000) }
    func monotonicNanoseconds() -> UInt64 { SystemClock().monotonicNanoseconds() }
}

/// Keeps what the engine says.
final class EventLog: EventSink {
    private let texts = Mutex<[String]>([])

    func receive(_ event: Event) {
        switch event {
        case .progress: break
        case .warning(let text): texts.withLock { $0.append("warning: " + text) }
        case .notice(let text): texts.withLock { $0.append("notice: " + text) }
        }
    }

    var all: [String] { texts.withLock { $0 } }
}
