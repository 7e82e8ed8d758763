import Foundation
import Testing

@testable import VaultBackup
@testable import vault

/// The parts of the program that need no process.
@Suite struct RenderingTests {
    @Test func everyArgumentSurvivesTheParser() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var state = seed
        func random() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        var texts: Set<[UInt8]> = []
        for length in 0..<400 {
            // Bytes of few values, so that valid and broken sequences and carriers themselves are frequent.
            let some: [UInt8] = [0x61, 0x2d, 0xc3, 0xa4, 0xf4, 0x8f, 0xbc, 0xbf, 0x80, 0xff, 0xe2, 0x82, 0xac]
            let bytes = (0..<length % 40).map { _ in length < 200 ? random() : some[Int(random()) % some.count] }
            let text = ArgumentText.carrying(bytes)
            #expect(ArgumentText.bytes(text) == bytes)
            texts.insert(Array(text.utf8))
        }
        #expect(ArgumentText.carrying(Array("häßlich".utf8)) == "häßlich")
        let carrier = Array("\u{10ff41}".utf8)
        #expect(ArgumentText.bytes(ArgumentText.carrying(carrier)) == carrier)
        #expect(TextArgument(argument: ArgumentText.carrying([0x61, 0xff])) == nil)
        #expect(TextArgument(argument: ArgumentText.carrying(carrier))?.text == "\u{10ff41}")
        #expect(ArgumentText.readable("no '\(ArgumentText.carrying([0xff, 0x1b]))'") == "no '\\xff\\x1b'")
    }

    @Test func unitsHaveThreeDigits() {
        let expected: [(Int, String)] = [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (10188, "9.9 KiB"), (10189, "10 KiB"),
            (1_048_063, "1023 KiB"), (1_048_064, "1.0 MiB"), (3_221_225_472, "3.0 GiB"), (Int.max, "8.0 EiB"),
        ]
        for (bytes, text) in expected { #expect(Units.bytes(bytes) == text) }
        #expect([0, 999, 1000, 1_234_567, -1000].map(Units.count) == ["0", "999", "1,000", "1,234,567", "-1,000"])
        #expect(Units.duration(400_000_000) == "0.4 s")
        #expect(Units.duration(59_600_000_000) == "1 min 0 s")
        #expect(Units.duration(7_500_000_000_000) == "2 h 5 min")
        #expect(Units.rate(1, 1) == nil)
    }

    @Test func jsonIsReadByAnotherReader() throws {
        let text = "a\"\\\n\u{7f}\u{202e}é\u{10ffff}\u{1f600}/"
        let line = JSON.object([("t", .string(text)), ("n", .number(1.5)), ("i", .integer(-3)), ("b", .bool(true))])
            .text
        let read = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(read["t"] as? String == text)
        #expect(read["n"] as? Double == 1.5 && read["i"] as? Int == -3 && read["b"] as? Bool == true)
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e })
        let path = JSON.object(JSON.path("path", [0x2f, 0xff])).text
        #expect(path == #"{"path":"/\\xff","pathBase64":"L/8="}"#)
    }

    @Test func tableLeavesOutThenCuts() {
        var table = Table([
            .init(title: "A"), .init(title: "B", widthMin: 4), .init(title: "C", isRight: true),
            .init(title: "D", isOptional: true), .init(title: "E", isOptional: true),
        ])
        table.add(["a", "bbbbbbbb", "cc", "dddd", "eeee"])
        #expect(table.lines(width: nil)[1] == "a  bbbbbbbb  cc  dddd  eeee")
        #expect(table.lines(width: 21)[1] == "a  bbbbbbbb  cc  dddd")
        #expect(table.lines(width: 15) == ["A  B          C", "a  bbbbbbbb  cc"])
        #expect(table.lines(width: 12)[1] == "a  bbbb…  cc")
        // Never less than the least width, whatever the terminal.
        #expect(table.lines(width: 1)[1] == "a  bbb…  cc")
    }

    @Test func everyFailureHasAStatus() {
        let expected: [VaultError.Code: Int32] = [
            .failed: 1, .storage: 1, .unsupportedFormat: 1, .usage: 2, .incompleteSources: 3, .repositoryNotFound: 10,
            .sessionConflict: 11, .wrongIdentity: 12, .notAllowed: 13, .rolledBack: 14, .drillFailed: 20,
            .notProven: 21, .evidenceExpired: 22, .damaged: 23, .interrupted: 130,
        ]
        for code in VaultError.Code.allCases { #expect(ExitStatus(code).rawValue == expected[code]) }
    }

    @Test func foldersFollowTheVariables() throws {
        func folders(_ variables: [String: String]) throws -> (String, String) {
            let folders = try Environment { variables[$0].map { Array($0.utf8) } }.folders(cache: nil)
            return (String(decoding: folders.config, as: UTF8.self), String(decoding: folders.cache, as: UTF8.self))
        }
        #expect(try folders(["HOME": "/h"]) == ("/h/.config/vault", "/h/.cache/vault"))
        #expect(
            try folders(["HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_CACHE_HOME": "rel"]) == (
                "/c/vault", "/h/.cache/vault"
            ))
        #expect(try folders(["HOME": "/h", "VAULT_CACHE_DIR": "/k"]) == ("/h/.config/vault", "/k"))
        #expect(throws: VaultError.self) { try folders([:]) }
    }
}
