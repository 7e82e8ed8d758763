import Foundation
import Testing

@testable import VaultBackup

@Suite struct RecoveryKitTests {
    private let kit = RecoveryKit(seed: SecretBytes(Array(0..<32)))
    private let anchor = Digest([UInt8](repeating: 0xab, count: 32))!

    @Test func knownKit() throws {
        let test = try FormatVectors.cases("identities.json", "recovery kit").first { $0.name == "recovery kit" }!
        let kit = RecoveryKit(seed: try test.secret("seed"))
        #expect(String(decoding: kit.text.array, as: UTF8.self) == (try test.out("text")))
        let identity = try kit.identity()
        #expect(identity.secrets.x25519.array == (try test.outHex("x25519Secret")))
        #expect(identity.secrets.ed25519Seed.array == (try test.outHex("ed25519Seed")))
        #expect(identity.x25519 == (try test.outHex("x25519")))
        #expect(identity.ed25519 == (try test.outHex("ed25519")))
        #expect(identity.id.hex == (try test.out("id")))
        #expect(identity.kind == .kit)
    }

    @Test func typedInAnyWay() throws {
        let tests = try FormatVectors.cases("identities.json", "recovery kit, typed")
        #expect(tests.count == 2)
        for test in tests {
            let typed = try RecoveryKit(typed: SecretBytes(Array(try test.text("text").utf8)))
            #expect(typed.seed.array == (try test.outHex("seed")), "\(test.name)")
        }
        let text = String(decoding: kit.text.array, as: UTF8.self)
        for variant in [text, text.lowercased(), text.filter { $0 != "-" }, " " + text + "\r\n", text + "-"] {
            #expect(try RecoveryKit(typed: SecretBytes(Array(variant.utf8))).seed.isEqual(to: kit.seed), "\(variant)")
        }
    }

