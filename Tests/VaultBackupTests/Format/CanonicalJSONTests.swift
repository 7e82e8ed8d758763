import Testing
import VaultBackup

@Suite struct CanonicalJSONTests {
    private func decode(_ text: String) throws -> JSONValue { try CanonicalJSON.decode(Array(text.utf8), "test") }

    @Test func writesTheCanonicalForm() throws {
        let value = JSONValue.object([
            "b": .array([.integer(0), .integer(CanonicalJSON.integerMax), .bool(true), .bool(false)]),
            "A": .string("\u{08}\u{09}\u{0a}\u{0c}\u{0d}\"\\/\u{00}\u{1f}\u{7f}é€😀"), "": .object([:]),
            "aa": .array([]),
        ])
        let text =
            #"{"":{},"A":"\b\t\n\f\r\"\\/\u0000\u001f"# + "\u{7f}é€😀"
            + #"","aa":[],"b":[0,9007199254740991,true,false]}"#
        #expect(String(decoding: CanonicalJSON.encode(value), as: UTF8.self) == text)
        #expect(try decode(text) == value)
    }

    @Test(arguments: [
        "", " ", "{}\n", " {}", "{ }", "[1, 2]", "[1,]", "[,1]", "[1 ]", "[", "[1", "{", #"{"a""#, #"{"a":"#,
        #"{"a":1"#, #"{"a":1,}"#,
        #"{"b":1,"a":2}"#, #"{"a":1,"a":2}"#, #"{a:1}"#, "null", "tru", "trux", "True", "-1", "-0", "01",
        "1.0", "1e3",
        "9007199254740992", "99999999999999999999999", #"""#, #""a"#, #""\"#, #""\a""#, #""\/""#, #""\u0041""#,
        #""\u000A""#, #""\u000a""#,
        #""\u001F""#, #""\u00""#, #""\ud800""#, #""\ud83d\ude00""#, #""\u0020""#, "\"\t\"", "\"\n\"", "1 1", "[]]",
        "'a'", "{}{}",
    ])
    func rejects(_ text: String) {
        #expect(throws: FormatError.self) { try decode(text) }
    }

    @Test(
        arguments: [
            [0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3], [0xff], [0x5c, 0x6e, 0x80],
        ] as [[UInt8]])
    func rejectsInvalidUTF8(_ content: [UInt8]) {
        #expect(throws: FormatError.self) { try CanonicalJSON.decode([0x22] + content + [0x22], "test") }
        #expect(throws: FormatError.self) {
            try CanonicalJSON.decode([0x7b, 0x22] + content + Array("\":1}".utf8), "test")
        }
    }

    /// By UTF-16 units, in which the private use area comes after the surrogates of higher planes.
    @Test func ordersNamesByUnits() throws {
        let text = "{\"A\":1,\"a\":2,\"é\":3,\"😀\":4,\"\u{e000}\":5}"
        #expect(String(decoding: CanonicalJSON.encode(try decode(text)), as: UTF8.self) == text)
        #expect(throws: FormatError.self) { try decode("{\"\u{e000}\":5,\"😀\":4}") }
        #expect(throws: FormatError.self) { try decode("{\"e\u{301}\":1,\"\u{e9}\":2}") }
    }

    @Test func limitsTheDepth() throws {
        let depth = CanonicalJSON.depthMax
        #expect(throws: Never.self) {
            try decode(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        }
        #expect(throws: FormatError.self) {
            try decode(String(repeating: "[", count: depth + 1) + String(repeating: "]", count: depth + 1))
        }
        #expect(throws: FormatError.self) { try decode(String(repeating: "[", count: 1_000_000)) }
    }

    /// Whatever one changed byte makes of a canonical form: it is rejected, or it is the canonical form of something.
    @Test func acceptsOnlyWhatItWouldWrite() throws {
        let seed: UInt64 = 20_240_501
        var random = SplitMix(seed: seed)
        let start = Array(#"{"a":[1,20,"x\n\u0001y\\\"é"],"b":{"c":true,"d":false},"e":""}"#.utf8)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = start
            bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next() & 0x7f)
            guard let value = try? CanonicalJSON.decode(bytes, "test") else { continue }
            accepted += 1
            #expect(CanonicalJSON.encode(value) == bytes, "seed \(seed)")
        }
        #expect(accepted > 100, "seed \(seed)")
    }

    @Test func namesFieldsInErrors() throws {
        let fields = try JSONFields(try decode(#"{"a":1,"b":"xyz","c":[1,2]}"#), "thing")
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return ""
        }
        #expect(message { try fields.requireOnly(["a", "b"]) } == "thing: unknown field 'c'")
        #expect(message { try fields.requireOnly(["a", "b", "c", "d"]) } == "thing: field 'd' is missing")
        #expect(message { try fields.requireOnly(["a", "b", "c"]) }.isEmpty)
        #expect(message { _ = try fields.string("a") } == "thing: field 'a' is not a text")
        #expect(message { _ = try fields.integer("b") } == "thing: field 'b' is not an integer")
        #expect(message { _ = try fields.integer("a", 2...3) } == "thing: field 'a' is out of range")
        #expect(message { _ = try fields.string("b", bytes: 1...2) } == "thing: field 'b' has 3 bytes, 1 to 2 allowed")
        #expect(message { _ = try fields.array("c", most: 1) } == "thing: field 'c' has 2 values, 1 allowed")
        #expect(message { _ = try fields.digest("b") } == "thing: field 'b' is not a digest")
        #expect(message { _ = try fields.time("b") } == "thing: field 'b' is not a time")
        #expect(message { _ = try fields.strings("c") } == "thing: field 'c' holds something else than texts")
    }
}
