extension ExclusionRules {
    /// Adds a pattern behind the others.
    ///
    /// - Parameter ignoringCase: whether the letters A to Z are the same as a to z.
    /// - Throws: ``VaultError`` `.usage` that names a pattern which is malformed or can never match.
    public mutating func add(_ pattern: [UInt8], ignoringCase: Bool = false) throws {
        append(try Self.parse(pattern, ignoringCase))
    }

    /// Adds the patterns in the content of a file: one a line, without blanks around it; empty lines and those that
    /// begin with `#` say nothing.
    ///
    /// - Throws: as ``add(_:ignoringCase:)``.
    public mutating func add(lines content: [UInt8], ignoringCase: Bool = false) throws {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        let text = content.starts(with: mark) ? content.dropFirst(mark.count) : content[...]
        for line in text.split(separator: 0x0a) {
            let pattern = Self.trimmed(line)
            if pattern.isEmpty || pattern.first == UInt8(ascii: "#") { continue }
            try add(Array(pattern), ignoringCase: ignoringCase)
        }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        guard let first = line.firstIndex(where: { !isBlank($0) }), let last = line.lastIndex(where: { !isBlank($0) })
        else {
            return []
        }
        return line[first...last]
    }

    private static func parse(_ pattern: [UInt8], _ ignoringCase: Bool) throws -> Rule {
        func refuse(_ reason: String) -> VaultError {
            VaultError(
                .usage, "The pattern '\(PathText.readable(pattern))' cannot be used: \(reason)",
                nextStep: "Write a '\\' before a character that has no special meaning")
        }
        let isIncluding = pattern.first == UInt8(ascii: "!")
        let body = isIncluding ? pattern.dropFirst() : pattern[...]
        var parts: [Part] = []
        for name in body.split(separator: 0x2f) where name != [0x2e] {
            if name == [0x2e, 0x2e] { throw refuse("'..' is no name in a snapshot") }
            if name == [0x2a, 0x2a] {
                if parts.last != .anyNames { parts.append(.anyNames) }
                continue
            }
            do { parts.append(.name(try NamePattern(Array(name), ignoringCase: ignoringCase))) } catch {
                throw refuse("it has \(error.description)")
            }
        }
        if parts.isEmpty { throw refuse("it names nothing") }
        return Rule(
            parts: parts, isRooted: body.first == 0x2f, isForDirectories: body.last == 0x2f, isIncluding: isIncluding,
            text: pattern)
    }
}
