extension RecoveryKitPage {
    private static let width = 78

    /// The page as UTF-8 text of at most 78 columns, except for a location that is longer. It holds the seed, so it is
    /// for the printer, or for a file with mode 0600. The program reads it.
    public func text() -> SecretBytes {
        let page = SecretText()
        var step = 0
        for block in blocks {
            switch block {
            case .title(let text):
                page.add("\(text)\n\(String(repeating: "=", count: text.count))\n\n")
            case .heading(let text, _):
                page.add("\n\(text)\n\(String(repeating: "-", count: text.count))\n\n")
            case .paragraph(let text): add(text, to: page)
            case .warning(let text): add(text, first: "!  ", next: "!  ", to: page)
            case .fields(let names):
                let column = (names.map(\.count).max() ?? 0) + 2
                for name in names {
                    let line = name + String(repeating: " ", count: column - name.count)
                    page.add(line + String(repeating: "_", count: Self.width - column) + "\n\n")
                }
            case .step(let text, let code):
                step += 1
                add(text, first: step < 10 ? " \(step). " : "\(step). ", next: "    ", to: page)
                for line in code { page.add("      \(line)\n") }
                if !code.isEmpty { page.add("\n") }
            case .bullet(let text): add(text, first: " -  ", next: "    ", to: page)
            case .code(let line): page.add("      \(line)\n\n")
            case .lines:
                page.add(file.encode())
                page.add("\n")
            case .rows:
                addRows(to: page)
                page.add("\n")
            case .picture: break
            }
        }
        return page.bytes
    }

    /// Adds text in lines, broken at blanks, and an empty line.
    private func add(_ text: String, first: String = "", next: String = "", to page: SecretText) {
        var line = first
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > Self.width {
                page.add(line + "\n")
                (line, isEmpty) = (next, true)
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        page.add(line + "\n\n")
    }
}
