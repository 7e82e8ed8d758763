/// The form as plain text of 78 columns, to be printed or kept as it is.
extension FormDocument {
    /// The whole text, with a line feed at its end. Names are escaped, so that it drives no terminal.
    public func text() -> String {
        var lines: [String] = []
        for block in blocks { add(block, to: &lines) }
        return lines.map { line in
            var line = line[...]
            while line.last == " " { line.removeLast() }
            return String(line)
        }.joined(separator: "\n") + "\n"
    }

    private func add(_ block: Block, to lines: inout [String]) {
        switch block {
        case .head(let left, let right):
            let half = Self.textWidth / 2
            for number in 0..<max(left.count, right.count) {
                let (l, r) = (number < left.count ? left[number] : "", number < right.count ? right[number] : "")
                lines.append(Self.padded(Self.centred(l, half), half) + Self.centred(r, half))
            }
            lines.append("")
        case .title(let text): lines += ["", Self.centred(text.uppercased(), Self.textWidth)]
        case .subtitle(let text):
            lines += Self.wrapped(Self.safe(text), Self.textWidth).map { Self.centred($0, Self.textWidth) } + [""]
        case .heading(let text): lines += ["", text]
        case .field(let name, let value):
            lines += Self.wrapped("\(name): \(value.map(Self.safe) ?? Self.dots(40))", Self.textWidth)
        case .paragraph(let text): lines += Self.wrapped(Self.safe(text), Self.textWidth)
        case .table(let columns, let rows): lines += Self.table(columns, rows)
        case .lines(let count): lines += Array(repeating: Self.dots(Self.textWidth), count: count)
        case .signatures(let roles):
            let width = Self.textWidth / max(1, roles.count)
            func row(_ texts: [String]) -> String { texts.map { Self.padded(Self.centred($0, width), width) }.joined() }
            lines += ["", row(roles), row(roles.map { _ in FormPhrase.signHere.text(language) }), "", "", "", ""]
            lines.append(row(roles.map { _ in Self.dots(24) }))
        case .foot(let texts):
            lines += ["", String(repeating: "-", count: Self.textWidth)]
            for text in texts { lines += Self.wrapped(Self.safe(text), Self.textWidth) }
        }
    }

    private static func table(_ columns: [(title: String, width: Int)], _ rows: [[String]]) -> [String] {
        let rule = "+" + columns.map { String(repeating: "-", count: $0.width + 2) + "+" }.joined()
        func cells(_ row: [String]) -> [String] {
            let wrapped = zip(row, columns).map { Self.wrapped(safe($0), $1.width) }
            return (0..<(wrapped.map(\.count).max() ?? 1)).map { number in
                "|"
                    + zip(wrapped, columns).map { cell, column in
                        " " + padded(number < cell.count ? cell[number] : "", column.width) + " |"
                    }.joined()
            }
        }
        return [rule] + cells(columns.map(\.title)) + [rule] + rows.flatMap { cells($0) + [rule] }
    }

    private static func safe(_ text: String) -> String { PathText.readable(Array(text.utf8)) }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func centred(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, (width - text.count) / 2)) + text
    }

    /// Words in lines of at most `width`; a longer word, such as a digest, is cut.
    static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            var word = word
            if !lines[lines.count - 1].isEmpty, lines[lines.count - 1].count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
                continue
            }
            if !lines[lines.count - 1].isEmpty { lines.append("") }
            while word.count > width {
                lines[lines.count - 1] = String(word.prefix(width))
                lines.append("")
                word = word.dropFirst(width)
            }
            lines[lines.count - 1] = String(word)
        }
        return lines
    }
}
