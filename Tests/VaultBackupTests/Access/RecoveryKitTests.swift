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
        let test = try FormatVectors.cases("identities.json", "recovery kit, typed")[0]
        let typed = try RecoveryKit(typed: SecretBytes(Array(try test.text("text").utf8)))
        #expect(typed.seed.array == (try test.outHex("seed")))
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
        for k in text.indices where text[k] != 0x2d {
            for wrong in Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567018_".utf8) where wrong != text[k] {
                var typed = text
                typed[k] = wrong
                #expect(throws: FormatError.self, "character \(k)") { try RecoveryKit(typed: SecretBytes(typed)) }
            }
        }
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

    @Test func aWrittenPageIsRead() throws {
        let page = RecoveryKitFile(
            kit: kit, anchor: anchor, repository: testRepository, location: "/mnt/ổ đĩa/vault",
            head: (17, Digest([UInt8](repeating: 0xcd, count: 32))!))
        let text = String(decoding: page.encode().array, as: UTF8.self)
        #expect(text.contains("\nseed: AAAQ-EAYE-"))
        // It must fit a printed page.
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 90 })
        for variant in [text, text.replacingOccurrences(of: "\n", with: "\r\n")] {
            let read = try file(variant)
            #expect(read.kit.seed.isEqual(to: kit.seed))
            #expect(read.anchor == anchor && read.repository == testRepository)
            #expect(read.location == page.location)
            #expect(read.head?.position == 17 && read.head?.digest == page.head?.digest)
        }
        let least = RecoveryKitFile(kit: kit, anchor: anchor, repository: nil, location: nil, head: nil)
        let read = try RecoveryKitFile(decoding: least.encode())
        #expect(read.repository == nil && read.location == nil && read.head == nil)
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
