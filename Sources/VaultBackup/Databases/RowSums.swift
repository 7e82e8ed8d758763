/// What is noted of the rows of a table: how many there are, and two sums over halves of SHA-256 of each, so that their order
/// says nothing.
struct RowSums: Equatable {
    private(set) var rows = 0
    private var first: Int128 = 0
    private var second: Int128 = 0

    /// Adds a row by its hash.
    /// - Parameter isSigned: whether the halves are numbers with a sign.
    mutating func add(_ row: Digest, isSigned: Bool) {
        let halves = row.withUnsafeBytes { bytes in
            (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        func number(_ half: UInt64) -> Int128 {
            let value = UInt64(bigEndian: half)
            return isSigned ? Int128(Int64(bitPattern: value)) : Int128(value)
        }
        rows += 1
        first += number(halves.0)
        second += number(halves.1)
    }

    /// The digest of a table: of the three numbers in decimal digits, each but the last with a line's end.
    var digest: Digest { SHA256.digest(Array("\(rows)\n\(first)\n\(second)".utf8)) }
}

/// How the hash of a row is made of a line in which a client writes it.
protocol RowHash {
    init()
    /// Takes the next bytes of the line. No escape is cut in two.
    /// - Throws: ``VaultError`` `.failed` for what no client writes.
    mutating func update(_ piece: UnsafeRawBufferPointer) throws
    /// Ends the row.
    mutating func finish() throws -> Digest
    /// Whether the halves of a hash are numbers with a sign, as the engine has them.
    static var isSigned: Bool { get }
}

/// Cuts what a client writes into rows, and adds up their hashes, until a line of its own says that this was all. Rows may have
/// any length: a long one is hashed piece by piece.
struct RowStream<Row: RowHash> {
    private(set) var sums = RowSums()
    private let mark: [UInt8]
    /// The beginning of a line whose end has not come yet.
    private var begun: [UInt8] = []
    /// The hash of what came before that, where the line is long.
    private var long: Row?

    private static var beginningMax: Int { 256 << 10 }

    init(endingWith mark: [UInt8]) { self.mark = mark }

    /// Takes the next piece; true when the last line has come.
    mutating func take(_ piece: UnsafeRawBufferPointer) throws -> Bool {
        var rest = piece
        while let end = rest.firstOffset(of: 0x0a) {
            if try endLine(UnsafeRawBufferPointer(rebasing: rest[..<end])) { return true }
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        begun += rest
        if begun.count > Self.beginningMax { try shorten() }
        return false
    }

    /// Takes the end of a line.
    private mutating func endLine(_ piece: UnsafeRawBufferPointer) throws -> Bool {
        if begun.isEmpty, long == nil { return try add(piece) }
        begun += piece
        defer { begun.removeAll(keepingCapacity: true) }
        guard var row = long else { return try begun.withUnsafeBytes { try add($0) } }
        long = nil
        try begun.withUnsafeBytes { try row.update($0) }
        sums.add(try row.finish(), isSigned: Row.isSigned)
        return false
    }

    private mutating func add(_ line: UnsafeRawBufferPointer) throws -> Bool {
        if line.count == mark.count, line.elementsEqual(mark) { return true }
        var row = Row()
        try row.update(line)
        sums.add(try row.finish(), isSigned: Row.isSigned)
        return false
    }

    /// Hashes the beginning of a long line, all of it but half an escape.
    private mutating func shorten() throws {
        let backslashes = begun.reversed().prefix { $0 == 0x5c }.count
        let kept = backslashes % 2
        var row = long ?? Row()
        try begun.withUnsafeBytes { try row.update(UnsafeRawBufferPointer(rebasing: $0.dropLast(kept))) }
        long = row
        begun.removeFirst(begun.count - kept)
    }
}
