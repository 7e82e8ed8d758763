import Synchronization
import Testing

@testable import VaultBackup

/// A store in memory whose puts can be made to fail.
final class TestStore: ObjectStore {
    /// What a put does instead of succeeding.
    enum Fault: Sendable {
        case none
        /// Throws; nothing was stored.
        case before(StorageError.Kind)
        /// Throws although the object was stored.
        case after(StorageError.Kind)
        /// Another writer's object was there first, and the caller does not learn of it.
        case taken([UInt8])
    }

    private struct Content {
        var objects: [ObjectName: [UInt8]] = [:]
        var faults: [Fault] = []
        var readFailures = 0
        var unlisted: Set<ObjectName> = []
        var puts: [(name: ObjectName, bytes: [UInt8])] = []
    }

    private let content = Mutex(Content())

    init(_ objects: [ObjectName: [UInt8]] = [:]) { content.withLock { $0.objects = objects } }

    let capabilities = StoreCapabilities(createOnly: .works, parallelCalls: 8)
    let location = "memory"

    var objects: [ObjectName: [UInt8]] { content.withLock { $0.objects } }
    /// Every put of a record that was asked for.
    var recordPuts: [(name: ObjectName, bytes: [UInt8])] {
        content.withLock { $0.puts.filter { $0.name.recordPosition != nil } }
    }

    /// The next puts fail like this, in order.
    func failPuts(_ faults: [Fault]) { content.withLock { $0.faults = faults } }
    /// Listings lag behind: these objects are there and not in them.
    func leaveUnlisted(_ names: Set<ObjectName>) { content.withLock { $0.unlisted = names } }
    /// The next reads fail.
    func failReads(_ count: Int) { content.withLock { $0.readFailures = count } }
    func set(_ name: ObjectName, _ bytes: [UInt8]?) { content.withLock { $0.objects[name] = bytes } }

    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        let bytes = Array(bytes)
        return try content.withLock { (content) throws(StorageError) in
            content.puts.append((name, bytes))
            let fault = content.faults.isEmpty ? Fault.none : content.faults.removeFirst()
            if case .before(let kind) = fault { throw StorageError(kind, "test") }
            if case .taken(let other) = fault {
                content.objects[name] = other
                throw StorageError(.outcomeUnknown, "test")
            }
            guard content.objects[name] == nil else { return .exists }
            content.objects[name] = bytes
            if case .after(let kind) = fault { throw StorageError(kind, "test") }
            return .created
        }
    }

    func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? {
        try content.withLock { (content) throws(StorageError) in
            guard content.readFailures == 0 else {
                content.readFailures -= 1
                throw StorageError(.io, "test")
            }
            return content.objects[name]
        }
    }

    func read(_ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int?
    {
        guard let bytes = try get(name) else { return nil }
        let part = bytes.dropFirst(offset).prefix(buffer.count)
        buffer.copyBytes(from: part)
        return part.count
    }

    func size(_ name: ObjectName) throws(StorageError) -> Int? { try get(name)?.count }

    func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] {
        let hidden = content.withLock { $0.unlisted }
        return objects.filter { $0.key.text.hasPrefix(folder + "/") && !hidden.contains($0.key) }
            .map { ($0.key, $0.value.count) }
    }

    func delete(_ name: ObjectName) throws(StorageError) { set(name, nil) }
}

/// Local files in memory.
final class TestFiles: LocalFiles {
    private let files = Mutex<[String: [UInt8]]>([:])

    func read(_ name: String) -> [UInt8]? { files.withLock { $0[name] } }
    func write(_ name: String, _ bytes: [UInt8]) throws { files.withLock { $0[name] = bytes } }
    func remove(_ name: String) { files.withLock { $0[name] = nil } }
}

/// A clock that tests move.
final class TestClock: TimeSource {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)

    func now() -> Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
    func monotonicNanoseconds() -> UInt64 { 0 }
    func advance(seconds: Int) { milliseconds.withLock { $0 += Int64(seconds) * 1_000 } }
}

