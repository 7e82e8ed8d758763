/// Writes HTML that is also well-formed XML, so that any parser can check it.
///
/// 1. Every text goes through ``text(_:)`` or an attribute's value, which escape: no name can open a tag or end a
///    value.
/// 2. Nothing is loaded and nothing runs: the page forbids it to the browser, and has no element that would.
struct PageText {
    private(set) var html = ""
    private var open: [String] = []

    /// Names and reasons come from others: what would not be seen, or would turn the line around, is written as `\xHH`.
    mutating func text(_ text: String) { html += Self.escaped(PathText.readable(Array(text.utf8))) }

    /// A text of ours, in which a backslash is one.
    mutating func own(_ text: String) { html += Self.escaped(text) }

    /// Opens an element.
    mutating func begin(_ tag: String, _ attributes: [(name: String, value: String)] = []) {
        html += "<\(tag)\(Self.text(of: attributes))>"
        open.append(tag)
    }

    /// Closes the element that was opened last.
    mutating func end() {
        guard let tag = open.popLast() else { return }
        html += "</\(tag)>"
        if Self.blocks.contains(tag) { html += "\n" }
    }

    /// An element with a text.
    mutating func element(_ tag: String, _ text: String, class kind: String = "") {
        begin(tag, kind.isEmpty ? [] : [("class", kind)])
        self.text(text)
        end()
    }

    /// An element without content.
    mutating func empty(_ tag: String, _ attributes: [(name: String, value: String)]) {
        html += "<\(tag)\(Self.text(of: attributes))/>"
    }

    /// A row of a table; `classes` holds the classes of cells by their columns.
    mutating func row(_ cells: [String], header: Bool = false, classes: [Int: String] = [:]) {
        begin("tr")
        for (column, cell) in cells.enumerated() {
            element(header ? "th" : "td", cell, class: classes[column] ?? "")
        }
        end()
    }

    /// What is inside was made by another writer of this kind.
    mutating func insert(_ other: PageText) { html += other.html }

    private static let blocks: Set = [
        "p", "h1", "h2", "h3", "table", "tr", "ul", "li", "section", "div", "svg", "footer", "header", "dl", "thead",
        "tbody", "pre",
    ]

    private static func text(of attributes: [(name: String, value: String)]) -> String {
        attributes.map { " \($0.name)=\"\(escaped($0.value))\"" }.joined()
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The whole page around `body`.
    static func page(title: String, _ language: Language, style: String, _ body: PageText) -> [UInt8] {
        // Only this very style sheet may be applied, and nothing may be fetched, run, framed or sent.
        let hash = Base64.encode(SHA256.digest(Array(style.utf8)).bytes)
        let policy = "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; form-action 'none'"
        var page = PageText()
        page.html = "<!DOCTYPE html>\n"
        page.begin(
            "html", [("lang", language.rawValue), ("xmlns", "http://www.w3.org/1999/xhtml")])
        page.html += "\n<head>\n<meta charset=\"utf-8\"/>\n"
        page.empty("meta", [("http-equiv", "Content-Security-Policy"), ("content", policy)])
        page.html += "\n<meta name=\"referrer\" content=\"no-referrer\"/>\n"
        page.html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        page.element("title", title)
        page.html += "\n<style>\(style)</style>\n</head>\n<body>\n\(body.html)</body>\n"
        page.end()
        return Array((page.html + "\n").utf8)
    }
}
