/// The modules of a QR code while it is drawn, one byte each, 1 for dark (ISO/IEC 18004:2015, 6.3 and 7.7 to 7.10).
struct QRDrawing {
    private let layout: QRLayout
    private let size: Int
    private let modules: UnsafeMutableRawBufferPointer
    /// Modules that carry no data; these are the same for every content.
    private var isPattern: [Bool]

    /// - Precondition: `modules` is zero and has a byte for each module.
    init(_ layout: QRLayout, _ modules: UnsafeMutableRawBufferPointer) {
        precondition(modules.count == layout.size * layout.size, "one byte for each module")
        self.layout = layout
        self.modules = modules
        size = layout.size
        isPattern = Array(repeating: false, count: modules.count)
    }

    private mutating func set(_ x: Int, _ y: Int, _ isDark: Bool) {
        modules[y * size + x] = isDark ? 1 : 0
        isPattern[y * size + x] = true
    }

    /// Draws everything but data, and keeps the place of the format.
    mutating func drawPatterns() {
        for k in 0..<size {
            set(6, k, k % 2 == 0)
            set(k, 6, k % 2 == 0)
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] { drawFinder(x, y) }
        let centres = layout.alignment
        for y in centres {
            for x in centres {
                // Three of the corners have a finder.
                let isCorner = (x == 6 && y == 6) || (x == 6 && y == size - 7) || (x == size - 7 && y == 6)
                if !isCorner { drawAlignment(x, y) }
            }
        }
        drawFormat(0)
        drawVersion()
    }

    private mutating func drawFinder(_ x: Int, _ y: Int) {
        for dy in -4...4 {
            for dx in -4...4 where (0..<size).contains(x + dx) && (0..<size).contains(y + dy) {
                let distance = max(abs(dx), abs(dy))
                set(x + dx, y + dy, distance != 2 && distance != 4)
            }
        }
    }

    private mutating func drawAlignment(_ x: Int, _ y: Int) {
        for dy in -2...2 {
            for dx in -2...2 { set(x + dx, y + dy, max(abs(dx), abs(dy)) != 1) }
        }
    }

    /// Draws the five bits of correction and mask, protected, in their two places.
    mutating func drawFormat(_ data: Int) {
        var rest = data
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (data << 10 | rest) ^ 0x5412
        func bit(_ k: Int) -> Bool { bits >> k & 1 != 0 }
        for k in 0...5 { set(8, k, bit(k)) }
        set(8, 7, bit(6))
        set(8, 8, bit(7))
        set(7, 8, bit(8))
        for k in 9..<15 { set(14 - k, 8, bit(k)) }
        for k in 0..<8 { set(size - 1 - k, 8, bit(k)) }
        for k in 8..<15 { set(8, size - 15 + k, bit(k)) }
        set(8, size - 8, true)
    }

    private mutating func drawVersion() {
        guard layout.version >= 7 else { return }
        var rest = layout.version
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1f25 }
        let bits = layout.version << 12 | rest
        for k in 0..<18 {
            let (a, b) = (size - 11 + k % 3, k / 3)
            set(a, b, bits >> k & 1 != 0)
            set(b, a, bits >> k & 1 != 0)
        }
    }

    /// Draws the codewords in columns of two, from the right, upwards and downwards in turn.
    func drawCodewords(_ codewords: SecretBytes) {
        codewords.withUnsafeBytes { codewords in
            var position = 0
            for pair in stride(from: size - 1, through: 1, by: -2) {
                // The column of the timing pattern is left out.
                let right = pair <= 6 ? pair - 1 : pair
                let isUpwards = (right + 1) & 2 == 0
                for step in 0..<size {
                    let y = isUpwards ? size - 1 - step : step
                    for x in [right, right - 1] where !isPattern[y * size + x] && position < codewords.count * 8 {
                        modules[y * size + x] = codewords[position / 8] >> UInt8(7 - position % 8) & 1
                        position += 1
                    }
                }
            }
        }
    }

    /// Inverts the data modules that a mask names. Twice is as before.
    func apply(mask: Int) {
        for y in 0..<size {
            for x in 0..<size where !isPattern[y * size + x] && Self.isMasked(mask, x, y) { modules[y * size + x] ^= 1 }
        }
    }

    private static func isMasked(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
        switch mask {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: x * y % 2 + x * y % 3 == 0
        case 6: (x * y % 2 + x * y % 3) % 2 == 0
        default: ((x + y) % 2 + x * y % 3) % 2 == 0
        }
    }

    /// The mask with the lowest penalty. The data is left as it was.
    mutating func lowestMask(format: (Int) -> Int) -> Int {
        var best = (mask: 0, penalty: Int.max)
        for mask in 0..<8 {
            apply(mask: mask)
            drawFormat(format(mask))
            let penalty = penalty
            if penalty < best.penalty { best = (mask, penalty) }
            apply(mask: mask)
        }
        return best.mask
    }

    /// How hard the drawing is to read (7.8.3): runs, blocks, what looks like a finder, and too much of one colour.
    private var penalty: Int {
        var result = 0
        for line in 0..<size {
            result += linePenalty { modules[line * size + $0] } + linePenalty { modules[$0 * size + line] }
        }
        for y in 0..<size - 1 {
            for x in 0..<size - 1 {
                let start = y * size + x
                let sum =
                    modules[start] + modules[start + 1] + modules[start + size] + modules[start + size + 1]
                if sum == 0 || sum == 4 { result += 3 }
            }
        }
        let dark = modules.reduce(0) { $0 + Int($1) }
        return result + abs(dark * 20 - modules.count * 10) / modules.count * 10
    }

    private func linePenalty(_ module: (Int) -> UInt8) -> Int {
        var result = 0
        var run = 0
        var window = 0
        for k in 0..<size {
            run = k > 0 && module(k) == module(k - 1) ? run + 1 : 1
            if run == 5 { result += 3 } else if run > 5 { result += 1 }
            window = (window << 1 | Int(module(k))) & 0x7ff
            if k >= 10, window == 0b000_0101_1101 || window == 0b101_1101_0000 { result += 40 }
        }
        return result
    }
}
