internal import Synchronization

/// A client program of a database that stays connected and is asked one statement after the other, so that a transaction
/// can be held open while other programs work.
///
/// 1. Rows come as lines, fields between separators; text that may hold either is asked for in hexadecimal digits.
/// 2. A statement that fails ends the program, and every later call throws.
/// 3. A program that neither answers nor ends is ended by us, after a time in which nothing at all came from it.
final class SQLSession: Sendable {
    private let tool: RunningTool
    private let separator: UInt8
    private let mark: [UInt8]
    private let buffered = Mutex<[UInt8]>([])
    private let hasAnswered = Mutex(false)

    /// - Parameter tool: a client that reads statements from its input, writes rows without headings, and ends at the first
    ///   error. - Parameter separator: what stands between fields.
    init(_ tool: DatabaseTool, separator: Character) throws {
        var tool = tool
        tool.hasInput = true
        self.tool = try tool.start()
        self.separator = separator.asciiValue ?? 0x7c
        mark = Array("vault-end-\(UInt64.random(in: .min ... .max))".utf8)
    }

    /// Runs statements, each ended by a semicolon, and returns the rows of all of them.
    /// - Throws: ``VaultError`` when the program has ended, with its last words.
    @discardableResult
    func rows(_ statements: [UInt8], _ cancellation: Cancellation) throws -> [[[UInt8]]] {
        try connect(cancellation)
        return try ask(statements, patience.answer, cancellation)
    }

    /// Runs a statement whose rows are many, and adds up their hashes.
    /// - Throws: ``VaultError`` when the program has ended, with its last words, or writes rows otherwise than it should.
    func sums<Row: RowHash>(
        _ statement: [UInt8], _ hash: Row.Type, _ cancellation: Cancellation
    ) throws -> RowSums {
        try connect(cancellation)
        try begin(statement, patience.answer, cancellation)
        var rows = RowStream<Row>(endingWith: mark)
        let before = buffered.withLock { buffered in
            defer { buffered = [] }
            return buffered
        }
        var isOver = try before.withUnsafeBytes { try rows.take($0) }
        try withUnsafeTemporaryAllocation(byteCount: Self.blockBytes, alignment: 16) { block in
            while !isOver {
                let count = try next(into: block, patience.answer, cancellation)
                if count == 0 { throw ended() }
                isOver = try rows.take(UnsafeRawBufferPointer(rebasing: block[..<count]))
                if !isOver { tool.child.gather(after: count) }
            }
        }
        return rows.sums
    }

    private static let blockBytes = 256 << 10

    private func connect(_ cancellation: Cancellation) throws {
        // Connecting takes seconds, and a server that does not even do that is not worth the patience of a query.
        guard hasAnswered.withLock({ !$0 }) else { return }
        _ = try ask([], patience.start, cancellation)
        hasAnswered.withLock { $0 = true }
    }

    private func begin(_ statements: [UInt8], _ seconds: Int, _ cancellation: Cancellation) throws {
        let text = statements + Array("\nSELECT '".utf8) + mark + Array("';\n".utf8)
        do {
            try text.withUnsafeBytes { try tool.child.write($0, waiting(seconds, cancellation)) }
        } catch is SystemError { throw ended() }
    }

    private func ask(_ statements: [UInt8], _ seconds: Int, _ cancellation: Cancellation) throws -> [[[UInt8]]] {
        try begin(statements, seconds, cancellation)
        var rows: [[[UInt8]]] = []
        while true {
            let line = try line(seconds, cancellation)
            if line == mark { return rows }
            rows.append(line.split(separator: separator, omittingEmptySubsequences: false).map(Array.init))
        }
    }

    /// The same for a statement that is text.
    @discardableResult
    func rows(_ statements: String, _ cancellation: Cancellation) throws -> [[[UInt8]]] {
        try rows(Array(statements.utf8), cancellation)
    }

    /// Writes to the input of the program without waiting for an answer.
    func send(_ text: String) throws {
        do {
            try Array(text.utf8).withUnsafeBytes { try tool.child.write($0, waiting(patience.answer, Cancellation())) }
        } catch is SystemError { throw ended() }
    }

    /// Fills the buffer with what comes after the rows that were read; fewer bytes mean that the program has ended.
    func readRest(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        let count = buffered.withLock { buffered in
            let count = min(buffered.count, buffer.count)
            buffer.copyBytes(from: buffered[..<count])
            buffered.removeFirst(count)
            return count
        }
        var done = count
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let more = try next(into: rest, patience.answer, cancellation)
            if more == 0 { break }
            done += more
        }
        return done
    }

    /// Ends the program.
    /// - Throws: ``VaultError`` unless it ends with exit status 0.
    func close() throws {
        tool.child.closeInput()
        // What it still says is no row, and it must not wait for somebody to read it.
        var isOver = false
        while !isOver {
            isOver = try withUnsafeTemporaryAllocation(byteCount: 4 << 10, alignment: 16) { block in
                try next(into: block, patience.answer, Cancellation()) == 0
            }
        }
        try tool.confirm(Cancellation())
    }

    // MARK: Waiting

    private var patience: Patience { tool.patience }

    private func waiting(_ seconds: Int, _ cancellation: Cancellation) -> () throws -> Void {
        tool.waiting(seconds, isConnected: hasAnswered.withLock { $0 }, cancellation)
    }

    /// Reads what there is as soon as there is something; 0 at the end.
    private func next(
        into buffer: UnsafeMutableRawBufferPointer, _ seconds: Int, _ cancellation: Cancellation
    ) throws -> Int {
        try tool.child.waitForOutput(waiting(seconds, cancellation))
        return try tool.child.read(into: buffer)
    }

    private func line(_ seconds: Int, _ cancellation: Cancellation) throws -> [UInt8] {
        try buffered.withLock { buffered in
            while true {
                if let end = buffered.firstIndex(of: 0x0a) {
                    let line = Array(buffered[..<end])
                    buffered.removeSubrange(...end)
                    return line
                }
                let count = try withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { block in
                    let count = try next(into: block, seconds, cancellation)
                    buffered += block[..<count]
                    return count
                }
                if count == 0 { throw ended() }
            }
        }
    }

    private func ended() -> VaultError {
        tool.child.closeInput()
        let ending = try? tool.ending(Cancellation())
        return tool.failure(ending == .exited(0) ? nil : ending, "\(tool.name) ended too early")
    }
}

extension [UInt8] {
    /// Text in a field of a row.
    var text: String { String(decoding: self, as: UTF8.self) }
}
