/// Where the server programs of PostgreSQL are, which are in no search path on many systems.
struct PostgresPrograms {
    let folder: String
    let major: Int

    /// The programs of the version of a dump, else of the lowest later one: older ones cannot load it.
    /// - Throws: ``VaultError`` when there are none.
    init(forDump version: String) throws {
        let wanted = Self.major(version)
        let found = Self.installed().filter { $0.major >= wanted }.min { $0.major < $1.major }
        guard let found else {
            throw VaultError(
                .failed, "The server programs of PostgreSQL \(wanted) or later are not installed here",
                nextStep: "Install them ('apt-get install postgresql-\(wanted)' on Debian); the server need not run")
        }
        (folder, major) = (found.folder, found.major)
    }

    /// The number before the first point: 15 of `15.18 (Debian…)`.
    static func major(_ version: String) -> Int {
        Int(version.prefix { $0.isNumber }) ?? 0
    }

    private static func installed() -> [(folder: String, major: Int)] {
        var found: [(folder: String, major: Int)] = []
        for top in ["/usr/lib/postgresql", "/usr/pgsql", "/opt/postgresql"] {
            let path = Array(top.utf8)
            guard let folder = try? OpenFile.openDirectory(path, followingLinks: true),
                let names = try? DirectoryNames.read(folder)
            else { continue }
            for index in 0..<names.count {
                let name = String(decoding: names[index], as: UTF8.self)
                guard let major = Int(name) else { continue }
                let programs = "\(top)/\(name)/bin"
                if isThere(programs + "/initdb") { found.append((programs, major)) }
            }
        }
        for folder in ["/usr/local/pgsql/bin", "/usr/bin", "/usr/local/bin"] where isThere(folder + "/initdb") {
            let output = try? DatabaseTool(folder + "/postgres", ["--version"]).output(Cancellation())
            let word = String(decoding: output ?? [], as: UTF8.self).split(separator: " ").last {
                $0.first?.isNumber == true
            }
            if let word { found.append((folder, major(String(word)))) }
        }
        return found
    }

    private static func isThere(_ path: String) -> Bool {
        (try? FileStatus.readIfPresent(Array(path.utf8), followingLinks: true)) != nil
    }
}

/// Texts of statements and settings, quoted.
enum PostgresText {
    /// A name as an identifier.
    static func identifier(_ name: [UInt8]) -> [UInt8] {
        [0x22] + name.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22]
    }

    /// Text as a literal, whatever the server takes backslashes for.
    static func literal(_ text: String) -> [UInt8] {
        Array("E'".utf8)
            + text.utf8.flatMap { byte in
                byte == 0x27 || byte == 0x5c ? [0x5c, byte] : [byte]
            } + [0x27]
    }

    /// Connection settings that name a database, whatever its name looks like.
    static func connection(to name: [UInt8]) -> [UInt8] {
        Array("dbname='".utf8) + name.flatMap { $0 == 0x27 || $0 == 0x5c ? [0x5c, $0] : [$0] } + [0x27]
    }

    /// The statement that makes a database with the settings of an old one.
    static func create(_ name: [UInt8], _ facts: [String: String], collation: Bool) -> [UInt8] {
        var text = Array("CREATE DATABASE ".utf8) + identifier(name) + Array(" TEMPLATE template0".utf8)
        if let encoding = facts["encoding"] { text += Array(" ENCODING ".utf8) + literal(encoding) }
        text += Array(" LC_COLLATE ".utf8) + literal(collation ? facts["collation"] ?? "C" : "C")
        text += Array(" LC_CTYPE ".utf8) + literal(collation ? facts["character-type"] ?? "C" : "C")
        return text + Array(";\n".utf8)
    }
}
