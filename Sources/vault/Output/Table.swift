/// A table of text that fits its width: columns that may be left out go first, then long cells are cut.
struct Table {
    /// A column.
    struct Column {
        var title: String
        var isRight = false
        /// Left out when the table is too wide, the last such column first.
        var isOptional = false
        /// Cells may be cut down to this many columns; nil when never.
        var widthMin: Int?
    }

    private let columns: [Column]
    private var rows: [[String]] = []
    private static let gap = "  "

    init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row. - Precondition: it has a cell for each column.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a cell for each column")
        rows.append(cells)
    }

    /// The lines, header first, at most `width` columns long if the columns allow it; nil for no limit.
    func lines(width: Int?) -> [String] {
        var widths = columns.indices.map { column in
            max(TextWidth.of(columns[column].title), rows.map { TextWidth.of($0[column]) }.max() ?? 0)
        }
        var kept = Array(columns.indices)
        func total() -> Int { kept.reduce(0) { $0 + widths[$1] } + Self.gap.count * (kept.count - 1) }
        if let width {
            while total() > width, let last = kept.last(where: { columns[$0].isOptional }) {
                kept.removeAll { $0 == last }
            }
            for column in kept.reversed() {
                guard total() > width, let least = columns[column].widthMin else { continue }
                widths[column] = max(least, widths[column] - (total() - width))
            }
        }
        return ([columns.map(\.title)] + rows).map { cells in
            var line = ""
            for column in kept {
                if !line.isEmpty { line += Self.gap }
                line += pad(cells[column], widths[column], isRight: columns[column].isRight)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    private func pad(_ cell: String, _ width: Int, isRight: Bool) -> String {
        TextWidth.padded(TextWidth.cut(cell, width), width, isRight: isRight)
    }
}
