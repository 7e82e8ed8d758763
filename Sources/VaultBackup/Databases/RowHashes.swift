extension VaultError {
    fileprivate static let unknownRow = VaultError(
        .failed, "The client of the database writes a row in a way that is not known")
}

extension UnsafeRawBufferPointer {
    /// Calls `body` with pieces that hold no backslash, and with the bytes for which escapes stand. - Parameter meaning: of
    /// the byte behind a backslash; nil for none that is known.
    func withoutEscapes(_ meaning: (UInt8) -> UInt8?, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        var rest = self
        while let escape = rest.firstOffset(of: 0x5c) {
            guard escape + 1 < rest.count, let byte = meaning(rest[escape + 1]) else {
                throw VaultError.unknownRow
            }
            body(UnsafeRawBufferPointer(rebasing: rest[..<escape]))
            Swift.withUnsafeBytes(of: byte, body)
            rest = UnsafeRawBufferPointer(rebasing: rest[(escape + 2)...])
        }
        body(rest)
    }
}

/// A row of PostgreSQL: SHA-256 of its one text, in the text format of `COPY`
/// (https://www.postgresql.org/docs/current/sql-copy.html).
struct PostgresRowHash: RowHash {
    private var hash = SHA256()

    mutating func update(_ piece: UnsafeRawBufferPointer) throws {
        try piece.withoutEscapes(Self.meaning) { hash.update($0) }
    }

    mutating func finish() -> Digest { hash.finish() }

    static let isSigned = true

    private static func meaning(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x5c: 0x5c
        case 0x62: 0x08
        case 0x66: 0x0c
        case 0x6e: 0x0a
        case 0x72: 0x0d
        case 0x74: 0x09
        case 0x76: 0x0b
        default: nil
        }
    }
}

/// A row of MariaDB: SHA-256 of a list with, for each value, `,` and the digits of its SHA-256, or `-` for NULL. The client
/// writes two fields for each: `1` for NULL or `0`, and the value itself, as it does with `--batch`.
struct MariaRowHash: RowHash {
    private var row = SHA256()
    private var value = SHA256()
    /// What the flag of the value says that is being read; nil in front of it.
    private var isNull: Bool?
    private var isInValue = false

    static let isSigned = false

    mutating func update(_ piece: UnsafeRawBufferPointer) throws {
        var rest = piece
        while let end = rest.firstOffset(of: 0x09) {
            try take(UnsafeRawBufferPointer(rebasing: rest[..<end]))
            if isInValue { endValue() } else { isInValue = true }
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        try take(rest)
    }

    mutating func finish() throws -> Digest {
        guard isInValue, isNull != nil else { throw VaultError.unknownRow }
        endValue()
        return row.finish()
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) throws {
        if isInValue {
            guard let isNull else { throw VaultError.unknownRow }
            if !isNull { try bytes.withoutEscapes(Self.meaning) { value.update($0) } }
        } else {
            for byte in bytes {
                guard isNull == nil, byte == 0x30 || byte == 0x31 else { throw VaultError.unknownRow }
                isNull = byte == 0x31
            }
        }
    }

    private mutating func endValue() {
        row.update([0x2c])
        if isNull == true { row.update([0x2d]) } else { row.update(Array(value.finish().hex.utf8)) }
        value = SHA256()
        isNull = nil
        isInValue = false
    }

    private static func meaning(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x5c: 0x5c
        case 0x30: 0x00
        case 0x6e: 0x0a
        case 0x74: 0x09
        default: nil
        }
    }
}
