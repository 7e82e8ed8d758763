import Testing

@testable import VaultBackup

@Suite struct YAMLReaderTests {
    private func read(_ text: String) -> (root: YAMLNode?, faults: [YAMLFault]) { YAMLReader.read(Array(text.utf8)) }

    @Test func valuesHaveTheirPlaces() throws {
        let (root, faults) = read("a: 1\nb:\n  - 'x'\n  - {c: ü, d: [e]}\n")
        #expect(faults.isEmpty)
        guard case .mapping(let entries)? = root?.content else { return #expect(Bool(false), "no mapping") }
        #expect(entries.map(\.key) == ["a", "b"])
        #expect(entries[0].value == YAMLNode(content: .scalar("1", isPlain: true), place: .init(line: 1, column: 4)))
        guard case .sequence(let items) = entries[1].value.content, case .mapping(let inner) = items[1].content else {
            return #expect(Bool(false), "no list")
        }
        #expect(items[0].content == .scalar("x", isPlain: false))
        #expect(
            inner[1].keyPlace == TextPlace(line: 4, column: 12) && inner[0].value.content == .scalar("ü", isPlain: true)
        )
    }

    /// What is refused, where, and with which words.
    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "stands twice, first in line 1"),
        ("a: &x 1\n", 1, 4, "Anchors"), ("a: *x\n", 1, 4, "Aliases"), ("a: !!str 1\n", 1, 4, "Tags"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second document"), ("a: [1, 2\n", 2, 1, "no valid YAML"),
        ("a:\n\tb: 1\n", 2, 1, "tab"), ("a: b: c\n", 1, 5, "mapping values are not allowed"),
        ("? [a, b]\n: c\n", 1, 3, "A key is a list"), ("a: \u{1}\n", 1, 4, "control characters"),
        ("a:\n - b\n- c\n", 3, 1, "no valid YAML"),
    ])
    func faultsHaveTheirPlaces(_ text: String, _ line: Int, _ column: Int, _ words: String) throws {
        let faults = read(text).faults
        let fault = try #require(faults.first, "nothing is refused in \(text)")
        #expect(fault.message.contains(words), "\(fault)")
        #expect(fault.place == TextPlace(line: line, column: column), "\(fault)")
    }

    @Test func bytesThatAreNoTextAreFound() throws {
        for offset in [0, 1, 5, 6, 2_000, 3_999] {
            var bytes = Array(String(repeating: "# ü\n", count: 800).utf8)
            bytes.insert(0xff, at: min(offset, bytes.count) / 5 * 5)
            let (root, faults) = YAMLReader.read(bytes)
            #expect(root == nil && faults.count == 1)
            #expect(faults[0].place == TextPlace(line: min(offset, 4_000) / 5 + 1, column: 1), "\(offset): \(faults)")
        }
        // A sequence that is cut off, and UTF-16.
        #expect(YAMLReader.read([0x61, 0xe1, 0xba]).faults.first?.message == "A byte is no UTF-8")
        #expect(YAMLReader.read([0xff, 0xfe, 0x61, 0x00]).root == nil)
    }

    @Test func boundsHold() {
        let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        #expect(read(deep).faults.first?.message.contains("64 deep") == true)
        #expect(read(String(deep.dropFirst().dropLast())).faults.isEmpty)
        #expect(
            read("[" + String(repeating: "a,", count: 50_001) + "]").faults.first?.message.contains("50000") == true)
        #expect(YAMLReader.read([UInt8](repeating: 0x23, count: 1 << 20 + 1)).root == nil)
        #expect(read(String(repeating: "[", count: 1_000_000)).root == nil)
        #expect(read(String(repeating: "{a: ", count: 200_000)).root == nil)
    }

    /// The reasons that a person can do something about.
    @Test func emptyFilesAreNoFault() {
        for text in ["", "# only a comment\n", "---\n"] { #expect(read(text).faults.isEmpty, "\(text)") }
        #expect(read("").root == nil && read("---\n").root?.isNull == true)
    }
}
