/// How many columns of a terminal a text takes: Chinese, Japanese and Korean characters and most pictures take two,
/// combining marks none. Where terminals disagree the larger number is taken, so that a line never wraps.
///
/// The ranges are those of Unicode's EastAsianWidth.txt with W and F, joined where only unassigned scalars lie between.
enum TextWidth {
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x231a...0x231b, 0x2329...0x232a, 0x23e9...0x23f3, 0x25fd...0x25fe, 0x2614...0x2615,
        0x2630...0x2637, 0x2648...0x2653, 0x267f...0x267f, 0x268a...0x268f, 0x2693...0x2693, 0x26a1...0x26a1,
        0x26aa...0x26ab, 0x26bd...0x26be, 0x26c4...0x26c5, 0x26ce...0x26ce, 0x26d4...0x26d4, 0x26ea...0x26ea,
        0x26f2...0x26f3, 0x26f5...0x26f5, 0x26fa...0x26fa, 0x26fd...0x26fd, 0x2705...0x2705, 0x270a...0x270b,
        0x2728...0x2728, 0x274c...0x274c, 0x274e...0x274e, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
        0x27b0...0x27b0, 0x27bf...0x27bf, 0x2b1b...0x2b1c, 0x2b50...0x2b50, 0x2b55...0x2b55, 0x2e80...0x303e,
        0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f,
        0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1d300...0x1d37f, 0x1f004...0x1f004,
        0x1f0cf...0x1f0cf, 0x1f18e...0x1f18e, 0x1f191...0x1f19a, 0x1f1e6...0x1f265, 0x1f300...0x1f64f,
        0x1f680...0x1f6ff, 0x1f7e0...0x1f7f0, 0x1f900...0x1f9ff, 0x1fa70...0x1faff, 0x20000...0x3fffd,
    ]
    /// Asks for the picture form of the character before it, which some terminals then draw wide.
    private static let pictureSelector: UInt32 = 0xfe0f

    /// Columns of one scalar.
    static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        if scalar.value == pictureSelector { return 1 }
        // Vowels and finals that join the Korean syllable before them.
        if (0x1160...0x11ff).contains(scalar.value) { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        var low = 0
        var high = wide.count
        while low < high {
            let middle = (low + high) / 2
            if wide[middle].upperBound < scalar.value { low = middle + 1 } else { high = middle }
        }
        return low < wide.count && wide[low].contains(scalar.value) ? 2 : 1
    }

    /// Columns of a text without control characters.
    static func of(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + of($1) } }

    /// As much of the beginning as fits, with the marks on its last character.
    static func prefix(_ text: String, _ columns: Int) -> String {
        var left = columns
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            left -= of(scalar)
            if left < 0 { break }
            result.append(scalar)
        }
        return String(result)
    }

    /// The beginning, with `…` for what does not fit.
    static func cut(_ text: String, _ columns: Int) -> String {
        of(text) <= columns ? text : columns < 1 ? "" : prefix(text, columns - 1) + "…"
    }

    /// The end, with `…` for what does not fit: of a path the end says most.
    static func cutStart(_ text: String, _ columns: Int) -> String {
        guard of(text) > columns else { return text }
        var left = columns - 1
        var scalars: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars.reversed() {
            left -= of(scalar)
            if left < 0 { break }
            scalars.append(scalar)
        }
        // A mark without its character.
        while let last = scalars.last, of(last) == 0 { scalars.removeLast() }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars.reversed())
        return columns < 1 ? "" : "…" + String(result)
    }

    /// The text with blanks up to a width.
    static func padded(_ text: String, _ columns: Int, isRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, columns - of(text)))
        return isRight ? blanks + text : text + blanks
    }

    /// Words in lines of at most `columns`; a longer word stays whole.
    static func wrapped(_ text: String, _ columns: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if of(last) + 1 + of(String(word)) <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
