import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct RecoveryKitPageTests {
    private let kit = RecoveryKit(seed: SecretBytes(Array(0..<32)))
    private let anchor = Digest([UInt8](repeating: 0xab, count: 32))!
    private let head = Digest([UInt8](repeating: 0xcd, count: 32))!

    private func page(_ language: Language, location: String = "/mnt/ổ đĩa/vault") -> RecoveryKitPage {
        RecoveryKitPage(
            RecoveryKitFile(
                kit: kit, anchor: anchor, repository: testRepository, location: location, head: (17, head)),
            language, time: Timestamp(milliseconds: 1_700_000_000_000))
    }

    private func string(_ bytes: SecretBytes) -> String { String(decoding: bytes.array, as: UTF8.self) }

    @Test(arguments: Language.allCases) func aWrittenPageIsRead(_ language: Language) throws {
        let page = page(language)
        let text = string(page.text())
        #expect(text.contains("\nseed: AAAQ-EAYE-"))
        // It must fit a printed page.
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 78 })
        #expect(!text.contains("{") && !text.contains("  \n"))
        for variant in [text, text.replacingOccurrences(of: "\n", with: "\r\n")] {
            let read = try RecoveryKitFile(decoding: SecretBytes(Array(variant.utf8)))
            #expect(read.kit.seed.isEqual(to: kit.seed))
            #expect(read.anchor == anchor && read.repository == testRepository)
            #expect(read.location == page.file.location)
            #expect(read.head?.position == 17 && read.head?.digest == head)
        }
        // What is typed in groups is the same.
        let rows = text.split(separator: "\n").filter { !$0.hasPrefix("seed:") }.joined(separator: "\n")
        let typed = try RecoveryPaper(decoding: SecretBytes(Array(rows.utf8)))
        #expect(typed.kit.seed.isEqual(to: kit.seed) && typed.anchor == anchor.bytes)
        #expect(text.contains("      \(Array(repeating: "abab", count: 8).joined(separator: " "))\n"))
        #expect(text.contains("      17  cdcd cdcd cdcd cdcd\n"))
        #expect(text.contains("2023-11-14") && text.contains("22:13") && text.contains(Version.text))
    }

    @Test func languagesDiffer() {
        #expect(string(page(.english).text()).contains("Recovery kit\n============\n"))
        #expect(string(page(.vietnamese).text()).contains("Bộ khôi phục\n============\n"))
    }

    @Test(arguments: Language.allCases) func htmlStandsAlone(_ language: Language) throws {
        let html = string(page(language, location: "/mnt/<b>&\"x").html())
        #expect(html.contains("<html lang=\"\(language.rawValue)\">"))
        #expect(!html.contains("<b>") && html.contains("location: /mnt/&lt;b&gt;&amp;&quot;x\n"))
        // Nothing is fetched, nothing runs.
        for word in ["src=", "href=", "url(", "@import", "<script", "https://"] { #expect(!html.contains(word)) }
        #expect(html.components(separatedBy: "http://").count == 2, "only the name space of SVG")
        #expect(html.components(separatedBy: "<svg ").count == 2)
        for row in kit.rows { #expect(html.contains(string(row))) }
    }

    @Test(.enabled(if: runProgram(["xmllint", "--version"])?.status == 0, "needs xmllint of libxml2-utils"))
    func htmlIsWellFormed() throws {
        let folder = try TemporaryDirectory()
        try Data(page(.vietnamese).html().array).write(to: URL(fileURLWithPath: folder.path + "/kit.html"))
        // As XML, but for the two tags that HTML leaves open.
        let outcome = try #require(
            runProgram([
                "sh", "-c",
                "sed -e 1d -e 's/<meta charset=\"utf-8\">//' '\(folder.path)/kit.html' | xmllint --noout -",
            ]))
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    /// A path so long that the code would be too fine to print is left out of it.
    @Test func aLongLocation() throws {
        let long = page(.english, location: "/" + String(repeating: "a-long-name/", count: 300))
        let code = try #require(long.picture())
        #expect(code.version < 20)
        #expect(try RecoveryKitFile(decoding: long.text()).location == long.file.location)
        #expect(try #require(page(.english).picture()).version < 20)
    }

    @Test func phrasesAreComplete() { #expect(complaints(KitPhrase.self) == []) }

    private enum Bad: PhraseTable {
        case places, same, decomposed, blanks

        var phrase: Phrase {
            switch self {
            case .places: Phrase(en: "a {b}", vi: "ă {c}")
            case .same: Phrase(en: "word", vi: "word")
            case .decomposed: Phrase(en: "word", vi: "a\u{301}")
            case .blanks: Phrase(en: "a  word", vi: "một từ")
            }
        }
    }

    @Test func incompletePhrasesAreFound() { #expect(complaints(Bad.self).count == 4) }

    @Test func localesNameLanguages() {
        let cases: [(String, Language?)] = [
            ("vi_VN.UTF-8", .vietnamese), ("vi", .vietnamese), ("VI_VN", .vietnamese), ("en_GB.UTF-8", .english),
            ("C.UTF-8", nil), ("POSIX", nil), ("de_DE@euro", nil), ("", nil), ("vietnam", nil),
        ]
        for (locale, language) in cases { #expect(Language(locale: Array(locale.utf8)) == language, "\(locale)") }
    }

    @Test func valuesAreNotSearchedForPlaces() {
        #expect(
            KitPhrase.subtitle.text(.english, ["repository": "{repository}"])
                == "for the backups in the repository {repository}")
    }
}
