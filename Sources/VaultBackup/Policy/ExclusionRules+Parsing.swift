extension ExclusionRules {
    /// Adds a pattern behind the others.
    ///
    /// - Parameter ignoringCase: whether the letters A to Z are the same as a to z.
    /// - Throws: ``VaultError`` `.usage` that names a pattern which is malformed or can never match.
    public mutating func add(_ pattern: [UInt8], ignoringCase: Bool = false) throws {
        append(try PathPattern(pattern, ignoringCase: ignoringCase))
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
}
