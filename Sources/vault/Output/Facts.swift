internal import VaultBackup

/// A result of one thing: names in one column, values in the next.
struct Facts {
    private var facts: [(name: String, value: String)] = []

    /// Adds a fact.
    mutating func add(_ name: String, _ value: String) { facts.append((name, value)) }

    /// The lines.
    var lines: [String] {
        let width = facts.map { TextWidth.of($0.name) }.max() ?? 0
        return facts.map { TextWidth.padded($0.name, width + 2) + $0.value }
    }
}

extension Console {
    /// Writes facts as a result.
    func write(_ facts: Facts) throws {
        for text in facts.lines { try line(text) }
    }
}

extension JSON {
    /// What could not be done, by path.
    static func problems(_ problems: [Problem]) -> JSON {
        .array(problems.map { .object(path("path", [0x2f] + $0.path) + [("reason", .string($0.reason))]) })
    }

    /// Nanoseconds as seconds.
    static func seconds(_ nanoseconds: UInt64) -> JSON { .number(Double(nanoseconds) / 1e9) }
}
