internal import VaultBackup

extension DatabaseText {
    /// Databases of this machine.
    static func write(_ scan: DatabaseScan, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "database-scan",
                [
                    ("isCovered", .bool(scan.isCovered)), ("databases", .array(scan.items.map { .object(json($0)) })),
                    ("unasked", .array(scan.unasked.map { .object(json($0)) })),
                ])
        }
        var table = Table([
            Table.Column(title: "Database", widthMin: 12), Table.Column(title: "Last snapshot"),
            Table.Column(title: "Of", isOptional: true), Table.Column(title: "Server", isOptional: true),
        ])
        for item in scan.items {
            table.add([
                item.database.name.readable, item.snapshot.map { String($0.hex.prefix(8)) } ?? "none",
                item.saved?.description ?? "-", PathText.readable(item.database.socket),
            ])
        }
        if scan.items.isEmpty {
            console.notice("No database is in use on this machine, as far as this user sees")
        } else {
            for line in table.lines(width: console.width) { try console.line(line) }
        }
        for server in scan.unasked {
            console.warning(
                "The server of \(server.engine.rawValue) at \(PathText.readable(server.socket)) cannot be asked: "
                    + server.reason)
        }
    }

    private static func json(_ item: DatabaseScan.Item) -> [(name: String, value: JSON)] {
        [("engine", .string(item.database.name.engine.rawValue))] + JSON.path("name", item.database.name.name)
            + JSON.path("socket", item.database.socket) + [
                ("snapshot", .string(item.snapshot?.hex ?? "")), ("saved", .string(item.saved?.description ?? "")),
            ]
    }

    private static func json(_ server: UnaskedServer) -> [(name: String, value: JSON)] {
        [("engine", .string(server.engine.rawValue))] + JSON.path("socket", server.socket) + [
            ("reason", .string(server.reason))
        ]
    }
}
