/// A form on paper: what the program knows is filled in, what only a person knows is a dotted line.
public struct FormDocument: Sendable {
    enum Block: Sendable {
        /// Left and right head of the page, lines each.
        case head([String], [String])
        case title(String)
        case subtitle(String)
        case heading(String)
        /// A name and its value; nil for a dotted line.
        case field(String, String?)
        case paragraph(String)
        /// Columns with their share of the width of a page of text, and rows.
        case table([(title: String, width: Int)], [[String]])
        /// Empty dotted lines to write on.
        case lines(Int)
        /// Roles of those who sign.
        case signatures([String])
        case foot([String])
    }

    let language: Language
    let blocks: [Block]

    /// Columns of the text form.
    static let textWidth = 78

    // MARK: HTML

    /// The form as one HTML file that needs nothing else and prints on A4.
    public func html() -> [UInt8] {
        var (page, title) = (PageText(), "")
        for block in blocks {
            if case .title(let text) = block { title = text }
            add(block, to: &page)
        }
        return PageText.page(title: title, language, style: PageStyle.form, page)
    }

    private func add(_ block: Block, to page: inout PageText) {
        switch block {
        case .head(let left, let right):
            page.begin("div", [("class", "head")])
            for lines in [left, right] {
                page.begin("div")
                for (number, line) in lines.enumerated() {
                    page.element("p", line, class: number > 0 && number == lines.count - 1 ? "under" : "")
                }
                page.end()
            }
            page.end()
        case .title(let text): page.element("h1", text)
        case .subtitle(let text): page.element("p", text, class: "subtitle")
        case .heading(let text): page.element("h2", text)
        case .field(let name, let value): page.element("p", "\(name): \(value ?? Self.dots(60))")
        case .paragraph(let text): page.element("p", text)
        case .table(let columns, let rows):
            page.begin("table")
            page.begin("thead")
            page.row(columns.map(\.title), header: true)
            page.end()
            page.begin("tbody")
            for row in rows { page.row(row) }
            page.end()
            page.end()
        case .lines(let count): for _ in 0..<count { page.element("p", Self.dots(90)) }
        case .signatures(let roles):
            page.begin("div", [("class", "signatures")])
            for role in roles {
                page.begin("div")
                page.element("p", role, class: "role")
                page.element("p", FormPhrase.signHere.text(language))
                page.begin("div", [("class", "space")])
                page.end()
                page.element("p", Self.dots(24))
                page.end()
            }
            page.end()
        case .foot(let lines):
            page.begin("div", [("class", "foot")])
            for line in lines { page.element("p", line) }
            page.end()
        }
    }

    static func dots(_ count: Int) -> String { String(repeating: ".", count: count) }
}
