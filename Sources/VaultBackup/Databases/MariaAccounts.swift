/// Reads the statements that `mariadb-dump --system=users` writes, one on each line, and tells for which account each
/// is.
///
/// Only what makes an account or a role, or gives one of them a right, is known here. Everything else (the role that the
/// dump would make for itself, statements of MySQL, whatever somebody has written in between) is none of these. A
/// statement with a comment in it is none either: the account that we would read there need not be the server's.
enum MariaAccounts {
    /// An account, or a role, whose host is empty. Names are case-sensitive, hosts are not.
    struct Name: Hashable {
        var user: [UInt8]
        var host: [UInt8]

        init(user: [UInt8], host: [UInt8]) {
            self.user = user
            self.host = host.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        }
    }

    /// What a line does.
    enum Step: Equatable {
        /// Makes an account, with its password.
        case makeUser(Name)
        /// Makes a role.
        case makeRole(Name)
        /// Gives it rights or a role, or sets its default role.
        case grant(Name)
    }

    /// The role that the dump makes for the time of loading, and removes.
    private static let helper = Array("mariadb_dump_import_role".utf8)

    /// What a line does, and the statement without the comment around it; nil for any other line.
    static func step(_ line: [UInt8]) -> (step: Step, statement: [UInt8])? {
        guard let statement = statement(line) else { return nil }
        var text = Scanner(statement)
        if text.takes("CREATE USER ") {
            guard let name = text.name(), text.isEndOrSpace else { return nil }
            return (.makeUser(name), statement)
        }
        if text.takes("CREATE ROLE ") {
            guard let name = text.name(), name.user != helper, name.host.isEmpty, text.isEndOrSpace else { return nil }
            // The rest of the line gives it to a role that the dump has made for itself.
            return (.makeRole(name), Array("CREATE ROLE ".utf8) + MariaCapture.quoted(name.user))
        }
        let last: String
        if text.takes("GRANT ") {
            last = " TO "
        } else if text.takes("SET DEFAULT ROLE ") {
            last = " FOR "
        } else {
            return nil
        }
        guard text.skips(past: last), let name = text.name(), text.isEndOrSpace, text.restNamesNobody() else {
            return nil
        }
        return (.grant(name), statement)
    }

    /// Without its semicolon, and without a comment that only MariaDB reads.
    private static func statement(_ line: [UInt8]) -> [UInt8]? {
        guard line.last == 0x3b else { return nil }
        var text = line.dropLast()
        guard text.starts(with: "/*".utf8) else { return Array(text) }
        guard text.starts(with: "/*M!".utf8), text.suffix(2).elementsEqual("*/".utf8) else { return nil }
        text = text.dropFirst(4).drop { (0x30...0x39).contains($0) }.drop { $0 == 0x20 }.dropLast(2)
        while text.last == 0x20 { text = text.dropLast() }
        return Array(text)
    }

    /// Goes through a statement, and knows what is in quotes.
    private struct Scanner {
        private var rest: ArraySlice<UInt8>

        init(_ text: [UInt8]) { rest = text[...] }

        mutating func takes(_ word: String) -> Bool {
            guard rest.starts(with: word.utf8) else { return false }
            rest = rest.dropFirst(word.utf8.count)
            return true
        }

        /// A quoted name, and a quoted host after an `@`.
        mutating func name() -> Name? {
            guard let user = quoted() else { return nil }
            guard takes("@") else { return Name(user: user, host: []) }
            guard let host = quoted() else { return nil }
            return Name(user: user, host: host)
        }

        /// What stands between quotes of one of three kinds; nil when there are none, or no end.
        private mutating func quoted() -> [UInt8]? {
            guard let quote = rest.first, [0x27, 0x22, 0x60].contains(quote) else { return nil }
            var text: [UInt8] = []
            var bytes = rest.dropFirst()
            while let byte = bytes.popFirst() {
                if byte == 0x5c, quote != 0x60 {
                    guard let next = bytes.popFirst() else { return nil }
                    text.append(next == 0x30 ? 0 : next == 0x5a ? 0x1a : next)
                } else if byte != quote {
                    text.append(byte)
                } else if bytes.first == quote {
                    text.append(quote)
                    bytes = bytes.dropFirst()
                } else {
                    rest = bytes
                    return text
                }
            }
            return nil
        }

