/// The keys of a policy file, and what a wrong one was meant to be.
enum PolicyKeys {
    /// Keys of the file, in the order in which they are usually written.
    static let top = [
        "system", "owner", "level", "classification", "repository", "sources", "schedule", "objectives", "retention",
        "copies", "drill", "notification", "hooks", "profile",
    ]

    /// Keys of each section.
    static let sections: [String: [String]] = [
        "sources": [
            "paths", "databases", "exclude", "exclude-if-present", "exclude-larger-than", "exclude-caches",
            "one-file-system", "defaults-file", "silence",
        ],
        "schedule": ["backup", "copy", "verify", "prune", "window", "timeout"],
        "objectives": ["rpo", "rto"],
        "retention": [
            "keep-last", "keep-hourly", "keep-daily", "keep-weekly", "keep-monthly", "keep-yearly", "keep-within",
            "keep-within-hourly", "keep-within-daily", "keep-within-weekly", "keep-within-monthly",
            "keep-within-yearly", "keep-tag",
        ],
        "copies": ["path", "offsite", "offline", "medium", "every"],
        "drill": [
            "frequency", "selection", "sample", "checks", "script", "validity", "scratch", "scratch-limit", "from",
        ],
        "notification": ["mail", "textfile", "command", "when"],
        "hooks": ["before", "after"],
    ]

    /// What other programs call it.
    private static let elsewhere = [
        "source-directories": "sources: paths", "repositories": "repository", "name": "system",
        "exclude-patterns": "sources: exclude", "postgresql-databases": "sources: databases",
        "mariadb-databases": "sources: databases", "mysql-databases": "sources: databases",
        "sqlite-databases": "sources: databases", "source": "sources: paths", "forget": "retention",
        "commands": "hooks", "run-before": "hooks: before", "run-after": "hooks: after", "unit": "owner",
        "check": "drill", "drills": "drill", "tags": "sources", "before-backup": "hooks: before",
        "after-backup": "hooks: after", "on": "when", "states": "when",
    ]

    /// A sentence that says what a wrong key may have been meant to be.
    static func suggestion(for key: String, in section: String, _ known: [String]) -> String {
        let word = key.lowercased().split { $0 == "_" || $0 == " " }.joined(separator: "-")
        if known.contains(word) { return "Did you mean '\(word)'?" }
        let others = sections.filter { $0.key != section && $0.value.contains(word) }.keys.sorted()
        if let other = others.first { return "Write it below '\(other):'" }
        if !section.isEmpty, top.contains(word) { return "Write it at the margin, not below '\(section):'" }
        if let near = NearWord.find(word, known) { return "Did you mean '\(near)'?" }
        if let other = elsewhere[word] { return "It is '\(other)' here" }
        return "The keys here are: \(known.joined(separator: ", "))"
    }

    /// A whole number in decimal digits.
    static func integer(_ word: String) -> Int? {
        let digits = word.utf8.first == UInt8(ascii: "-") ? word.dropFirst() : word[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits.utf8.count <= 18,
            digits.utf8.first != 0x30 || digits.utf8.count == 1
        else { return nil }
        return Int(word)
    }

    /// Whether readers of YAML may take a plain word for a number, a truth value or nothing.
    static func isAmbiguous(_ word: String) -> Bool {
        let lower = word.lowercased()
        if ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", "-.inf", ".nan"].contains(
            lower)
        {
            return true
        }
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        guard let first = word.utf8.first, isDigit(first) || "+-.".utf8.contains(first) else { return false }
        if lower.hasPrefix("0x") || lower.hasPrefix("0o") { return lower.utf8.dropFirst(2).allSatisfy(isHexDigit) }
        // Numbers, also with `_` between digits, and hours and minutes.
        if word.utf8.allSatisfy({ isDigit($0) || "+-._eE".utf8.contains($0) }), Double(word.filter { $0 != "_" }) != nil
        {
            return true
        }
        if word.contains(":"), word.utf8.allSatisfy({ isDigit($0) || ":._+-".utf8.contains($0) }) { return true }
        // A date, and what may follow it.
        let parts = word.split(separator: "-", maxSplits: 2)
        return parts.count == 3 && parts[0].utf8.count == 4
            && parts.dropLast().allSatisfy { $0.utf8.allSatisfy(isDigit) }
            && parts[1].utf8.count <= 2 && isDigit(parts[2].utf8.first ?? 0)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// A number of bytes, with K, M, G or T for powers of 1024; nil for anything else.
    static func byteCount(_ text: String) -> Int? {
        let units = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
        let unit = units[String(text.suffix(1)).uppercased()]
        guard let number = integer(unit == nil ? text : String(text.dropLast())), number > 0 else { return nil }
        let (count, isOverflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        return isOverflow ? nil : count
    }
}
