/// A language that people are spoken to in.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case vietnamese = "vi"

    /// The language that a locale name such as `vi_VN.UTF-8` asks for; nil for one that is not spoken here.
    public init?(locale: [UInt8]) {
        let code = locale.prefix { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "@") }
        self.init(rawValue: String(decoding: code, as: UTF8.self).lowercased())
    }
}

/// One text in every language. A text that lacks one does not compile.
public struct Phrase: Sendable, Equatable {
    let english: String
    let vietnamese: String

    /// The text in each language.
    public init(en english: String, vi vietnamese: String) {
        self.english = english
        self.vietnamese = vietnamese
    }

    /// The text in a language. It may hold places such as `{location}`.
    public subscript(language: Language) -> String {
        switch language {
        case .english: english
        case .vietnamese: vietnamese
        }
    }
}

/// The texts of one thing that is shown to people, in one place: an enumeration with a case for each.
public protocol PhraseTable: CaseIterable, Sendable {
    /// The text of the case.
    var phrase: Phrase { get }
}

extension PhraseTable {
    /// The text in `language`, with values in its places. A value is taken as it is: places in it are not filled.
    public func text(_ language: Language, _ values: [String: String] = [:]) -> String {
        var result = ""
        var rest = phrase[language][...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            precondition(values[name] != nil, "the text has a place '\(name)' that nobody fills")
            result += rest[..<open] + (values[name] ?? "")
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