    @Test func rejectedTexts() throws {
        let cases = try FormatVectors.rejects("recovery-kit-text")
        #expect(cases.count >= 6)
        for test in cases {
            #expect(throws: FormatError.self, "\(test.name)") {
                try RecoveryKit(typed: SecretBytes(try test.hex("bytes")))
            }
        }
    }

    @Test func everyMistypedCharacterIsNoticed() {
        let text = kit.text.array
        // These two are what a reader takes the digits for.
        let same: [UInt8: UInt8] = [UInt8(ascii: "0"): UInt8(ascii: "O"), UInt8(ascii: "8"): UInt8(ascii: "B")]
        for k in text.indices where text[k] != 0x2d {
            for wrong in Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567018_".utf8) where (same[wrong] ?? wrong) != text[k] {
                var typed = text
                typed[k] = wrong
                #expect(throws: FormatError.self, "character \(k)") { try RecoveryKit(typed: SecretBytes(typed)) }
            }
        }
    }

    @Test func digitsThatLookLikeLetters() throws {
        let kit = RecoveryKit(seed: SecretBytes([0x70, 0x70, 0x70, 0x70, 0x70, 8, 66, 16] + Array(200..<224)))
        let text = String(decoding: kit.text.array, as: UTF8.self)
        #expect(text.contains("O") && text.contains("B"))
        let typed = text.replacingOccurrences(of: "O", with: "0").replacingOccurrences(of: "B", with: "8")
        #expect(try RecoveryKit(typed: SecretBytes(Array(typed.utf8))).seed.isEqual(to: kit.seed))
        for (digit, reason) in [("1", "the letter I or L"), ("9", "the digit 9, which does not occur")] {
            let error = #expect(throws: FormatError.self) {
                try RecoveryKit(typed: SecretBytes(Array((text.prefix(5) + digit + text.dropFirst(6)).utf8)))
            }
            #expect(error?.description.contains("character 5 is ") == true, "\(error as Any)")
            #expect(error?.description.contains(reason) == true, "\(error as Any)")
        }
    }

    @Test func knownRows() throws {
        let test = try FormatVectors.cases("identities.json", "recovery kit rows")[0]
        let rows = RecoveryKit(seed: try test.secret("seed")).rows
        let text = rows.map { String(decoding: $0.array, as: UTF8.self) }.joined(separator: "\n")
        #expect(text == (try test.out("rows")))
        let read = try rows.enumerated().map { try RecoveryKit.row($0 + 1, typed: $1) }
        #expect(try RecoveryKit(rows: read).seed.array == test.secret("seed").array)
    }

    @Test func aMistakeIsFoundInItsRow() throws {
        let rows = kit.rows.map(\.array)
        var unnoticed = 0
        var tried = 0
        for (number, row) in rows.enumerated() {
            for k in row.indices where row[k] != 0x2d && row[k] != 0x20 {
                for wrong in Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8) where wrong != row[k] {
                    var typed = row
                    typed[k] = wrong
                    tried += 1
                    if (try? RecoveryKit.row(number + 1, typed: SecretBytes(typed))) != nil { unnoticed += 1 }
                }
            }
            // A row in the place of another one.
            let other = (number + 1) % rows.count + 1
            #expect(throws: FormatError.self) { try RecoveryKit.row(other, typed: SecretBytes(row)) }
        }
        // Ten bits: one mistake in 1,024 on average; the checksum of the whole finds the rest.
        #expect(tried == 7 * 10 * 31 && unnoticed <= 8, "\(unnoticed) of \(tried)")
        for bad in ["", "AAAA", "AAAA-AAAA A", "AAAA-AAAA AAA", "AAAA-AA1A AA"] {
            #expect(throws: FormatError.self, "\(bad)") { try RecoveryKit.row(1, typed: SecretBytes(Array(bad.utf8))) }
        }
        // Check letters that cannot be read any more may be left out.
        let without = try (1...7).map { try RecoveryKit.row($0, typed: SecretBytes(Array(rows[$0 - 1].prefix(9)))) }
        #expect(try RecoveryKit(rows: without).seed.isEqual(to: kit.seed))
    }

    @Test func randomSeedsComeBack() throws {
        let random = SeededBytes(seed: 3)
        for _ in 0..<200 {
            let kit = RecoveryKit(random: random)
            #expect(try RecoveryKit(typed: kit.text).seed.isEqual(to: kit.seed), "seed 3")
        }
    }

    private func file(_ text: String) throws -> RecoveryKitFile {
        try RecoveryKitFile(decoding: SecretBytes(Array(text.utf8)))
    }

    @Test func knownFile() throws {
        let test = try FormatVectors.cases("identities.json", "recovery kit file")[0]
        let file = try file(test.text("file"))
        #expect(file.kit.seed.array == (try test.outHex("seed")))
        #expect(file.anchor.hex == (try test.out("anchor")))
        #expect(file.repository?.hex == (try test.out("repository")))
        #expect(file.location == (try test.out("location")))
        #expect(file.head?.digest.hex == (try test.out("headDigest")))
        #expect(file.head?.position == (test.output as? [String: Any])?["headPosition"] as? Int)
    }

    @Test func writtenLinesAreRead() throws {
        let least = RecoveryKitFile(kit: kit, anchor: anchor, repository: nil, location: nil, head: nil)
        let read = try RecoveryKitFile(decoding: least.encode())
        #expect(read.repository == nil && read.location == nil && read.head == nil)
        #expect(String(decoding: least.encode().array, as: UTF8.self).hasPrefix("seed: AAAQ-EAYE-"))
    }

    /// The same kit with its rows instead of the line `seed`, and halves of the long numbers.
    @Test func aPaperMayBeTypedInPart() throws {
        let rows = kit.rows.enumerated().map {
            "row \($0 + 1):  \(String(decoding: $1.array, as: UTF8.self).lowercased())"
        }
        let half = "anchor: " + String(repeating: "ABAB ", count: 8)
        func paper(_ lines: [String]) throws -> RecoveryPaper {
            try RecoveryPaper(decoding: SecretBytes(Array(lines.joined(separator: "\n").utf8)))
        }
        let read = try paper(rows + [half, "head: 17 cdcd cdcd cdcd cdcd"])
        #expect(read.kit.seed.isEqual(to: kit.seed))
        #expect(read.anchor == [UInt8](repeating: 0xab, count: 16))
        #expect(read.head?.position == 17 && read.head?.digest == [UInt8](repeating: 0xcd, count: 8))
        #expect(try paper(rows + [half, "head: 17"]).head?.digest == [])
        let bad = [
            rows, rows.dropLast() + [half], rows + [rows[0], half], rows + ["anchor: abab"], rows + ["anchor: zz"],
            rows + [half, "head: x"], rows + [half, "head: 1 abab"], rows + [half, "head: 01"], [half],
            rows.dropLast() + ["row 7: AAAA-AAAA AA", half],
        ]
        for lines in bad { #expect(throws: FormatError.self, "\(lines)") { try paper(lines) } }
    }

    @Test func rejectedFiles() throws {
        let seed = "seed: " + String(decoding: kit.text.array, as: UTF8.self) + "\n"
        let anchorLine = "anchor: \(anchor.hex)\n"
        _ = try file(seed + anchorLine)
        let bad = [
            "", seed, anchorLine, seed + seed + anchorLine, seed + anchorLine + anchorLine,
            seed + "anchor: \(anchor.hex.dropLast())\n", seed + "anchor: \(anchor.hex.uppercased())\n",
            "seed: AAAA\n" + anchorLine, seed + anchorLine + "repository: 00\n",
            seed + anchorLine + "head: 17\n", seed + anchorLine + "head: 017 \(anchor.hex)\n",
            seed + anchorLine + "head: +1 \(anchor.hex)\n", seed + anchorLine + "head: -1 \(anchor.hex)\n",
            seed + anchorLine + "head: 1 \(anchor.hex) 2\n",
            seed + anchorLine + "head: 99999999999999999999 \(anchor.hex)\n",
            seed + anchorLine + "location: a\nlocation: b\n", seed + anchorLine + String(repeating: "x", count: 70_000),
        ]
        for text in bad { #expect(throws: FormatError.self, "\(text.prefix(300))") { try file(text) } }
        #expect(throws: FormatError.self) {
            try RecoveryKitFile(decoding: SecretBytes(Array((seed + anchorLine + "location: ").utf8) + [0xff]))
        }
    }
}
