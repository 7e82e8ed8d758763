/// Which databases of this machine are in a repository.
public struct DatabaseScan: Sendable {
    /// A database that is there, and its last backup.
    public struct Item: Sendable {
        /// The database.
        public var database: FoundDatabase
        /// When the last snapshot that has it was begun; nil when none has it.
        public var saved: Timestamp?
        /// That snapshot.
        public var snapshot: Digest?
    }

    /// Databases that were found.
    public var items: [Item]
    /// Servers that could not be asked.
    public var unasked: [UnaskedServer]

    /// Whether every one is saved, and every server was asked.
    public var isCovered: Bool { unasked.isEmpty && items.allSatisfy { $0.snapshot != nil } }

    /// Most snapshots that are looked into, newest first.
    private static let snapshotsMax = 1_000

    /// Looks for databases in use on this machine, and for them in the snapshots of a repository.
    ///
    /// The dump of a database counts for one of the same engine and name, unless both servers say who they are and are not
    /// the same.
    public static func run(
        with access: ReadAccess, options: DatabaseOptions = DatabaseOptions(),
        cancellation: Cancellation = Cancellation()
    ) throws -> DatabaseScan {
        let found = try DatabaseDiscovery(options: options, cancellation)
        var items = found.databases.map { Item(database: $0) }
        let snapshots = Snapshots.list(access.repository).sorted { $0.time.milliseconds > $1.time.milliseconds }
            .prefix(snapshotsMax)
        // There is one record for each opening, and how far the search goes shows only when content has been read.
        if !items.isEmpty {
            let ids = Set(snapshots.map(\.id))
            access.putOnRecord(access.repository.state.liveSnapshots.filter { ids.contains($0.id) })
        }
        for snapshot in snapshots where items.contains(where: { $0.snapshot == nil }) {
            try cancellation.check()
            guard let part = try? SnapshotDetails(snapshot.id.hex, with: access).privatePart else { continue }
            for capture in part.databases {
                for index in items.indices where items[index].snapshot == nil && isOf(capture, items[index].database) {
                    items[index].saved = snapshot.time
                    items[index].snapshot = snapshot.id
                }
            }
        }
        return DatabaseScan(items: items, unasked: found.unasked)
    }

    private static func isOf(_ capture: DatabaseCapture, _ found: FoundDatabase) -> Bool {
        guard capture.engine == found.name.engine, capture.name == found.name.name else { return false }
        guard let server = capture.facts["server"], let here = found.server else { return true }
        return server == here
    }
}
