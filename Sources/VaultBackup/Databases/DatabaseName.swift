/// A database as a user names it: `postgres:shop`, `mariadb:wiki`, `sqlite:/var/lib/app/app.db`.
public struct DatabaseName: Sendable, Equatable, Hashable {
    /// The engine.
    public var engine: DatabaseCapture.Engine
    /// Its name on the server, or the path of its file; ``all`` for every one of the server.
    public var name: [UInt8]

    /// What stands for all databases of a server.
    public static let all = Array("all".utf8)

    /// A database as given.
    public init(_ engine: DatabaseCapture.Engine, _ name: [UInt8]) {
        self.engine = engine
        self.name = name
    }

    /// Takes what a user has written.
    /// - Throws: ``VaultError`` `.usage` for anything but an engine, a colon and a name.
    public init(_ text: [UInt8]) throws {
        let parts = text.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        let engines = [
            "postgres": DatabaseCapture.Engine.postgres, "postgresql": .postgres, "mariadb": .mariadb,
            "mysql": .mariadb, "sqlite": .sqlite,
        ]
        guard parts.count == 2, let engine = engines[String(decoding: parts[0], as: UTF8.self)], !parts[1].isEmpty,
            !parts[1].contains(0)
        else {
            throw VaultError(
                .usage, "'\(PathText.readable(text))' names no database",
                nextStep: "Give an engine and a name, such as postgres:shop, mariadb:wiki or sqlite:/var/lib/app/app.db"
            )
        }
        self.init(engine, Array(parts[1]))
    }

    /// For messages.
    public var readable: String { engine.rawValue + ":" + PathText.readable(name) }

    /// Name of the file with its dump. What a file name cannot hold is written as `%XX`; a path stands with its last
    /// name, which need not be the only one of its kind: then a number follows.
    func fileName(besides taken: Set<[UInt8]>) -> [UInt8] {
        let suffix: String
        switch engine {
        case .postgres: suffix = ".dump"
        case .mariadb, .sqlite: suffix = ".sql"
        }
        var escaped: [UInt8] = []
        for byte in engine == .sqlite ? PathBytes.split(name).name : name {
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "%") || byte < 0x20 || byte == 0x7f {
                escaped += [UInt8(ascii: "%")] + Array(Hex.encode([byte]).utf8)
            } else {
                escaped.append(byte)
            }
        }
        for number in 1... {
            let mark = number == 1 ? "" : "-\(number)"
            let file = Array("\(engine.rawValue)-".utf8) + escaped.prefix(200) + Array((mark + suffix).utf8)
            if !taken.contains(file) { return file }
        }
        return escaped
    }
}
