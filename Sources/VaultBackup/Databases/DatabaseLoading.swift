/// What loading a dump has in common.
enum DatabaseLoading {
    /// Says of what a failure is: a dump that cannot be loaded is one that does not restore. Where it was ended for its
    /// silence nobody knows, and the failure stays one without a code of its own.
    static func explain<R>(_ subject: String, _ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as VaultError where error.code == .failed {
            let cause = (error.cause as? VaultError).map { "\(error.message): \($0.message)" } ?? error.message
            throw VaultError(
                Silence.isReason(of: error) ? .failed : .drillFailed, "The dump of \(subject) cannot be loaded",
                nextStep: Silence.nextStep(
                    after: error, or: "See what the database says, and try another snapshot of 'vault snapshots'"),
                cause: VaultError(.failed, cause))
        }
    }
}

/// The queries by which an engine looks at a database.
protocol CaptureQueries {
    /// Statements that begin the transaction.
    static var begin: String { get }
    init(session: SQLSession, cancellation: Cancellation)
    /// Fills in version, facts, and unless told otherwise structure and tables.
    func fill(_ capture: inout DatabaseCapture, withContent: Bool) throws
}

extension CaptureQueries {
    /// What the database `name` has that was restored from the dump of `noted`. Ends the session.
    static func found(
        _ noted: DatabaseCapture, as name: [UInt8], by session: SQLSession, _ cancellation: Cancellation
    ) throws -> DatabaseCapture {
        var found = DatabaseCapture(engine: noted.engine, name: name, file: noted.file)
        try session.rows(begin, cancellation)
        try Self(session: session, cancellation: cancellation).fill(&found, withContent: true)
        try session.close()
        return found
    }
}

/// Cuts a script into its lines, of which none may be endless: whoever wrote it is not known.
struct ScriptLines {
    private static let byteCountMax = 16 << 20
    private var rest: [UInt8] = []

    /// Takes a piece of the script, and returns the lines that end in it, without their ends.
    /// - Throws: ``VaultError`` when a line has more than 16 MiB.
    mutating func take(_ piece: UnsafeRawBufferPointer) throws -> [[UInt8]] {
        guard rest.count + (piece.firstIndex(of: 0x0a) ?? piece.count) <= Self.byteCountMax else {
            throw VaultError(.failed, "A line of the script has more than \(Self.byteCountMax >> 20) MiB")
        }
        guard let end = piece.lastIndex(of: 0x0a) else {
            rest += piece
            return []
        }
        let whole = rest + piece[..<end]
        rest = Array(piece[(end + 1)...])
        return whole.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
    }

    /// The last line, which has no end.
    mutating func last() -> [UInt8] {
        defer { rest = [] }
        return rest
    }
}

/// Passes on the lines of a script that a condition allows.
final class StatementFilter {
    private let isWanted: ([UInt8]) -> Bool
    private var lines = ScriptLines()

    init(_ isWanted: @escaping ([UInt8]) -> Bool) { self.isWanted = isWanted }

    /// Takes a piece of the script.
    func pass(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try write(lines.take(bytes), body)
    }

    /// Takes the last line.
    func end(_ body: (UnsafeRawBufferPointer) throws -> Void) throws { try write([lines.last()], body) }

    private func write(_ lines: [[UInt8]], _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var kept: [UInt8] = []
        for line in lines where isWanted(line) { kept += line + [0x0a] }
        try kept.withUnsafeBytes { try body($0) }
    }
}

extension [UInt8] {
    /// Whether it begins with one text and has another one in it.
    func starts(with start: [UInt8], and part: String) -> Bool {
        starts(with: start) && String(decoding: self, as: UTF8.self).contains(part)
    }
}
