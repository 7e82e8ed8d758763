/// A database that is on this machine.
public struct FoundDatabase: Sendable {
    /// What it is.
    public var name: DatabaseName
    /// The socket of its server; empty for a file.
    public var socket: [UInt8]
    /// Identity of the server, as captures have it; nil when it does not tell.
    public var server: String?
}

/// A server on this machine that could not be asked for its databases.
public struct UnaskedServer: Sendable {
    /// Its engine.
    public var engine: DatabaseCapture.Engine
    /// Its socket.
    public var socket: [UInt8]
    /// What it, or the client, said.
    public var reason: String
}

/// Finds databases that are in use on this machine: servers by the sockets that the kernel knows, files of SQLite by who
/// holds them open. Of other users' processes only root sees the files.
struct DatabaseDiscovery {
    private(set) var databases: [FoundDatabase] = []
    private(set) var unasked: [UnaskedServer] = []
    private let options: DatabaseOptions
    private let cancellation: Cancellation

    init(options: DatabaseOptions, _ cancellation: Cancellation) throws {
        self.options = options
        self.cancellation = cancellation
        for socket in Self.sockets() {
            try cancellation.check()
            let (folder, file) = PathBytes.split(socket)
            let name = file.text
            if name.hasPrefix(".s.PGSQL."), !name.hasSuffix(".lock") {
                askPostgres(socket, folder, port: String(name.dropFirst(9)))
            } else if name.hasSuffix(".sock"), Self.isMaria(socket) {
                askMaria(socket)
            }
        }
        for path in Self.openFiles() {
            databases.append(FoundDatabase(name: DatabaseName(.sqlite, path), socket: [], server: nil))
        }
    }

    private mutating func askPostgres(_ socket: [UInt8], _ folder: [UInt8], port: String) {
        do {
            let session = try PostgresEngine.session(PostgresEngine.maintenanceDatabase) { tool in
                tool.variables += [Array("PGHOST=".utf8) + folder, Array("PGPORT=\(port)".utf8)]
            }
            let facts = try session.rows(PostgresSQL.settings + PostgresSQL.facts, cancellation)
            let server = facts.first.flatMap { $0.count > 4 && !$0[4].isEmpty ? $0[4].text : nil }
            let rows = try session.rows(PostgresSQL.databases, cancellation)
            try session.close()
            for name in rows.compactMap({ Hex.decode($0[0].text) }) {
                databases.append(FoundDatabase(name: DatabaseName(.postgres, name), socket: socket, server: server))
            }
        } catch { note(.postgres, socket, error) }
    }

    private mutating func askMaria(_ socket: [UInt8]) {
        do {
            let session = try MariaEngine.session(nil, options) { tool in
                tool.arguments.append(Array("--socket=".utf8) + socket)
            }
            let rows = try session.rows(MariaEngine.listing, cancellation)
            let server = try session.rows("SELECT \(MariaCapture.server);", cancellation).first?.map(\.text)
            try session.close()
            for name in rows.compactMap({ Hex.decode($0[0].text.lowercased()) })
            where !MariaEngine.systemDatabases.contains(name.text) {
                databases.append(
                    FoundDatabase(
                        name: DatabaseName(.mariadb, name), socket: socket, server: server?.joined(separator: "-")))
            }
        } catch { note(.mariadb, socket, error) }
    }

    private mutating func note(_ engine: DatabaseCapture.Engine, _ socket: [UInt8], _ error: any Error) {
        let reason = (error as? VaultError).map { ($0.cause as? VaultError)?.message ?? $0.message } ?? "\(error)"
        unasked.append(UnaskedServer(engine: engine, socket: socket, reason: reason))
    }

    // MARK: What the kernel knows

    private static let tableBytesMax = 64 << 20

    /// Paths of sockets that somebody listens on.
    private static func sockets() -> [[UInt8]] {
        guard let table = try? AtomicFile.read(Array("/proc/net/unix".utf8), byteCountMax: tableBytesMax) else {
            return []
        }
        var paths: Set<[UInt8]> = []
        for line in table.split(separator: 0x0a).dropFirst() {
            let fields = line.split(separator: 0x20, maxSplits: 7)
            // Flag 0x10000: it listens.
            guard fields.count == 8, fields[7].first == 0x2f, fields[3].elementsEqual("00010000".utf8) else { continue }
            paths.insert(Array(fields[7]))
        }
        return paths.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func isMaria(_ socket: [UInt8]) -> Bool {
        let path = socket.text.lowercased()
        return path.contains("mysql") || path.contains("maria")
    }

    /// Database files that a process holds open.
    private static func openFiles() -> [[UInt8]] {
        var paths: Set<[UInt8]> = []
        for process in names("/proc") where process.allSatisfy({ (0x30...0x39).contains($0) }) {
            let folder = "/proc/\(process.text)/fd"
            guard let directory = try? OpenFile.openDirectory(Array(folder.utf8)) else { continue }
            for number in names(folder) {
                guard let path = try? DirectoryEntries.linkTarget(at: directory, number), path.first == 0x2f,
                    !paths.contains(path), !path.starts(with: Array("/dev/".utf8)),
                    !path.starts(with: Array("/proc/".utf8)), isSQLite(path)
                else { continue }
                paths.insert(path)
            }
        }
        return paths.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func names(_ path: String) -> [[UInt8]] {
        guard let directory = try? OpenFile.openDirectory(Array(path.utf8)),
            let names = try? DirectoryNames.read(directory)
        else { return [] }
        return (0..<names.count).map { names[$0] }
    }

    private static func isSQLite(_ path: [UInt8]) -> Bool {
        // Opening a pipe or a device would wait, or do something.
        guard let status = try? FileStatus.read(path), status.kind == .file, status.size >= 512,
            let file = try? OpenFile.open(path, [.readOnly, .noFollow])
        else { return false }
        let head = Array("SQLite format 3\u{0}".utf8)
        var bytes = [UInt8](repeating: 0, count: head.count)
        let count = bytes.withUnsafeMutableBytes { (try? file.read(at: 0, into: $0)) ?? 0 }
        return count == head.count && bytes == head
    }
}
