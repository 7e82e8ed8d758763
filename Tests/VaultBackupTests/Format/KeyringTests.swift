import Testing
import VaultBackup

@Suite struct KeyringTests {
    private static func object(_ value: JSONValue?) throws -> [String: JSONValue] {
        guard case .object(let members)? = value else { throw FormatError("not an object") }
        return members
    }

    private static func array(_ value: JSONValue?) throws -> [JSONValue] {
        guard case .array(let values)? = value else { throw FormatError("not an array") }
        return values
    }

    @Test func roundTrip() throws {
        let keyring = Sample.keyring()
        let bytes = CanonicalJSON.encode(keyring.json)
        #expect(try Keyring(json: CanonicalJSON.decode(bytes, "keyring")) == keyring)
        #expect(keyring.slot(of: Sample.id(2))?.member == Sample.id(2))
        #expect(keyring.slot(of: Sample.id(2), epoch: 2) == nil)
        #expect(keyring.member(Sample.id(3)) == nil)
    }

    @Test func systemsCompareByBytes() {
        let member = Sample.member(1, systems: ["b\u{e9}", "a"])
        #expect(member.systems == ["a", "b\u{e9}"])
        #expect(member.mayWrite(system: "b\u{e9}"))
        #expect(!member.mayWrite(system: "be\u{301}"))
        #expect(Sample.member(1).mayWrite(system: "anything"))
    }

    @Test func rejectsMissingUnknownAndMistypedFields() throws {
        let json = try Self.object(Sample.keyring().json)
        for name in json.keys {
            var changed = json
            changed[name] = nil
            #expect(throws: FormatError.self, "\(name)") { try Keyring(json: .object(changed)) }
            changed[name] = .bool(true)
            #expect(throws: FormatError.self, "\(name)") { try Keyring(json: .object(changed)) }
        }
        for list in ["members", "slots", "idx", "groups"] {
            let element = try Self.object(try Self.array(json[list])[0])
            for name in element.keys {
                var inner = element
                inner[name] = nil
                var changed = json
                changed[list] = .array([.object(inner)])
                #expect(throws: FormatError.self, "\(list).\(name)") { try Keyring(json: .object(changed)) }
                inner[name] = .bool(false)
                changed[list] = .array([.object(inner)])
                #expect(throws: FormatError.self, "\(list).\(name)") { try Keyring(json: .object(changed)) }
            }
        }
    }

    @Test(arguments: [
        ("chain", JSONValue.array([.integer(1)])), ("witnesses", .array([.string("x")])), ("reuse", .string("any")),
        ("epoch", .integer(0)), ("epoch", .integer(2)), ("quorum", .object(["administrators": .integer(0)])),
        ("readKey", .string("00")), ("idx", .array([])), ("groups", .array([])),
        ("groups", .array([.object(["name": .string("x"), "number": .integer(2)])])),
        (
            "chunkers",
            .object(["database": .object(["average": .integer(4096)]), "files": .object(["average": .integer(5000)])])
        ),
        (
            "chunkers",
            .object(["database": .object(["average": .integer(1024)]), "files": .object(["average": .integer(4096)])])
        ),
        (
            "chunkers",
            .object([
                "database": .object(["average": .integer(4096)]), "files": .object(["average": .integer(8_388_608)]),
            ])
        ),
        ("expiry", .object(["age": .integer(1)])),
    ])
    func rejectsValue(_ name: String, _ value: JSONValue) throws {
        var json = try Self.object(Sample.keyring().json)
        json[name] = value
        #expect(throws: FormatError.self) { try Keyring(json: .object(json)) }
    }

    @Test func rejectsWrongOrder() throws {
        let json = try Self.object(Sample.keyring().json)
        for list in ["members", "slots"] {
            let values = try Self.array(json[list])
            for wrong in [Array(values.reversed()), values + [values[1]]] {
                var changed = json
                changed[list] = .array(wrong)
                #expect(throws: FormatError.self, "\(list)") { try Keyring(json: .object(changed)) }
            }
        }
        let member = try Self.object(try Self.array(json["members"])[0])
        for (name, words) in [
            ("roles", ["read", "audit"]), ("roles", ["read", "read"]), ("roles", ["king"]), ("systems", ["b", "a"]),
            ("systems", ["a", "a"]),
        ] {
            var inner = member
            inner[name] = .array(words.map { .string($0) })
            var changed = json
            changed["members"] = .array([.object(inner)])
            changed["slots"] = .array([])
            #expect(throws: FormatError.self, "\(name) \(words)") { try Keyring(json: .object(changed)) }
        }
        var orphan = json
        orphan["members"] = .array([])
        #expect(throws: FormatError.self) { try Keyring(json: .object(orphan)) }
    }
}
