/// The seed in rows for typing (`docs/FORMAT.md`, section 5): each has check letters of its own, so that a mistake is
/// found in the row where it was made.
extension RecoveryKit {
    /// Rows of a seed.
    public static let rowCount = 7
    private static let rowLength = 8
    private static let checkLength = 2

    /// The rows: two groups of four characters, a blank, two check letters.
    public var rows: [SecretBytes] {
        let characters = characters
        return (0..<Self.rowCount).map { row in
            let part = characters.slice(row * Self.rowLength..<(row + 1) * Self.rowLength)
            return .concatenate([
                part.slice(0..<4), SecretBytes([0x2d]), part.slice(4..<8), SecretBytes([0x20]),
                Self.check(row + 1, part),
            ])
        }
    }

    /// Reads a row; returns its eight characters. Without its check letters, where they cannot be read any more, it is
    /// taken as it is.
    ///
    /// Throws when the number of characters, a character or the check letters are wrong. - Precondition: `number` is
    /// that of a row, from 1.
    public static func row(_ number: Int, typed: SecretBytes) throws(FormatError) -> SecretBytes {
        precondition((1...rowCount).contains(number), "there is no such row")
        let typed = try WrittenSecret.characters(of: typed, "row \(number)")
        if typed.count == rowLength { return typed }
        guard typed.count == rowLength + checkLength else {
            throw FormatError("row \(number): \(typed.count) letters and digits instead of 10")
        }
        let part = typed.slice(0..<rowLength)
        guard typed.slice(rowLength..<typed.count).isEqual(to: check(number, part)) else {
            throw FormatError(
                "row \(number): the check letters are wrong, so a character of this row is mistyped, or it is another row"
            )
        }
        return part
    }

    /// The kit of all rows, as ``row(_:typed:)`` returns them. Throws when the checksum of the whole is wrong.
    public init(rows: [SecretBytes]) throws(FormatError) { try self.init(typed: .concatenate(rows)) }

    /// The first ten bits of a hash over number and characters, as two characters of base32.
    private static func check(_ number: Int, _ part: SecretBytes) -> SecretBytes {
        let digest = hash("kit/row", [SecretBytes([UInt8(number)]), part])
        return SecretBase32.encode(digest.slice(0..<5)).slice(0..<checkLength)
    }
}
