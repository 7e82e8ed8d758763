internal import VaultBackup

/// Tokens that were handed out, for people and programs.
enum TokenText {
    static func table(_ tokens: [TokenInfo]) -> Table {
        var table = Table([
            .init(title: "KIND", widthMin: 8), .init(title: "SERIAL", widthMin: 8),
            .init(title: "HOLDER", widthMin: 12),
            .init(title: "ISSUED (UTC)"), .init(title: "BY", isOptional: true), .init(title: "RETURNED"),
            .init(title: "REASON", isOptional: true),
        ])
        for token in tokens {
            table.add([
                token.body.device.shown, token.body.serial.shown,
                token.holder.shown + (token.isMember ? "" : " (no member)"), Units.minute(token.issued.time),
                token.issuer.shown, token.returned.map { Units.minute($0.time) } ?? "-", token.body.reason.shown,
            ])
        }
        return table
    }

    /// Writes what happened to one.
    static func write(_ token: TokenInfo, _ console: Console) throws -> ExitStatus {
        if console.isJSON {
            try console.result("access-token", [("token", .object(json(token)))])
        } else if !console.isQuiet {
            let way = token.returned == nil ? "is with" : "came back from"
            try console.line("The \(token.body.device.shown) \(token.body.serial.shown) \(way) '\(token.holder.shown)'")
        }
        return .done
    }

    static func json(_ token: TokenInfo) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("device", .string(token.body.device)), ("serial", .string(token.body.serial)),
            ("holder", .string(token.holder)), ("holderId", .string(token.body.holder.hex)),
            ("isMember", .bool(token.isMember)), ("issued", .string(token.issued.time.description)),
            ("issuedRecord", .integer(token.issued.position)), ("issuer", .string(token.issuer)),
            ("reason", .string(token.body.reason)), ("isOut", .bool(token.returned == nil)),
        ]
        if let returned = token.returned {
            members += [
                ("returned", .string(returned.time.description)), ("returnedRecord", .integer(returned.position)),
            ]
        }
        return members
    }
}
