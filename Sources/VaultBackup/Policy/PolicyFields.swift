/// Reads the values of one section, and notes all that is wrong with them.
///
/// A reading that returns nil has noted why, unless the key is not there.
final class PolicyFields {
    let file: [UInt8]
    /// Name of the section, for messages and places; empty for the file itself.
    let name: String
    private let entries: [YAMLNode.Entry]
    private let log: PolicyLog

    init(_ text: PolicyText, _ log: PolicyLog) {
        (file, name, entries, self.log) = (text.file, "", text.entries, log)
    }

    init(_ file: [UInt8], _ name: String, _ entries: [YAMLNode.Entry], _ log: PolicyLog) {
        (self.file, self.name, self.entries, self.log) = (file, name, entries, log)
    }

    // MARK: Problems

    func problem(_ place: TextPlace, _ message: String, _ suggestion: String = "") {
        log.add(PolicyProblem(.error, file, place, message, suggestion))
    }

    func note(_ severity: PolicyProblem.Severity, _ key: String, _ message: String, _ suggestion: String = "") {
        let place = entries.first { $0.key == key }?.keyPlace ?? entries.first?.keyPlace ?? .wholeFile
        log.add(PolicyProblem(severity, file, place, message, suggestion))
    }

    private func full(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

    /// Notes each key that is not one of `known`.
    func expectKeys(_ known: [String]) {
        for entry in entries where !known.contains(entry.key) {
            let shown = entry.key.shownInPolicy
            let section = name.isEmpty ? "" : " in '\(name)'"
            problem(
                entry.keyPlace, "There is no key '\(shown)'\(section)",
                PolicyKeys.suggestion(for: entry.key, in: name, known))
        }
    }

    // MARK: Values

    /// The value of a key; nil when it is not there, or when nothing stands behind it, which is noted.
    func node(_ key: String) -> YAMLNode? {
        guard let entry = entries.first(where: { $0.key == key }) else { return nil }
        log.places[full(key)] = PolicyLog.Place(file: file, place: entry.value.place)
        if entry.value.isNull {
            problem(entry.keyPlace, "Nothing stands behind '\(full(key)):'", "Write a value, or remove the line")
            return nil
        }
        return entry.value
    }

    /// The value of a key unless it is the word `word`, such as `none`; the inner nil is the word.
    func node(_ key: String, unless word: String) -> YAMLNode?? {
        guard let node = node(key) else { return nil }
        if case .scalar(let text, _) = node.content, text == word { return .some(nil) }
        return .some(node)
    }

    func section(_ key: String) -> PolicyFields? { node(key).flatMap { section(key, $0) } }

    func section(_ key: String, _ node: YAMLNode) -> PolicyFields? {
        guard case .mapping(let entries) = node.content else {
            problem(
                node.place, "'\(full(key))' is \(node.kind), and must be a section with keys",
                "Write the keys below it, with two blanks before each")
            return nil
        }
        return PolicyFields(file, full(key), entries, log)
    }

    /// One item of a list of sections.
    func item(_ key: String, _ entries: [YAMLNode.Entry]) -> PolicyFields {
        PolicyFields(file, full(key), entries, log)
    }

    /// The items of a list.
    func list(_ key: String) -> [YAMLNode]? {
        guard let node = node(key) else { return nil }
        guard case .sequence(let items) = node.content else {
            problem(
                node.place, "'\(full(key))' is \(node.kind), and must be a list",
                "Write each value on a line of its own, with '- ' before it")
            return nil
        }
        for (index, item) in items.enumerated() {
            log.places["\(full(key))[\(index)]"] = PolicyLog.Place(file: file, place: item.place)
        }
        return items
    }

    /// Text of at most `most` bytes, which is not empty.
    func text(_ node: YAMLNode, _ what: String, most: Int = 4096) -> String? {
        guard case .scalar(let text, let isPlain) = node.content else {
            problem(node.place, "\(what) is \(node.kind), and must be a single value")
            return nil
        }
        if isPlain, PolicyKeys.isAmbiguous(text) {
            problem(
                node.place,
                "\(what) is '\(text.shownInPolicy)' without quotes, which may be read as something else than text",
                text.isEmpty ? "Write a value" : "Write '\(text.shownInPolicy)' with the quotes")
            return nil
        }
        guard !text.isEmpty, text.utf8.count <= most, !text.utf8.contains(0) else {
            let reason =
                text.isEmpty ? "is empty" : text.utf8.contains(0) ? "holds a zero byte" : "is longer than \(most) bytes"
            problem(node.place, "\(what) \(reason)")
            return nil
        }
        return text
    }

    func text(_ key: String, most: Int = 4096) -> String? {
        node(key).flatMap { text($0, "'\(full(key))'", most: most) }
    }

    /// Texts of a list.
    func texts(_ key: String, most: Int = 4096) -> [String]? {
        list(key)?.compactMap { text($0, "A value of '\(full(key))'", most: most) }
    }

    /// An absolute path, without a `/` at its end.
    func path(_ node: YAMLNode, _ what: String) -> [UInt8]? {
        guard let text = text(node, what) else { return nil }
        guard text.utf8.first == 0x2f else {
            let isUsers = text.hasPrefix("~")
            problem(
                node.place, "\(what) is '\(text.shownInPolicy)', and must be an absolute path",
                isUsers ? "Write the home directory in full" : "Begin it with '/'")
            return nil
        }
        var path = Array(text.utf8)
        if path.split(separator: 0x2f).contains(where: { $0.elementsEqual("..".utf8) || $0.elementsEqual(".".utf8) }) {
            problem(node.place, "\(what) is '\(text.shownInPolicy)', and must not hold '.' or '..'")
            return nil
        }
        while path.count > 1, path.last == 0x2f { path.removeLast() }
        return path
    }

    func path(_ key: String) -> [UInt8]? { node(key).flatMap { path($0, "'\(full(key))'") } }

    func paths(_ key: String) -> [[UInt8]]? { list(key)?.compactMap { path($0, "A value of '\(full(key))'") } }

    func bool(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        switch node.plainWord {
        case "true": return true
        case "false": return false
        default:
            problem(node.place, "'\(full(key))' must be true or false")
            return nil
        }
    }

    func integer(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard let node = node(key) else { return nil }
        guard let word = node.plainWord, let value = PolicyKeys.integer(word), range.contains(value) else {
            problem(node.place, "'\(full(key))' must be a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    /// A number of bytes.
    func size(_ key: String) -> Int? {
        guard let node = node(key) else { return nil }
        if case .scalar(let text, _) = node.content, let count = PolicyKeys.byteCount(text) { return count }
        problem(node.place, "'\(full(key))' is no size", "Write a number with K, M, G or T, such as 2G")
        return nil
    }

    func span(_ node: YAMLNode, _ what: String) -> PolicySpan? {
        guard case .scalar(let text, _) = node.content, let span = PolicySpan(text) else {
            let shown = if case .scalar(let text, _) = node.content { "'\(text.shownInPolicy)'" } else { node.kind }
            problem(
                node.place, "\(what) is \(shown), and must be a length of time",
                "Write a number, a blank and a unit, such as '30 minutes', '26 hours', '1 day', '2 weeks' or '3 months'"
            )
            return nil
        }
        return span
    }

    func span(_ key: String) -> PolicySpan? { node(key).flatMap { span($0, "'\(full(key))'") } }

    /// One of the words of a type.
    func choice<T: RawRepresentable & CaseIterable>(_ node: YAMLNode, _ what: String) -> T? where T.RawValue == String {
        let words = T.allCases.map(\.rawValue)
        if case .scalar(let text, _) = node.content, let value = T(rawValue: text) { return value }
        let shown = if case .scalar(let text, _) = node.content { "'\(text.shownInPolicy)'" } else { node.kind }
        let near: String? = if case .scalar(let text, _) = node.content { NearWord.find(text, words) } else { nil }
        problem(
            node.place, "\(what) is \(shown), and must be one of: \(words.joined(separator: ", "))",
            near.map { "Did you mean '\($0)'?" } ?? "")
        return nil
    }

    func choice<T: RawRepresentable & CaseIterable>(_ key: String) -> T? where T.RawValue == String {
        node(key).flatMap { choice($0, "'\(full(key))'") }
    }

    /// A program by its absolute path, and its arguments.
    func command(_ node: YAMLNode, _ what: String) -> [[UInt8]]? {
        guard case .sequence(let items) = node.content, let first = items.first else {
            problem(
                node.place, "\(what) is \(node.kind), and must be a list of a program and its arguments",
                "Write it as [/path/of/program, argument]; no shell takes it apart")
            return nil
        }
        let program = path(first, "The program of \(what)")
        let arguments = items.dropFirst().map { text($0, "An argument of \(what)") }
        guard let program, !arguments.contains(nil) else { return nil }
        return [program] + arguments.compactMap { $0.map { Array($0.utf8) } }
    }
}
