/// The databases of a snapshot, opened to read their dumps.
public struct SnapshotDatabases: Sendable {
    /// The snapshot.
    public let snapshot: Digest
    /// What was noted of them, by the names of their files; roles of a server among them.
    public let captures: [DatabaseCapture]
    private let access: ReadAccess

    /// Opens the snapshot that `text` means, as ``Snapshots/find(_:system:asOf:in:)`` takes it.
    /// - Throws: ``VaultError`` `.usage` when there is no such snapshot, or no database in it.
    public init(_ text: String, with access: ReadAccess) throws {
        let details = try SnapshotDetails(text, with: access)
        snapshot = details.info.id
        captures = details.privatePart.databases
        self.access = access
        guard !captures.isEmpty else {
            throw VaultError(
                .usage, "There is no database in snapshot \(details.info.id.hex.prefix(8))",
                nextStep: "See 'vault database list' for snapshots of databases")
        }
    }

    /// Those that are databases, not roles of a server.
    public var databases: [DatabaseCapture] { captures.filter { !$0.name.isEmpty } }

    /// The database that a user names; nil means the only one.
    /// - Throws: ``VaultError`` `.usage` when it is not there, or when one must be named.
    public func database(_ name: DatabaseName?) throws -> DatabaseCapture {
        let names = databases.map { DatabaseName($0.engine, $0.name).readable }.joined(separator: ", ")
        if let name {
            if let found = databases.first(where: { $0.engine == name.engine && $0.name == name.name }) { return found }
            throw VaultError(
                .usage, "\(name.readable) is not in snapshot \(snapshot.hex.prefix(8))",
                nextStep: "Name one of \(names)")
        }
        guard databases.count == 1 else {
            throw VaultError(
                .usage, "There are \(databases.count) databases in snapshot \(snapshot.hex.prefix(8))",
                nextStep: "Name one of \(names)")
        }
        return databases[0]
    }

    /// The roles of the server that a database is of; nil when they are not there.
    func globals(for capture: DatabaseCapture) -> DatabaseCapture? {
        captures.first { $0.engine == capture.engine && $0.name.isEmpty }
    }

    var clock: any TimeSource { access.repository.clock }

    /// Hands out a dump, each piece checked against its id.
    func read(
        _ capture: DatabaseCapture, _ cancellation: Cancellation, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let path = try SnapshotPath(Array("\(snapshot.hex):/".utf8) + capture.file)
        try Content.read(path, with: access, cancellation: cancellation, body)
    }

    /// Bytes of dumps, by the names of their files; 0 for one that cannot be found.
    func byteCounts() throws -> [[UInt8]: Int] {
        guard let state = access.repository.state.snapshot(snapshot) else {
            throw VaultError(.usage, "Snapshot \(snapshot.hex.prefix(8)) is gone", nextStep: "See 'vault snapshots'")
        }
        let reader = SnapshotReader(access, state, index: try SnapshotReader.index(access, of: [state]) { _ in })
        let tree = TreeReader(reader.chunks())
        return captures.reduce(into: [:]) { counts, capture in
            counts[capture.file] = (try? tree.entry(at: capture.file, below: state.body.node).size) ?? 0
        }
    }

    /// The dumps as they are in the repository.
    func source() throws -> DumpSource {
        let (access, this) = (access, self)
        // A snapshot may have files besides, which need no room.
        let byteCount = try byteCounts().values.reduce(0) { sum, count in
            let (sum, isOverflow) = sum.addingReportingOverflow(count)
            return isOverflow ? .max : sum
        }
        return DumpSource(
            captures: captures, byteCount: byteCount, random: access.repository.random, clock: access.repository.clock
        ) { try this.read($0, $1, $2) }
    }
}

/// Dumps of databases, and where their bytes come from: the repository, or files that were restored.
struct DumpSource {
    /// What was noted of the dumps; roles of a server among them.
    var captures: [DatabaseCapture]
    /// Bytes of all dumps together.
    var byteCount: Int
    var random: any RandomSource
    var clock: any TimeSource
    /// Hands out a dump from start to end.
    var read:
        (_ capture: DatabaseCapture, _ cancellation: Cancellation, _ body: (UnsafeRawBufferPointer) throws -> Void)
            throws -> Void

    /// The roles of the server that a database is of; nil when they are not there.
    func globals(for capture: DatabaseCapture) -> DatabaseCapture? {
        captures.first { $0.engine == capture.engine && $0.name.isEmpty }
    }
}
