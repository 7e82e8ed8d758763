import Foundation
import Testing

@testable import VaultBackup

/// Evidence as a second implementation writes it and reads it.
@Suite struct EvidenceVectorTests {
    private static func cases(_ prefix: String) throws -> [(name: String, input: [String: Any], out: [String: Any])] {
        let json = try JSONSerialization.jsonObject(with: vectorFile("format/evidence.json"))
        typealias Case = (String, [String: Any], [String: Any])
        let found = try #require(json as? [[String: Any]]).compactMap { item -> Case? in
            guard let name = item["name"] as? String, name.hasPrefix(prefix) else { return nil }
            return (name, item["in"] as? [String: Any] ?? [:], item["out"] as? [String: Any] ?? [:])
        }
        try #require(!found.isEmpty)
        return found
    }

    private static func payload(_ input: [String: Any]) throws -> [UInt8] {
        Array(try #require(input["payload"] as? String).utf8)
    }

    @Test func evidenceIsReadAndWrittenAlike() throws {
        let seed = SecretBytes([UInt8](repeating: 0x66, count: 32))
        for (name, input, out) in try Self.cases("evidence: ") {
            let payload = try Self.payload(input)
            let evidence = try DrillEvidence(decoding: payload)
            #expect(evidence.payload == payload, "\(name)")
            #expect(evidence.verdict != .proven || DrillTally.verdict(evidence.checks) == .proven, "\(name)")
            let stored = try Envelope(signing: payload, as: evidence.member, seed: seed).encode()
            #expect(String(decoding: stored, as: UTF8.self) == out["stored"] as? String, "\(name)")
        }
    }

    @Test func whatIsNotInItsFormIsRefused() throws {
        for (name, input, _) in try Self.cases("refused: ") {
            let payload = try Self.payload(input)
            #expect(throws: FormatError.self, "\(name)") { try DrillEvidence(decoding: payload) }
        }
    }

    /// Right in its form, and no proof.
    @Test func checksThatDoNotBearTheVerdict() throws {
        for (name, input, _) in try Self.cases("in vain: ") {
            let evidence = try DrillEvidence(decoding: try Self.payload(input))
            let isListed = evidence.checks.map(\.name) == DrillCheck.Name.all(evidence.version)
            #expect(!isListed || DrillTally.verdict(evidence.checks) != .proven, "\(name)")
        }
    }

    @Test func selection() throws {
        for (name, input, out) in try Self.cases("selection of ") {
            let repository = try #require(RepositoryID(hex: input["repository"] as? String ?? ""))
            let seed = try #require(Hex.decode(input["seed"] as? String ?? ""))
            let number = DrillChoice.draw(try #require(input["candidates"] as? Int), seed, repository)
            #expect(number == out["number"] as? Int, "\(name)")
        }
    }
}
