import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A clock that a test sets ahead or back.
final class ShiftedClock: TimeSource {
    private let shift = Mutex<Int64>(0)

    func set(days: Int) { shift.withLock { $0 = Int64(days) * 86_400_000 } }
    func now() -> Timestamp { Timestamp(milliseconds: SystemClock().now().milliseconds + shift.withLock { $0 }) }
    func monotonicNanoseconds() -> UInt64 { SystemClock().monotonicNanoseconds() }
}

/// A repository with a snapshot of `src`, a person who may read and a machine that may not.
final class DrillFixture {
    let folder: TemporaryDirectory
    let clock = ShiftedClock()
    let access: ReadAccess
    let writer: WriteAccess
    let repository: Repository

    var path: String { folder.path }
    var state: RepositoryState { repository.log.state }

    /// Files of one and of several chunks, and one of everything that has metadata.
    static let tree = """
        cd src; head -c 900000 /dev/urandom > big; mkdir d; for i in 1 2 3 4; do echo secret-$i > d/secret-name-$i; done
        ln d/secret-name-1 hard; ln -s d/secret-name-2 soft; setfattr -n user.note -v kept d/secret-name-3
        truncate -s 3000000 sparse; printf end >> sparse; mkfifo pipe; : > empty
        chmod 640 d/secret-name-2; touch -d '2020-01-02 03:04:05.678' d/secret-name-4 d
        """

    init(_ script: String = tree) throws {
        folder = try TemporaryDirectory()
        let client = Client(
            folders: LocalFolders(config: folder.bytes("config"), cache: folder.bytes("cache")), clock: clock)
        let store = try LocalStore.create(at: folder.bytes("repo"))
        let request = Initialise.Request(location: folder.bytes("repo"), personName: "Jane", machineName: "web1")
        let passphrase = SecretBytes(Array("correct horse".utf8))
        let made = try Initialise.run(
            request, passphrase: passphrase, client: client, store: store, createOnly: .works,
            cost: Scrypt.costs.lowerBound)
        repository = try client.open(store)
        access = try ReadAccess(
            repository, try client.identity(for: repository, .read, file: made.personFile) { passphrase })
        writer = try WriteAccess(
            repository, try client.identity(for: repository, .write, file: made.machineFile) { passphrase })
        try shell("mkdir src; \(script)")
        try backup()
    }

    func backup(system: String = "web", also: [[UInt8]] = []) throws {
        var request = BackupRequest(paths: [folder.bytes("src")] + also, system: system)
        request.options.workers = 2
        _ = try Backup.run(request, with: writer)
    }

    /// Runs a drill; `alter` is a line of shell that runs in the restored `src` before it is compared.
    @discardableResult
    func drill(
        alter: String? = nil, events: any EventSink = SilentEventSink(), cancellation: Cancellation = Cancellation(),
        _ change: (inout DrillRequest) -> Void = { _ in }
    ) throws -> DrillReport {
        var request = DrillRequest(scratch: folder.bytes("scratch"))
        request.workers = 2
        change(&request)
        if let alter {
            let source = path + "/src"
            request.beforeComparison = { tree in
                let place = String(decoding: tree, as: UTF8.self) + source
                let run = try #require(runProgram(["sh", "-c", "set -e; cd '\(place)'; \(alter)"]))
                #expect(run.status == 0, "\(run.output)")
            }
        }
        return try Drill.run(request, with: access, events: events, cancellation: cancellation)
    }

    /// The private part of the latest snapshot.
    func privatePart() throws -> PrivatePart { try SnapshotDetails("latest", with: access).privatePart }

    /// Runs a line of shell in the folder; it must succeed.
    @discardableResult
    func shell(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let run = try #require(
            runProgram(["sh", "-c", "set -e; cd '\(path)'; \(line)"]), sourceLocation: sourceLocation)
        #expect(run.status == 0, "\(line): \(run.output)", sourceLocation: sourceLocation)
        return run.output
    }

    /// Names in the place of scratch directories.
    func scratches() throws -> [String] {
        try shell("mkdir -p scratch; ls scratch").split(separator: "\n").map(String.init)
    }

    /// Signs evidence as the person, or as whom `seed` says, and puts it on record.
    func record(_ evidence: DrillEvidence, seed: SecretBytes? = nil) throws {
        let stored = try Envelope(
            signing: evidence.payload, as: access.member.id, seed: seed ?? access.signer.seed
        ).encode()
        let digest = SHA256.digest(stored)
        _ = try repository.store.put(.content(.evidence, digest), stored)
        let body = DrillBody(
            bytes: evidence.compared.bytes, entries: evidence.compared.entries, evidence: digest,
            expires: evidence.expires, packs: evidence.packs, scope: evidence.scope,
            snapshot: try #require(state.snapshots.last).id, started: evidence.started, verdict: evidence.verdict)
        _ = try repository.log.publish(.drill(body), by: access.signer)
    }
}

extension DrillReport {
    /// The check of this name.
    func check(_ name: DrillCheck.Name) -> DrillCheck? { evidence.checks.first { $0.name == name } }
}
