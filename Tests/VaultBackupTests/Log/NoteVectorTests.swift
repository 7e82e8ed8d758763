import Foundation
import Testing

@testable import VaultBackup

/// Notes, checkpoints and proofs, against a second implementation and against published values.
@Suite struct NoteVectorTests {
    private struct Vector {
        let name: String
        let input: [String: Any]
        let out: [String: Any]
    }

    private static func cases(_ prefix: String) throws -> [Vector] {
        let json = try JSONSerialization.jsonObject(with: vectorFile("format/notes.json"))
        let found = try #require(json as? [[String: Any]]).compactMap { item -> Vector? in
            guard let name = item["name"] as? String, name.hasPrefix(prefix) else { return nil }
            return Vector(
                name: name, input: item["in"] as? [String: Any] ?? [:], out: item["out"] as? [String: Any] ?? [:])
        }
        try #require(!found.isEmpty, "no case '\(prefix)'")
        return found
    }

    private static func digest(_ value: Any?) throws -> Digest { try #require(Digest(hex: value as? String ?? "")) }

    private static var leaves: [Digest] { (0..<8).map { MerkleTree.leaf(Array("record \($0)\n".utf8)) } }

    @Test func keys() throws {
        for vector in try Self.cases("key ") {
            let algorithm = try #require(NoteKey.Algorithm(rawValue: UInt8(vector.input["algorithm"] as? Int ?? 0)))
            let key = NoteKey(
                name: try #require(vector.input["name"] as? String), algorithm: algorithm,
                publicKey: try #require(Hex.decode(vector.input["public"] as? String ?? "")))
            let text = try #require(vector.out["vkey"] as? String)
            #expect(key.text == text)
            #expect(try NoteKey(text) == key)
            // Each other text is refused.
            for index in text.indices {
                var changed = text
                changed.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
                #expect((try? NoteKey(changed)) != key, "\(changed)")
            }
        }
    }

    @Test func checkpoints() throws {
        for vector in try Self.cases("checkpoint of ") {
            let lines = try #require(vector.input["lines"] as? [String])
            let text = Array(try #require(vector.out["text"] as? String).utf8)
            let root = MerkleTree.root(lines.map { MerkleTree.leaf(Array($0.utf8)) })
            let lineage = try #require(RepositoryID(hex: "000102030405060708090a0b0c0d0e0f"))
            let checkpoint = Checkpoint(origin: Checkpoint.origin(of: lineage), size: lines.count, root: root)
            #expect(checkpoint.encode() == text)
            #expect(try Checkpoint(decoding: text) == checkpoint)
            #expect(throws: FormatError.self) { try Checkpoint(decoding: text + Array("more\n".utf8)) }
            #expect(throws: FormatError.self) { try Checkpoint(decoding: Array(text.dropLast())) }
        }
    }

    @Test func notes() throws {
        let vectors = try Self.cases("signed") + Self.cases("cosigned")
        #expect(vectors.count == 3)
        let keys = try Self.cases("key ").map { try NoteKey($0.out["vkey"] as? String ?? "") }
        for vector in vectors {
            let text = Array(try #require(vector.input["text"] as? String).utf8)
            let time = try #require(vector.input["time"] as? Int)
            let stored = Array(try #require(vector.out["note"] as? String).utf8)
            let note = try SignedNote(decoding: stored)
            #expect(note.text == text && note.encode() == stored)
            #expect(keys[0].verify(note) == .valid(time: nil))
            let isOutsider = vector.name.contains("outsider")
            #expect(keys[1].verify(note) == (vector.name == "cosigned" ? .valid(time: time) : .absent))
            #expect(keys[2].verify(note) == (isOutsider ? .valid(time: time) : .absent))
            // Our own signatures are the same bytes.
            let machine = SecretBytes(try #require(Hex.decode(vector.input["machineSeed"] as? String ?? "")))
            let person = SecretBytes(try #require(Hex.decode(vector.input["personSeed"] as? String ?? "")))
            #expect(try note.signatures[0] == keys[0].sign(text, seed: machine))
            if vector.name == "cosigned" {
                #expect(try note.signatures[1] == keys[1].sign(text, time: time, seed: person))
            }
            try everyChangeIsNoticed(stored, keys)
        }
    }

    /// Whatever byte changes, the note is refused, or a signature of a known key is gone or wrong.
    private func everyChangeIsNoticed(_ stored: [UInt8], _ keys: [NoteKey]) throws {
        let original = try SignedNote(decoding: stored)
        let before = keys.map { $0.verify(original) }
        for index in stored.indices {
            var changed = stored
            changed[index] ^= 0x01
            guard let note = try? SignedNote(decoding: changed) else { continue }
            let after = keys.map { $0.verify(note) }
            // What a key signed that nobody knows says nothing, whatever it is.
            let isOfUnknown =
                original.signatures.count == 3 && note.text == original.text
                && note.signatures[0] == original.signatures[0] && note.signatures.last == original.signatures.last
            #expect(after != before || isOfUnknown, "byte \(index)")
        }
    }

    @Test func proofs() throws {
        let leaves = Self.leaves
        for vector in try Self.cases("inclusion proof ") {
            let index = try #require(vector.input["index"] as? Int)
            let hashes = try #require(vector.out["hashes"] as? [String]).map { try Self.digest($0) }
            #expect(MerkleTree.inclusionProof(of: index, in: leaves[...]) == hashes)
        }
        for size in 1...8 {
            let part = leaves[..<size]
            for index in 0..<size {
                let proof = MerkleTree.inclusionProof(of: index, in: part)
                let root = MerkleTree.root(leaf: part[index], index: index, size: size, proof: proof[...])
                #expect(root == MerkleTree.root(part))
                for other in 0..<size where other != index {
                    let wrong = MerkleTree.root(leaf: part[other], index: index, size: size, proof: proof[...])
                    #expect(wrong != MerkleTree.root(part))
                }
            }
        }
    }

    @Test func samples() throws {
        let vector = try #require(Self.cases("sample ").first)
        let packs = try #require(vector.input["packs"] as? [String]).map { try Self.digest($0) }
        let chosen = try #require(vector.out["chosen"] as? [String]).map { try Self.digest($0) }
        let sample = AuditSample(
            seed: try Self.digest(vector.input["seed"]), root: try Self.digest(vector.input["root"]))
        #expect(sample.choose(5, of: packs.shuffled()) == chosen)
    }

    /// Values that others published: the test tree of Certificate Transparency, and the example of Go's package note.
    @Test func publishedValues() throws {
        let inputs = [
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
        ]
        let leaves = try inputs.map { MerkleTree.leaf(try #require(Hex.decode($0))) }
        #expect(MerkleTree.root(leaves[..<1]).hex == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
        #expect(MerkleTree.root(leaves).hex == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
        let key = try NoteKey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
        let note = try SignedNote(
            decoding: Array(
                """
                If you think cryptography is the answer to your problem,
                then you don't know what your problem is.

                \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

                """.utf8))
        #expect(key.verify(note) == .valid(time: nil))
    }

    @Test func malformedNotes() {
        let line = "\u{2014} name AAAAAAAA\n"
        let bad = [
            "", "text\n", "text\n\n", "text\n\(line)", "\n\(line)", "text\n\n\(line)x\n", "te\u{1}xt\n\n\(line)",
            "text\n\n\u{2014} na+me AAAAAAAA\n", "text\n\n\u{2014} name AAAA\n", "text\n\n\u{2014}  name AAAAAAAA\n",
            "text\n\n" + String(repeating: line, count: 65), "text\n\n\(line.dropLast())",
            "text\n\n\u{2014} na\u{7f}me AAAAAAAA\n", "text\n\n\u{2014} na\u{80}me AAAAAAAA\n",
            "text\n\n\u{2014} na\u{9f}me AAAAAAAA\n", "text\n\n\u{2014} na\u{a0}me AAAAAAAA\n",
        ]
        for text in bad { #expect(throws: FormatError.self, "\(text)") { try SignedNote(decoding: Array(text.utf8)) } }
        for good in [line, "\u{2014} na\u{a1}m\u{e9} AAAAAAAA\n"] {
            #expect(throws: Never.self) { try SignedNote(decoding: Array("text\n\n\(good)".utf8)) }
        }
    }

    @Test func trustFiles() throws {
        let anchor = String(repeating: "ab", count: 32)
        let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        let text = "vault-trust 0\n# mine\nanchor: \(anchor)\nhead: 3 \(anchor)\nwitness: \(key)\n"
        let trust = try TrustFile(decoding: Array(text.utf8))
        #expect(trust.anchor.hex == anchor && trust.head?.position == 3 && trust.witnesses.count == 1)
        #expect(try TrustFile(decoding: trust.encode()) == trust)
        let bad = [
            "vault-trust 0\n", "vault-trust 0\nanchor: ab\n", text + "anchor: \(anchor)\n", text + "wittness: \(key)\n",
            text + "witness: x\n", text + "repository: 00\n", "head: 03 \(anchor)\nanchor: \(anchor)\n", "",
        ]
        for text in bad { #expect(throws: FormatError.self, "\(text)") { try TrustFile(decoding: Array(text.utf8)) } }
        // The page of a recovery kit, with whatever else stands there.
        let page = "Recovery kit\nseed: AAAA\n\nanchor:  \(anchor) \r\nlocation: /mnt\nhead: 0 \(anchor)\n"
        #expect(try TrustFile(decoding: Array(page.utf8)).head?.position == 0)
    }

    @Test func archives() throws {
        let files = [
            PlainArchive.File(name: "a/1", content: []), .init(name: "a/2", content: [1, 2, 3]),
            .init(name: "b", content: [UInt8](repeating: 7, count: 512)),
        ]
        let bytes = PlainArchive.encode(files.reversed())
        #expect(try PlainArchive.decode(bytes) == files)
        for k in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: FormatError.self) { try PlainArchive.decode(Array(bytes[..<k])) }
        }
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x20
            if let other = try? PlainArchive.decode(changed) { #expect(other != files, "byte \(index)") }
        }
    }

    /// Sampling finds planted damage as often as it says: 1,000 trials, within a fifth of theory.
    @Test func detectionIsAsStated() throws {
        let names = (0..<200).map { Sample.digest($0) }
        for (count, damaged) in [(20, 1), (20, 10), (60, 2)] {
            let stated = AuditSample.detection(count: count, of: names.count, damaged: damaged)
            var found = 0
            for trial in 0..<1_000 {
                let sample = AuditSample(seed: Sample.digest(1_000 + trial), root: Sample.digest(damaged))
                let bad = Set((0..<damaged).map { names[$0 * 7] })
                if !bad.isDisjoint(with: sample.choose(count, of: names)) { found += 1 }
            }
            #expect(
                abs(Double(found) / 1_000 - stated) < 0.2 * stated, "\(count), \(damaged): \(found) of 1000, \(stated)")
        }
        #expect(AuditSample.count(percent: 0, of: 10) == 0 && AuditSample.count(percent: 0.01, of: 10) == 1)
        #expect(AuditSample.detection(count: 10, of: 10, damaged: 1) == 1)
    }
}
