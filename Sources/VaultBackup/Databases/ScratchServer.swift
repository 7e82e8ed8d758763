/// Hands out the bytes of a dump from start to end.
typealias DumpBytes = (_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

/// A database server that runs for a short time in a scratch directory, on what a snapshot holds.
///
/// Nobody else can reach it: its socket is in a directory of the user that it runs as, and it listens on no network.
protocol ScratchServer: AnyObject {
    /// What the user should know of it: other version, no confinement, no such collation.
    var notes: [String] { get }
    /// Loads what belongs to the server as a whole.
    func loadGlobals(_ bytes: DumpBytes) throws
    /// Makes a database of the name and settings of `capture` and loads its dump.
    /// - Throws: ``VaultError`` `.drillFailed` when the dump cannot be loaded without an error.
    func load(_ capture: DatabaseCapture, _ bytes: DumpBytes) throws
    /// Looks at the database in the same way as at the backup.
    func capture(_ capture: DatabaseCapture) throws -> DatabaseCapture
    /// Variables by which the client programs of the engine find the database, as `NAME=value`.
    func variables(_ capture: DatabaseCapture) -> [[UInt8]]
    /// A command that opens the database, for people.
    func hint(_ capture: DatabaseCapture) -> String
    /// Ends it; what is on disk goes with the scratch directory.
    func stop()
}

/// Where and how scratch servers are made.
struct ScratchPlace {
    let directory: ScratchDirectory
    let confinement: Confinement
    /// Ends the servers when they take too much room.
    let watch: DiskWatch
    let cancellation: Cancellation

    /// Longest path of a socket that the kernel takes, in bytes.
    private static let socketPathBytesMax = 107
    /// What a server has on disk before anything is loaded, in bytes.
    private static let serverBytes = 64 << 20

    /// Makes a directory for a server, and takes those away that earlier ones have left.
    ///
    /// - Parameter byteCount: of the dumps, which need about that much again when they are loaded.
    /// - Parameter bytesMax: most that servers may have on disk; nil for what is usual for such dumps.
    /// - Throws: ``VaultError`` when there is no room, or no way not to run as root.
    init(
        in parent: [UInt8], byteCount: Int, bytesMax: Int?, random: any RandomSource, clock: any TimeSource,
        _ cancellation: Cancellation
    ) throws {
        self.cancellation = cancellation
        confinement = Confinement.find(cancellation)
        guard confinement.isPossible else {
            throw VaultError(
                .failed, "A scratch server must not run as root, and no other user can be had here",
                nextStep: "Install util-linux (setpriv, prlimit), or run the command as an ordinary user")
        }
        _ = ScratchDirectory.sweep(parent, for: .database, now: clock.now())
        directory = try ScratchDirectory(in: parent, for: .database, random: random)
        do {
            let place = try OpenFile.openDirectory(directory.path)
            var bounds = DiskWatch.Bounds(byteCount: byteCount, total: (try? FileSystemSpace.total(place)) ?? .max)
            if let bytesMax { bounds.bytesMax = bytesMax }
            let free = (try? FileSystemSpace.available(place)) ?? .max
            guard (free - bounds.freeMin) / 2 - Self.serverBytes >= byteCount else {
                throw VaultError(
                    .failed,
                    "There is not enough room in \(PathText.readable(parent)): twice the size of the dumps is needed",
                    nextStep: "Name another directory with --scratch")
            }
            watch = try DiskWatch(directory.path, bounds)
        } catch {
            try? directory.remove()
            throw error
        }
    }

    /// A confined program that works for a server. - Parameter environment: as in ``Confinement/tool(_:_:environment:)``.
    func tool(_ program: String, _ arguments: [String] = [], environment: [[UInt8]]) -> DatabaseTool {
        var tool = confinement.tool(program, arguments, environment: environment)
        tool.watch = watch
        return tool
    }

    /// Makes a directory of the user that servers run as.
    func makeHome(_ name: String) throws -> [UInt8] {
        let home: [UInt8]
        do {
            home = try directory.makeDirectory(Array(name.utf8), owner: confinement.user, group: confinement.group)
        } catch {
            throw VaultError(.failed, "No directory can be made for the server", cause: error)
        }
        // What lies above may be closed to that user; a dump that cannot be loaded for that is not a wrong dump.
        var probe = confinement.tool("test", ["-w"], environment: [])
        probe.arguments.append(home)
        do { _ = try probe.output(cancellation) } catch {
            let parent = PathBytes.split(directory.path).parent
            throw VaultError(
                .failed,
                "The user that servers run as (number \(confinement.user)) cannot get into \(PathText.readable(parent))",
                nextStep: "Name a place with --scratch that every user may enter, such as /var/tmp", cause: error)
        }
        return home
    }

    /// The server of an engine.
    /// - Throws: ``VaultError``, `.usage` when the path is too long for a socket; SQLite has none.
    func server(for capture: DatabaseCapture) throws -> any ScratchServer {
        guard capture.engine == .sqlite || directory.path.count + 40 <= Self.socketPathBytesMax else {
            let parent = PathBytes.split(directory.path).parent
            throw VaultError(
                .usage, "The path \(PathText.readable(parent)) is too long for the socket of a server",
                nextStep: "Name a shorter one with --scratch, such as /var/tmp")
        }
        switch capture.engine {
        case .postgres: return try PostgresScratch(self, capture)
        case .mariadb: return try MariaScratch(self)
        case .sqlite: return try SQLiteScratch(self)
        }
    }
}
