extension DatabaseTool {
    /// Runs it to its end, however it ends, and returns how; nil when its time was over, and it was ended. With it, in
    /// one line, the last lines of its errors, or of its output where those come there or are none.
    ///
    /// - Parameter seconds: for how long it may run.
    /// - Parameter body: gets its output, piece by piece.
    /// - Throws: ``VaultError`` when it cannot be started, or `.interrupted`.
    func run(
        seconds: Int, _ cancellation: Cancellation, _ body: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) throws -> (ending: ChildProcess.Ending?, words: String) {
        let tool = try start()
        var tail = OutputTail()
        let ending = try tool.child.ending(within: seconds, cancellation.check) { watch in
            var isOpen = true
            while isOpen {
                try tool.child.waitForOutput(watch)
                isOpen = try withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { block in
                    let count = try tool.child.read(into: block)
                    let piece = UnsafeRawBufferPointer(rebasing: block[..<count])
                    tail.take(piece)
                    body(piece)
                    return count > 0
                }
            }
        }
        return (ending, tool.lastWords.isEmpty ? tail.words : tool.lastWords)
    }
}

/// The last lines of an output of any length.
struct OutputTail {
    private var bytes: [UInt8] = []
    private static let countMax = 1_200
    private static let linesMax = 6

    /// Takes a piece of the output.
    mutating func take(_ piece: UnsafeRawBufferPointer) {
        bytes += piece.suffix(Self.countMax)
        if bytes.count > Self.countMax { bytes.removeFirst(bytes.count - Self.countMax) }
    }

    /// The last lines in one, fit to be shown.
    var words: String {
        bytes.split(separator: 0x0a).suffix(Self.linesMax).map { PathText.readable(Array($0)) }.joined(separator: "; ")
    }
}
