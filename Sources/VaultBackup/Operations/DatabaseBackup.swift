internal import Synchronization

/// Backs up databases.
public enum DatabaseBackup {
    /// A request for the dumps of databases, each a file of one snapshot, streamed without a temporary file. There is a
    /// snapshot only if every program that took part ended with success and every dump is whole.
    ///
    /// - Parameter names: the databases; ``DatabaseName/all`` stands for all of a server, which is asked now.
    /// - Parameter paths: files and directories that go into the same snapshot, and are restored with the dumps.
    /// - Throws: ``VaultError`` `.usage` when there is nothing to save, `.failed` when a server cannot be asked.
    public static func request(
        _ names: [DatabaseName], paths: [[UInt8]] = [], options: DatabaseOptions, system: String,
        clock: any TimeSource = SystemClock(), cancellation: Cancellation = Cancellation()
    ) throws -> BackupRequest {
        let dumps = try dumps(names, options, clock, cancellation)
        var request = BackupRequest(paths: paths, system: system)
        request.streams = dumps.map { dump in
            StreamSource(name: dump.file) { try dump.read(into: $0, $1) }
        }
        request.confirmStreams = {
            var captures = try dumps.map { try $0.finish() }
            captures.sort { $0.file.lexicographicallyPrecedes($1.file) }
            guard captures.reduce(0, { $0 + $1.tables.count }) <= DatabaseCapture.tablesMax else {
                throw VaultError(
                    .failed, "The databases have more than \(DatabaseCapture.tablesMax) tables together",
                    nextStep: "Save them in several snapshots, or add --no-capture")
            }
            return captures
        }
        return request
    }

    private static func dumps(
        _ names: [DatabaseName], _ options: DatabaseOptions, _ clock: any TimeSource, _ cancellation: Cancellation
    ) throws -> [DatabaseDump] {
        var wanted: [DatabaseName] = []
        for name in names {
            let isAll = name.name == DatabaseName.all && name.engine != .sqlite
            let found =
                isAll
                ? try databaseEngine(name.engine, options, clock: clock).databases(cancellation).map {
                    DatabaseName(name.engine, $0)
                } : [name]
            for name in found where !wanted.contains(name) { wanted.append(name) }
        }
        guard !wanted.isEmpty else {
            throw VaultError(
                .usage, "There is no database to back up", nextStep: "Name one, such as postgres:shop")
        }
        guard wanted.count < DatabaseCapture.databasesMax else {
            throw VaultError(.usage, "There are too many databases for one snapshot", nextStep: "Name fewer")
        }
        var dumps: [DatabaseDump] = []
        var files: Set<[UInt8]> = []
        for kind in DatabaseCapture.Engine.allCases where wanted.contains(where: { $0.engine == kind }) {
            let engine = databaseEngine(kind, options, clock: clock)
            if let globals = engine.globals() {
                dumps.append(globals)
                files.insert(globals.file)
            }
            for name in wanted where name.engine == kind {
                let file = name.fileName(besides: files)
                files.insert(file)
                dumps.append(engine.dump(name.name, file: file))
            }
        }
        return dumps
    }
}
