/// Writes a policy as YAML, with all that holds for it spelled out. What is written reads as the same policy again.
public struct PolicyWriter {
    /// Lines of the file, without line ends.
    public private(set) var lines: [String] = []
    private let comments: [String: [String]]

    /// - Parameter comments: lines, without `# `, that are written above keys at the margin; those of the key "" begin
    ///   the file.
    public init(_ policy: SystemPolicy, comments: [String: [String]] = [:]) {
        self.comments = comments
        lines = (comments[""] ?? []).map { $0.isEmpty ? "#" : "# \($0)" }
        if !lines.isEmpty { lines.append("") }
        value("system", Self.quoted(policy.system))
        if !policy.owner.isEmpty { value("owner", Self.quoted(policy.owner)) }
        if let level = policy.level { value("level", "\(level)") }
        value("classification", policy.classification.rawValue)
        if let repository = policy.repository { value("repository", Self.quoted(repository)) }
        write(policy.sources)
        write(policy.schedule)
        if policy.objectives != PolicyObjectives() {
            section("objectives")
            item("rpo", policy.objectives.rpo?.description)
            item("rto", policy.objectives.rto?.description)
        }
        write(policy.retention)
        write(policy.copies)
        write(policy.drill, policy.copies)
        write(policy.notification)
        if policy.hooks != PolicyHooks() {
            section("hooks")
            commands("before", policy.hooks.before)
            commands("after", policy.hooks.after)
        }
        if let profile = policy.profile { value("profile", Self.quoted(profile), isApart: true) }
    }

    /// The file.
    public var text: String { lines.joined(separator: "\n") + "\n" }

    // MARK: Sections

    private mutating func write(_ sources: PolicySources) {
        section("sources")
        list("paths", sources.paths.map(Self.quoted))
        list("databases", sources.databases.map { Self.quoted($0) })
        list("exclude", sources.exclude.map(Self.quoted))
        list("exclude-if-present", sources.excludeIfPresent.map(Self.quoted))
        item("exclude-larger-than", sources.excludeLargerThan.map { "\($0)" })
        if !sources.excludeCaches { item("exclude-caches", "false") }
        if sources.oneFileSystem { item("one-file-system", "true") }
        item("defaults-file", sources.defaultsFile.map(Self.quoted))
        item("silence", sources.silence?.description)
    }

    private mutating func write(_ schedule: PolicySchedule) {
        section("schedule")
        item("backup", schedule.backup.description)
        item("copy", schedule.copy?.description)
        item("verify", schedule.verify?.description ?? "never")
        item("prune", schedule.prune?.description ?? "never")
        item("window", schedule.window?.description)
        item("timeout", schedule.timeout.description)
    }

    private mutating func write(_ rules: RetentionRules?) {
        guard let rules else { return value("retention", "none", isApart: true) }
        section("retention")
        func text(_ count: RetentionRules.Count?) -> String? {
            switch count {
            case nil: nil
            case .upTo(let number): "\(number)"
            case .unlimited: "unlimited"
            }
        }
        if rules.last != .upTo(0) { item("keep-last", text(rules.last)) }
        for period in RetentionRules.Period.allCases { item("keep-\(period.rawValue)", text(rules.counts[period])) }
        item("keep-within", rules.within?.description)
        for period in RetentionRules.Period.allCases {
            item("keep-within-\(period.rawValue)", rules.periodsWithin[period]?.description)
        }
        list("keep-tag", rules.tags.map { "[" + $0.map { Self.quoted($0) }.joined(separator: ", ") + "]" })
    }

    private mutating func write(_ copies: [PolicyCopy]) {
        if copies.isEmpty { return }
        section("copies")
        for copy in copies {
            lines.append("  - path: \(Self.quoted(copy.path))")
            if copy.isOffsite { lines.append("    offsite: true") }
            if copy.isOffline { lines.append("    offline: true") }
            lines.append("    medium: \(Self.quoted(copy.medium))")
            if let every = copy.every { lines.append("    every: \(every)") }
        }
    }

    private mutating func write(_ drill: PolicyDrill?, _ copies: [PolicyCopy]) {
        guard let drill else { return value("drill", "none", isApart: true) }
        section("drill")
        item("frequency", drill.frequency.description)
        item("selection", drill.selection.rawValue)
        item("sample", drill.sample.rounded() == drill.sample ? "\(Int(drill.sample))" : "\(drill.sample)")
        let checks = PolicyDrill.Check.allCases.filter(drill.checks.contains).map(\.rawValue)
        item("checks", "[\(checks.joined(separator: ", "))]")
        if !drill.script.isEmpty { item("script", Self.command(drill.script)) }
        item("validity", drill.validity.description)
        item("scratch", drill.scratch.map(Self.quoted))
        item("scratch-limit", drill.scratchLimit.map { "\($0)" })
        item("from", drill.from.map(Self.quoted))
    }

    private mutating func write(_ notification: PolicyNotification) {
        if notification == PolicyNotification() { return }
        section("notification")
        list("mail", notification.mail.map { Self.quoted($0) })
        item("textfile", notification.textfile.map(Self.quoted))
        if !notification.command.isEmpty { item("command", Self.command(notification.command)) }
        item("when", notification.on.rawValue)
    }

    // MARK: Lines

    private mutating func comment(_ key: String) {
        lines += (comments[key] ?? []).map { $0.isEmpty ? "#" : "# \($0)" }
    }

    private mutating func value(_ key: String, _ text: String, isApart: Bool = false) {
        if isApart { lines.append("") }
        comment(key)
        lines.append("\(key): \(text)")
    }

    private mutating func section(_ key: String) {
        lines.append("")
        comment(key)
        lines.append("\(key):")
    }

    private mutating func item(_ key: String, _ text: String?) {
        if let text { lines.append("  \(key): \(text)") }
    }

    private mutating func list(_ key: String, _ items: [String]) {
        if items.isEmpty { return }
        lines.append("  \(key):")
        lines += items.map { "    - \($0)" }
    }

    private mutating func commands(_ key: String, _ commands: [[[UInt8]]]) {
        list(key, commands.map(Self.command))
    }

    private static func command(_ words: [[UInt8]]) -> String {
        "[" + words.map(quoted).joined(separator: ", ") + "]"
    }

    // MARK: Quotes

    private static func quoted(_ bytes: [UInt8]) -> String { quoted(String(decoding: bytes, as: UTF8.self)) }

    /// A text as a scalar that every reader of YAML takes for this text.
    static func quoted(_ text: String) -> String {
        if isPlain(text) { return text }
        let isVisible = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
            default: true
            }
        }
        if isVisible {
            // By scalars: to a string a quote and the accent behind it are one character, and no reader of YAML knows
            // that.
            return "'" + text.unicodeScalars.map { $0 == "'" ? "''" : String($0) }.joined() + "'"
        }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case " "..."~": result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                result += "\\U" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
            }
        }
        return result + "\""
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, !PolicyKeys.isAmbiguous(text), text.utf8.last != 0x20, text.utf8.last != 0x3a
        else { return false }
        let isLetter = { (byte: UInt8) in (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) }
        guard isLetter(first) || first == 0x2f || (0x30...0x39).contains(first) else { return false }
        let isEach = text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "/_.@ :-".utf8.contains($0) }
        return isEach && !text.contains(": ")
    }
}

extension PolicyWindow: CustomStringConvertible {
    /// The form that is parsed.
    public var description: String { "\(Amounts.timeOfDay(start))-\(Amounts.timeOfDay(end))" }
}