        /// Goes on behind the first such word outside of quotes and comments.
        mutating func skips(past word: String) -> Bool {
            while !rest.isEmpty {
                if takes(word) { return true }
                guard skip() else { return false }
            }
            return false
        }

        /// Goes on behind one byte, or behind what is in quotes; false where there is no end of them, or a comment.
        private mutating func skip() -> Bool {
            guard let byte = rest.first else { return false }
            if [0x27, 0x22, 0x60].contains(byte) { return quoted() != nil }
            if byte == 0x23 || rest.starts(with: "/*".utf8) || rest.starts(with: "--".utf8) { return false }
            rest = rest.dropFirst()
            return true
        }

        var isEndOrSpace: Bool { rest.first == nil || rest.first == 0x20 }

        /// Whether no second account can stand in what is left; what a password or a certificate is called is in quotes.
        mutating func restNamesNobody() -> Bool {
            while let byte = rest.first {
                guard ![0x2c, 0x60, 0x40].contains(byte), skip() else { return false }
            }
            return true
        }
    }
}

/// What became of the accounts of a server.
struct AccountsLoaded: Equatable {
    /// Accounts and roles that were made.
    var made = 0
    /// Rights that name tables, columns, routines or roles which are not there, and so could not be given.
    var rightsLeftOut = 0
}

extension MariaTarget {
    /// Makes the accounts and roles that are missing, with the passwords and rights that they had; those that are there
    /// stay as they are. Each statement is executed for itself, so that no line can hold a second one.
    func loadAccounts(_ bytes: DumpBytes) throws -> AccountsLoaded {
        let session = try MariaEngine.session(nil, options)
        var known: Set<MariaAccounts.Name> = []
        for row in try session.rows("SELECT HEX(User), HEX(Host) FROM mysql.user;", cancellation) where row.count == 2 {
            guard let user = Hex.decode(row[0].text.lowercased()), let host = Hex.decode(row[1].text.lowercased())
            else {
                continue
            }
            known.insert(MariaAccounts.Name(user: user, host: host))
        }
        var made: Set<MariaAccounts.Name> = []
        try session.rows("SET SESSION sql_mode = ''; SET @left_out = 0;", cancellation)
        func take(_ line: [UInt8]) throws {
            guard let (step, statement) = MariaAccounts.step(line) else { return }
            switch step {
            case .makeUser(let name), .makeRole(let name):
                // A role stands in the dump once for each of those who may hand it on.
                guard !known.contains(name), made.insert(name).inserted else { return }
            case .grant(let name):
                guard made.contains(name) else { return }
            }
            try session.rows(Self.tolerant(statement), cancellation)
        }
        try DatabaseLoading.explain("the users of the server") {
            var lines = ScriptLines()
            try bytes { piece in
                for line in try lines.take(piece) { try take(line) }
            }
            try take(lines.last())
        }
        let leftOut = try session.rows("SELECT @left_out;", cancellation).first?.first.flatMap { Int($0.text) } ?? 0
        try session.close()
        return AccountsLoaded(made: made.count, rightsLeftOut: leftOut)
    }

    /// Executes one statement, and goes on where it names a table (1146), a column (1054), a routine (1305) or a role
    /// (1959) that is not there.
    private static func tolerant(_ statement: [UInt8]) -> [UInt8] {
        let head = """
            DELIMITER //
            BEGIN NOT ATOMIC
            DECLARE CONTINUE HANDLER FOR 1146, 1054, 1305, 1959 SET @left_out = @left_out + 1;
            EXECUTE IMMEDIATE CONVERT(x'\(Hex.encode(statement))' USING utf8mb4);
            END//
            DELIMITER ;

            """
        return Array(head.utf8)
    }
}
