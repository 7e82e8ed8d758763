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
        var rule = "+"
        for column in columns { rule += String(repeating: "-", count: column.width + 2) + "+" }
        var lines = [rule]
        lines += self.rows(columns.map(\.title), columns)
        lines.append(rule)
        for row in rows {
            lines += self.rows(row, columns)
            lines.append(rule)
        }
        return lines
    }

    /// The lines of a row, whose cells are wrapped.
    private static func rows(_ row: [String], _ columns: [(title: String, width: Int)]) -> [String] {
        let wrapped: [[String]] = zip(row, columns).map { cell, column in Self.wrapped(safe(cell), column.width) }
        let height = wrapped.map(\.count).max() ?? 1
        var lines: [String] = []
        for number in 0..<height {
            var line = "|"
            for (cell, column) in zip(wrapped, columns) {
                line += " " + padded(number < cell.count ? cell[number] : "", column.width) + " |"
            }
            lines.append(line)
        }
        return lines
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
