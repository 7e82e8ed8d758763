/// What a mistyped word was meant to be.
public enum NearWord {
    /// No word that somebody means is longer; the work grows with its length.
    static let byteCountMax = 64

    /// The candidate that is nearest to `word`, if it is near enough to be meant; nil for a word of more than 64 bytes.
    public static func find(_ word: String, _ candidates: [String]) -> String? {
        guard word.utf8.count <= byteCountMax else { return nil }
        let begun = candidates.filter { $0.hasPrefix(word) }
        if word.count > 1, begun.count == 1 { return begun[0] }
        let near = candidates.map { ($0, distance(Array(word), Array($0))) }.min { $0.1 < $1.1 }
        guard let near, near.1 <= max(1, word.count / 3) else { return nil }
        return near.0
    }

    /// Letters to be changed, added, removed or exchanged with their neighbour (optimal string alignment).
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
