import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// QR codes are read by a program that is not ours: zbarimg.
@Suite struct QRCodeTests {
    private static let hasReader = runProgram(["zbarimg", "--version"])?.status == 0
    private static let why: Comment = "needs zbarimg of the package zbar-tools"

    /// A picture with four pixels for each module.
    private func picture(_ code: QRCode, without stain: ClosedRange<Int>? = nil) -> Data {
        let side = code.size + 2 * QRCode.quietZone
        var data = Data("P5\n\(side * 4) \(side * 4)\n255\n".utf8)
        for y in 0..<side * 4 {
            for x in 0..<side * 4 {
                let (column, row) = (x / 4 - QRCode.quietZone, y / 4 - QRCode.quietZone)
                let isInside = (0..<code.size).contains(column) && (0..<code.size).contains(row)
                let isStained = stain.map { $0.contains(column) && $0.contains(row) } ?? false
                data.append(isInside && (isStained || code.isDark(column, row)) ? 0 : 255)
            }
        }
        return data
    }

    /// What the reader finds in the pictures, one line each.
    private func read(_ pictures: [Data]) throws -> [String] {
        let folder = try TemporaryDirectory()
        let names = try pictures.enumerated().map { number, data in
            let name = folder.path + "/\(number).pgm"
            try data.write(to: URL(fileURLWithPath: name))
            return name
        }
        let outcome = try #require(runProgram(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"] + names))
        // Without a message bus it complains in lines of its own.
        return outcome.output.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("Connection ") }
    }

    private func code(
        _ text: String, _ correction: QRCode.Correction = .quartile, versions: ClosedRange<Int> = 1...40
    ) -> QRCode? {
        QRCode(SecretBytes(Array(text.utf8)), correction, versions: versions)
    }

    /// Characters of byte mode that a version holds (ISO/IEC 18004, table 7).
    @Test(arguments: [
        (1, 14, 11), (2, 26, 20), (5, 84, 60), (6, 106, 74), (7, 122, 86), (9, 180, 130), (10, 213, 151),
        (20, 666, 482), (27, 1125, 805), (32, 1538, 1112), (40, 2331, 1663),
    ])
    func capacities(_ version: Int, _ medium: Int, _ quartile: Int) {
        for (correction, count) in [(QRCode.Correction.medium, medium), (.quartile, quartile)] {
            let fitting = code(String(repeating: "x", count: count), correction, versions: version...version)
            #expect(fitting?.version == version && fitting?.size == 17 + 4 * version)
            #expect(code(String(repeating: "x", count: count + 1), correction, versions: version...version) == nil)
        }
    }

    @Test(.enabled(if: hasReader, why), arguments: QRCode.Correction.allCases)
    func everyVersionIsRead(_ correction: QRCode.Correction) throws {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567abcdef: -/")
        var texts: [String] = []
        var pictures: [Data] = []
        var masks: Set<Int> = []
        for version in 1...40 {
            // Full, and less than full, where padding begins.
            let layout = QRLayout(version, correction)
            let full = layout.dataCount - (version < 10 ? 2 : 3)
            for count in version % 8 == 1 ? [full, full - 1, max(1, full / 2)] : [full] {
                let text = String((0..<count).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] })
                let code = try #require(self.code("x" + text.dropFirst(), correction, versions: version...version))
                masks.insert(code.mask)
                texts.append("x" + text.dropFirst())
                pictures.append(picture(code))
            }
        }
        #expect(try read(pictures) == texts, "seed 7")
        #expect(masks.count >= 4, "masks \(masks)")
    }

    @Test(.enabled(if: hasReader, why)) func otherLettersAndLineFeeds() throws {
        let text = "location: /mnt/ổ đĩa/kho sao lưu\nhead: 17"
        let code = try #require(self.code(text))
        #expect(try read([picture(code)]).joined(separator: "\n") == text)
    }

    @Test(.enabled(if: hasReader, why)) func aStainIsBorneAndABigOneIsNot() throws {
        let text = String(repeating: "seed: S2W2-UMH2-G3AP ", count: 10)
        let code = try #require(self.code(text))
        #expect(code.size >= 57)
        #expect(try read([picture(code, without: 24...36)]) == [text])
        #expect(try read([picture(code, without: 10...48)]) == [])
    }

    @Test func numbersAreWrittenInDecimalDigits() {
        let text = SecretText()
        for number in [0, 9, 10, 105, 181] {
            text.add(number)
            text.add(" ")
        }
        #expect(text.bytes.isEqual(to: SecretBytes(Array("0 9 10 105 181 ".utf8))))
    }

    @Test func theSmallestVersionIsTaken() throws {
        #expect(try #require(code("12345678901")).version == 1)
        #expect(try #require(code("123456789012")).version == 2)
        #expect(code(String(repeating: "x", count: 1664)) == nil)
        #expect(try #require(code("")).version == 1)
    }
}
