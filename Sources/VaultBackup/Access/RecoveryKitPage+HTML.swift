extension RecoveryKitPage {
    private static let style = """
        @page { size: A4; margin: 14mm 16mm; }
        body { font: 10.5pt/1.35 "DejaVu Sans", "Liberation Sans", Arial, sans-serif; color: #000; background: #fff;
          max-width: 178mm; margin: 0 auto; }
        h1 { font-size: 20pt; margin: 0; } h2 { font-size: 13pt; margin: 5mm 0 1.5mm; border-bottom: 0.3mm solid #000; }
        p { margin: 0 0 1.8mm; } span { white-space: nowrap; } ol, ul { margin: 0; padding-left: 6mm; } li { margin-bottom: 1.6mm; }
        .warning { border: 0.7mm solid #000; padding: 2mm 3mm; font-weight: bold; }
        pre { font: 9.5pt/1.4 "DejaVu Sans Mono", "Liberation Mono", monospace; margin: 0 0 1.8mm; white-space: pre-wrap;
          overflow-wrap: anywhere; }
        pre.rows { font-size: 14pt; } pre.code { font-size: 10.5pt; border-left: 0.7mm solid #000; padding-left: 3mm; }
        table { width: 100%; border-collapse: collapse; } td { padding: 3mm 3mm 0 0; white-space: nowrap; }
        td + td { width: 100%; border-bottom: 0.2mm solid #000; }
        .picture { float: right; margin: 0 0 2mm 6mm; } li, pre, tr, .picture { break-inside: avoid; }
        h2 { break-after: avoid; } .steps { break-before: page; }

        """

    /// Width of the QR code on paper, in millimetres.
    private static let pictureWidth = 75

    /// The page as one HTML file that needs nothing else, to be printed on two sheets of A4 in black. It holds the seed,
    /// so a file of it has mode 0600.
    public func html() -> SecretBytes {
        let page = SecretText(capacity: 64 << 10)
        page.add("<!DOCTYPE html>\n<html lang=\"\(language.rawValue)\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
        page.addEscaped(KitPhrase.title.text(language))
        page.add("</title>\n<style>\n\(Self.style)</style>\n</head>\n<body>\n")
        var list = ""
        for block in blocks {
            let wanted =
                switch block {
                case .step: "ol"
                case .bullet: "ul"
                default: ""
                }
            if wanted != list {
                if !list.isEmpty { page.add("</\(list)>\n") }
                if !wanted.isEmpty { page.add("<\(wanted)>\n") }
                list = wanted
            }
            add(block, to: page)
        }
        page.add("</body>\n</html>\n")
        return page.bytes
    }

    private func add(_ block: Block, to page: SecretText) {
        switch block {
        case .title(let text): element("h1", text, page)
        case .heading(let text, let isSteps): element(isSteps ? "h2 class=\"steps\"" : "h2", text, page)
        case .paragraph(let text): element("p", text, page)
        case .warning(let text): element("p class=\"warning\"", text, page)
        case .fields(let names):
            page.add("<table>\n")
            for name in names {
                page.add("<tr><td>")
                page.addEscaped(name)
                page.add("</td><td></td></tr>\n")
            }
            page.add("</table>\n")
        case .step(let text, let code):
            page.add("<li>")
            addWords(text, to: page)
            if !code.isEmpty { element("pre class=\"code\"", code.joined(separator: "\n"), page) }
            page.add("</li>\n")
        case .bullet(let text): element("li", text, page)
        case .code(let line): element("pre class=\"code\"", line, page)
        case .lines: addLines(to: page)
        case .rows:
            page.add("<pre class=\"rows\">")
            addRows(to: page)
            page.add("</pre>\n")
        case .picture(let title):
            guard let picture = picture() else { return }
            page.add("<div class=\"picture\">")
            picture.addSVG(to: page, millimetres: Self.pictureWidth, title: title)
            page.add("</div>\n")
        }
    }

    /// The seed needs no escaping; the location does.
    private func addLines(to page: SecretText) {
        var lines = file
        lines.location = nil
        page.add("<pre>")
        page.add(lines.encode())
        if let location = file.location { page.addEscaped("location: \(location)\n") }
        page.add("</pre>\n")
    }

    private func element(_ tag: String, _ text: String, _ page: SecretText) {
        page.add("<\(tag)>")
        if tag.hasPrefix("pre") { page.addEscaped(text) } else { addWords(text, to: page) }
        page.add("</\(tag.prefix { $0 != " " })>\n")
    }

    /// A browser would break an option behind its hyphens.
    private func addWords(_ text: String, to page: SecretText) {
        for (number, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            if number > 0 { page.add(" ") }
            if word.first == "-" { page.add("<span>") }
            page.addEscaped(String(word))
            if word.first == "-" { page.add("</span>") }
        }
    }
}