/// Members with real keys.
enum Cast {
    static let admin = TestMember(1, "admin", roles: Set(Role.allCases))
    static let machine = TestMember(2, "machine", roles: [.write], systems: ["a", "b"])
    static let other = TestMember(3, "other machine", roles: [.write])
    static let keeper = TestMember(4, "keeper", roles: [.maintain])
    static let auditor = TestMember(5, "auditor", roles: [.audit])
    static let stranger = TestMember(6, "stranger", roles: Set(Role.allCases))

    static let repository: RepositoryID = Sample.id(100)

    static var keyring: Keyring {
        let members = [admin, machine, other, keeper, auditor].map(\.member)
        return Keyring(
            epoch: 1, expiryAge: 86_400, expiryKeep: 7, indexCommitments: [1: Sample.digest(7)], members: members,
            readKey: Sample.digest(8).bytes, slots: [])
    }

    static func genesis(_ clock: TestClock) -> GenesisBody { GenesisBody(created: clock.now(), keyring: keyring) }

    static func writer(_ store: TestStore, _ clock: TestClock = TestClock()) throws -> LogWriter {
        try LogWriter.create(repository, genesis(clock), in: store, by: admin.signer, clock: clock)
    }

    static func open(_ n: Int, purpose: SessionPurpose = .backup, system: String = "a", silence: Int = 86_400)
        -> RecordBody
    {
        .open(OpenBody(epoch: 1, purpose: purpose, session: session(n), silence: silence, system: system))
    }

    static func progress(_ n: Int, packs: [Int]) -> RecordBody {
        .progress(ProgressBody(packs: packs.map { Sample.pack($0) }, session: session(n)))
    }

    static func snapshot(_ n: Int, packs: [Int], system: String = "a") -> RecordBody {
        .snapshot(Sample.snapshot(session: session(n), packs: .inline(PackSet(packs)), system: system))
    }

    static func session(_ n: Int) -> SessionID { Sample.id(1_000 + n) }
}

struct TestMember: Sendable {
    let member: Member
    let signer: Signer

    init(_ n: Int, _ name: String, roles: Set<Role>, systems: [String] = ["*"]) {
        let seed = SecretBytes(Sample.digest(500 + n).bytes)
        guard let ed25519 = try? Ed25519.publicKey(of: seed) else { preconditionFailure("no key from a seed") }
        let x25519 = Sample.digest(600 + n).bytes
        let id = MemberID(x25519: x25519, ed25519: ed25519)
        member = Member(
            id: id, name: name, kind: .machine, ed25519: ed25519, x25519: x25519, roles: roles, systems: systems)
        signer = Signer(member: id, seed: seed)
    }
}

/// Code of the error that `body` throws; nil when it throws none, or another kind of error.
func thrownCode(_ body: () throws -> Void) -> VaultError.Code? {
    do { try body() } catch { return (error as? VaultError)?.code }
    return nil
}

/// A repository with a few sessions.
struct TestRepository {
    let store = TestStore()
    let clock = TestClock()
    let writer: LogWriter

    init(sessions: Int = 2) throws {
        writer = try Cast.writer(store, clock)
        for n in 0..<sessions { try backUp(n) }
    }

    func backUp(_ n: Int) throws {
        clock.advance(seconds: 60)
        _ = try writer.publish(Cast.open(n), by: Cast.machine.signer)
        _ = try writer.publish(Cast.progress(n, packs: [n * 10, n * 10 + 1]), by: Cast.machine.signer)
        let own = writer.state.sessions[Cast.session(n)]?.packs ?? PackSet()
        let snapshot = Sample.snapshot(session: Cast.session(n), packs: .inline(own))
        _ = try writer.publish(.snapshot(snapshot), by: Cast.machine.signer)
    }

    var reader: LogReader { LogReader(store: store) }
}
