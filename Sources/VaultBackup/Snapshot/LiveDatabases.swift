internal import Synchronization

/// Notices databases that are in use: their files do not fit together when they are read one after the other, so that a
/// copy of them may be of no use. Safe from any thread.
final class LiveDatabases: Sendable {
    private struct Found {
        var count = 0
        /// The first by its path.
        var first: [UInt8]?
    }

    private let sqlite = Mutex(Found())

    private static let postgres = [Array("PG_VERSION".utf8), Array("postmaster.pid".utf8)]
    private static let maria = Array("ibdata1".utf8)
    private static let mongo = Array("mongod.lock".utf8)
    private static let redis = [Array("appendonlydir".utf8), Array("appendonly.aof".utf8)]
    private static let processNumberSuffix = Array(".pid".utf8)
    private static let walSuffix = Array("-wal".utf8)

    /// The warning for a directory on which a database server runs; nil when none does.
    func warning(_ names: DirectoryNames, in directory: OpenFile?, path: @autoclosure () -> [UInt8]) -> String? {
        noteSQLite(names, directory, path())
        guard let (server, dump) = Self.server(names, directory) else { return nil }
        return "/\(PathText.readable(path())): \(server) runs on this directory, so a copy of its files may be of no "
            + "use. Save a dump as well: vault backup --command \(dump)"
    }

    private static func server(_ names: DirectoryNames, _ directory: OpenFile?) -> (name: String, dump: String)? {
        if postgres.allSatisfy({ names.index(of: $0) != nil }) {
            return ("a PostgreSQL server", "dump.sql -- pg_dumpall")
        }
        if names.index(of: maria) != nil, hasProcessNumber(names) || isLocked(maria, directory) {
            return ("a MariaDB or MySQL server", "dump.sql -- mysqldump --all-databases --single-transaction")
        }
        // The server empties it when it ends.
        if names.index(of: mongo) != nil, size(mongo, directory) > 0 {
            return ("a MongoDB server", "dump.archive -- mongodump --archive")
        }
        if redis.contains(where: { names.index(of: $0) != nil }) {
            return ("perhaps a Redis server with an append-only file", "dump.rdb -- redis-cli --rdb -")
        }
        return nil
    }

    private static func hasProcessNumber(_ names: DirectoryNames) -> Bool {
        (0..<names.count).contains { names.hasSuffix(processNumberSuffix, $0) }
    }

    private static func size(_ name: [UInt8], _ directory: OpenFile?) -> UInt64 {
        guard let directory else { return 0 }
        return (try? FileStatus.read(at: directory, name))?.size ?? 0
    }

    /// InnoDB locks its file; the process number may stand in another directory.
    private static func isLocked(_ name: [UInt8], _ directory: OpenFile?) -> Bool {
        guard let directory, let file = try? OpenFile.openForReading(at: directory, name) else { return false }
        return FileLock.isHeldElsewhere(file)
    }

    /// A write-ahead log that is not empty means changes which are not in the database file yet.
    private func noteSQLite(_ names: DirectoryNames, _ directory: OpenFile?, _ path: @autoclosure () -> [UInt8]) {
        for index in 0..<names.count where names.hasSuffix(Self.walSuffix, index) {
            let log = names[index]
            let database = Array(log.dropLast(Self.walSuffix.count))
            guard names.index(of: database) != nil, Self.size(log, directory) > 0 else { continue }
            let full = TreePath.join(path(), database)
            sqlite.withLock { found in
                found.count += 1
                if found.first.map({ full.lexicographicallyPrecedes($0) }) ?? true { found.first = full }
            }
        }
    }

    /// The warning for all SQLite databases together, since browsers alone have dozens; nil when there are none.
    var sqliteWarning: String? {
        let found = sqlite.withLock { $0 }
        guard let first = found.first else { return nil }
        let others = found.count > 1 ? " and \(found.count - 1) more SQLite databases are" : ": this SQLite database is"
        return "/\(PathText.readable(first))\(others) in use, so a copy may be of no use. Save a dump as well: "
            + "vault backup --command dump.sql -- sqlite3 /\(PathText.readable(first)) .dump"
    }
}
