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
    func warning(_ listing: DirectoryListing, in directory: OpenFile?, path: @autoclosure () -> [UInt8]) -> String? {
        noteSQLite(listing, path())
        guard let (server, dump) = Self.server(listing, directory) else { return nil }
        return "/\(PathText.readable(path())): \(server) runs on this directory, so a copy of its files may be of no "
            + "use. Save a dump as well: vault backup --command \(dump)"
    }

    private static func server(_ listing: DirectoryListing, _ directory: OpenFile?) -> (name: String, dump: String)? {
        if postgres.allSatisfy({ listing.index(of: $0) != nil }) {
            return ("a PostgreSQL server", "dump.sql -- pg_dumpall")
        }
        if listing.index(of: maria) != nil, hasProcessNumber(listing) || isLocked(maria, directory) {
            return ("a MariaDB or MySQL server", "dump.sql -- mysqldump --all-databases --single-transaction")
        }
        // The server empties it when it ends.
        if let index = listing.index(of: mongo), listing.entries[index].status?.size ?? 0 > 0 {
            return ("a MongoDB server", "dump.archive -- mongodump --archive")
        }
        if redis.contains(where: { listing.index(of: $0) != nil }) {
            return ("perhaps a Redis server with an append-only file", "dump.rdb -- redis-cli --rdb -")
        }
        return nil
    }

    private static func hasProcessNumber(_ listing: DirectoryListing) -> Bool {
        listing.entries.contains { hasSuffix(processNumberSuffix, $0, listing) }
    }

    /// InnoDB locks its file; the process number may stand in another directory.
    private static func isLocked(_ name: [UInt8], _ directory: OpenFile?) -> Bool {
        guard let directory, let file = try? OpenFile.openForReading(at: directory, name) else { return false }
        return FileLock.isHeldElsewhere(file)
    }

    private static func hasSuffix(
        _ suffix: [UInt8], _ entry: DirectoryListing.Entry, _ listing: DirectoryListing
    ) -> Bool {
        guard entry.nameByteCount > suffix.count else { return false }
        let end = entry.nameOffset + entry.nameByteCount
        return listing.names[end - suffix.count..<end].elementsEqual(suffix)
    }

    /// A write-ahead log that is not empty means changes which are not in the database file yet.
    private func noteSQLite(_ listing: DirectoryListing, _ path: @autoclosure () -> [UInt8]) {
        for entry in listing.entries where Self.hasSuffix(Self.walSuffix, entry, listing) {
            let database = Array(listing.name(of: entry).dropLast(Self.walSuffix.count))
            guard entry.status?.size ?? 0 > 0, listing.index(of: database) != nil else { continue }
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
