internal import Foundation
public import VaultBackup

/// What is wrong with the texts of a table, a sentence each: every text must be there in every language, with the same
/// places, other words (but for `sameInAll`), composed letters, and no blanks that line breaks left behind.
public func complaints<Table: PhraseTable>(_ table: Table.Type, sameInAll: Set<String> = []) -> [String] {
    var found = table.allCases.isEmpty ? ["there is no text"] : []
    for text in table.allCases {
        func require(_ holds: Bool, _ reason: String) { if !holds { found.append("\(text) \(reason)") } }
        let all = Language.allCases.map { text.phrase[$0] }
        require(Set(all.map(places)).count == 1, "has other places in another language")
        for phrase in all {
            require(!phrase.isEmpty, "is empty")
            require(phrase == phrase.trimmingCharacters(in: .whitespacesAndNewlines), "begins or ends with a blank")
            require(!phrase.contains("  ") && !phrase.contains("\n"), "has blanks that nobody wants")
            require(
                Array(phrase.utf8) == Array(phrase.precomposedStringWithCanonicalMapping.utf8), "is not composed")
        }
        let (english, vietnamese) = (text.phrase[.english], text.phrase[.vietnamese])
        require(english.utf8.allSatisfy { $0 < 0x80 }, "has foreign letters in English")
        if sameInAll.contains("\(text)") { continue }
        require(vietnamese != english && vietnamese.utf8.contains { $0 >= 0x80 }, "is not translated")
    }
    return found
}

private func places(_ phrase: String) -> Set<String> {
    Set(
        phrase.split(separator: "{", omittingEmptySubsequences: false).dropFirst().map {
            String($0.prefix { $0 != "}" })
        })
}
