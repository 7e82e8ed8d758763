import Foundation
import Testing

@testable import VaultBackup

/// Known answers of `Tests/Vectors/format`, which a second implementation computed.
struct FormatVectors {
    /// One case: a name, and members that are hex, text or numbers.
    struct Case {
        let name: String
        let input: [String: Any]
        let output: Any

        func hex(_ key: String) throws -> [UInt8] { try #require(Hex.decode(try text(key))) }
        func secret(_ key: String) throws -> SecretBytes { SecretBytes(try hex(key)) }
        func text(_ key: String) throws -> String { try #require(input[key] as? String, "\(name): \(key)") }
        func number(_ key: String) throws -> Int { try #require(input[key] as? Int, "\(name): \(key)") }
        func repository() throws -> RepositoryID { try #require(RepositoryID(hex: try text("repository"))) }

        var outText: String { output as? String ?? "" }
        func out(_ key: String) throws -> String {
            try #require((output as? [String: Any])?[key] as? String, "\(name): \(key)")
        }
        func outHex(_ key: String) throws -> [UInt8] { try #require(Hex.decode(try out(key))) }
    }

    /// The cases of a file whose name begins with one of `prefixes`; fails when there is none.
    static func cases(_ file: String, _ prefixes: String...) throws -> [Case] {
        let json = try JSONSerialization.jsonObject(with: vectorFile("format/\(file)"))
        let all = try #require(json as? [[String: Any]]).map {
            Case(
                name: $0["name"] as? String ?? "", input: $0["in"] as? [String: Any] ?? [:], output: $0["out"] ?? "")
        }
        let chosen = all.filter { one in prefixes.contains { one.name.hasPrefix($0) } }
        try #require(!chosen.isEmpty, "\(file) has no case \(prefixes)")
        return chosen
    }

    /// The inputs that a decoder must reject.
    static func rejects(_ decoder: String) throws -> [Case] { try cases("rejects.json", decoder + ":") }
}
