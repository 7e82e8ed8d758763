/// A QR code of any bytes (ISO/IEC 18004:2015, byte mode, versions 1 to 40).
///
/// 1. What is drawn is a secret: codewords and modules lie in memory that wipes itself.
/// 2. Text that is not ASCII is marked as UTF-8 (ECI 26), so that a reader need not guess.
/// 3. The smallest version that holds the content is taken, and the mask with the lowest penalty.
struct QRCode: Sendable {
    /// How much of the code may be lost: about 15 or 25 per cent.
    enum Correction: Int, Sendable, CaseIterable {
        case medium, quartile

        /// The two bits that the format information has for it.
        fileprivate var formatBits: Int { self == .medium ? 0 : 3 }
    }

    /// From 1 to 40.
    let version: Int
    /// Modules on each side: 21 to 177.
    let size: Int
    /// Number of the mask, 0 to 7.
    let mask: Int
    private let modules: SecretBytes

    /// Whether the module in column `x` and row `y`, counted from 0 at the top left, is dark.
    func isDark(_ x: Int, _ y: Int) -> Bool { modules.withUnsafeBytes { $0[y * size + x] != 0 } }

    /// The code; nil when the content does not fit the largest of `versions`.
    init?(_ content: SecretBytes, _ correction: Correction = .quartile, versions: ClosedRange<Int> = 1...40) {
        let isASCII = content.withUnsafeBytes { $0.allSatisfy { $0 < 0x80 } }
        let fitting = versions.first { version in
            QRLayout(version, correction).dataCount * 8 >= QRCodewords.bitCount(content.count, isASCII, version)
        }
        guard let fitting else { return nil }
        let layout = QRLayout(fitting, correction)
        let codewords = QRCodewords.interleaved(content, isASCII: isASCII, layout)
        var best = 0
        modules = SecretBytes(count: layout.size * layout.size) { buffer in
            var drawing = QRDrawing(layout, buffer)
            drawing.drawPatterns()
            drawing.drawCodewords(codewords)
            best = drawing.lowestMask { mask in correction.formatBits << 3 | mask }
            drawing.apply(mask: best)
            drawing.drawFormat(correction.formatBits << 3 | best)
        }
        (version, size, mask) = (fitting, layout.size, best)
    }

    /// Light modules that a reader needs on every side.
    static let quietZone = 4

    /// Draws the code as one SVG element, black on white, `millimetres` wide with its quiet zone.
    func addSVG(to text: SecretText, millimetres: Int, title: String) {
        let side = size + 2 * Self.quietZone
        text.add(
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(millimetres)mm" height="\(millimetres)mm" \
            viewBox="0 0 \(side) \(side)" shape-rendering="crispEdges" role="img"><title>
            """)
        text.addEscaped(title)
        text.add("</title><rect width=\"\(side)\" height=\"\(side)\" fill=\"#fff\"/><path fill=\"#000\" d=\"")
        for y in 0..<size {
            var x = 0
            while x < size {
                let start = x
                while x < size, isDark(x, y) { x += 1 }
                if x > start { Self.addRun(to: text, start + Self.quietZone, y + Self.quietZone, length: x - start) }
                x += 1
            }
        }
        text.add("\"/></svg>\n")
    }

    /// A bar of dark modules. Where they are is the secret.
    private static func addRun(to text: SecretText, _ x: Int, _ y: Int, length: Int) {
        text.add("M")
        text.add(x)
        text.add(" ")
        text.add(y)
        text.add("h")
        text.add(length)
        text.add("v1h-")
        text.add(length)
        text.add("z")
    }
}

/// Sizes of one version at one level of correction (ISO/IEC 18004:2015, tables 1, 9 and E.1).
struct QRLayout {
    let version: Int
    let size: Int
    /// Codewords of data and correction together.
    let codewordCount: Int
    let blockCount: Int
    /// Codewords of correction in each block.
    let correctionCount: Int

    private static let correctionCounts: [[Int]] = [
        [
            10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28,
            28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        ],
        [
            13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30,
            30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
        ],
    ]
    private static let blockCounts: [[Int]] = [
        [
            1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29,
            31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
        ],
        [
            1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40,
            43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
        ],
    ]

    /// - Precondition: the version is from 1 to 40.
    init(_ version: Int, _ correction: QRCode.Correction) {
        precondition((1...40).contains(version), "there are 40 versions")
        self.version = version
        size = 17 + 4 * version
        blockCount = Self.blockCounts[correction.rawValue][version - 1]
        correctionCount = Self.correctionCounts[correction.rawValue][version - 1]
        // All modules without those of the patterns.
        var count = (16 * version + 128) * version + 64
        if version >= 2 {
            let lines = version / 7 + 2
            count -= (25 * lines - 10) * lines - 55
            if version >= 7 { count -= 36 }
        }
        codewordCount = count / 8
    }

    /// Codewords of data.
    var dataCount: Int { codewordCount - blockCount * correctionCount }

    /// Rows and columns in whose crossings alignment patterns have their centre.
    var alignment: [Int] {
        guard version > 1 else { return [] }
        let count = version / 7 + 2
        let step = (version * 8 + count * 3 + 5) / (count * 4 - 4) * 2
        return [6] + (0..<count - 1).map { size - 7 - $0 * step }.reversed()
    }
}
