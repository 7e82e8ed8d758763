internal import Synchronization
internal import VaultBackup

/// Output and errors of the process, and the one line at the bottom of a terminal that changes. Safe from any thread.
///
/// 1. Nothing else is written onto the changing line: it is taken away first.
/// 2. The line never wraps: it is cut to the terminal's width as it is now, and the terminal is told not to wrap it,
///    for the case that the two do not agree on the width of a character or the terminal becomes narrower.
final class Screen: Sendable {
    /// Whether there may be a changing line: errors go to a terminal that can move its cursor.
    let isLive: Bool
    private let isOutputHere: Bool
    private let isLineShown = Mutex(false)

    private static let wrapOff = "\u{1b}[?7l"
    private static let wrapOn = "\u{1b}[?7h"
    private static let eraseToEnd = "\u{1b}[K"

    /// - Parameter isDumb: whether the terminal, if there is one, cannot move its cursor.
    init(isDumb: Bool) {
        isLive = Terminal.isTerminal(2) && !isDumb
        isOutputHere = isLive && Terminal.isTerminal(1)
    }

    /// Writes results. Throws what the system reports.
    func write(_ bytes: [UInt8]) throws(SystemError) {
        try isLineShown.withLock { (isShown) throws(SystemError) in
            if isOutputHere { Self.erase(&isShown) }
            try StandardStreams.write(bytes, to: .output)
        }
    }

    /// Whether results are read by somebody as they come.
    var isOutputTerminal: Bool { Terminal.isTerminal(1) }

    /// Writes text to the errors. There is nobody to tell when that fails.
    func writeErrors(_ text: String) {
        isLineShown.withLock { isShown in
            Self.erase(&isShown)
            try? StandardStreams.write(Array(text.utf8), to: .errors)
        }
    }

    /// Shows the changing line, in place of what it was. `text` gets the columns there are.
    func show(_ text: (_ columns: Int) -> String) {
        // The last column stays free: writing into it makes some terminals wrap.
        let columns = max(0, (Terminal.width(2) ?? 80) - 1)
        let line = TextWidth.prefix(text(columns), columns)
        isLineShown.withLock { isShown in
            let sequence = "\r" + Self.wrapOff + line + Self.eraseToEnd + Self.wrapOn
            try? StandardStreams.write(Array(sequence.utf8), to: .errors)
            isShown = true
        }
    }

    /// Takes the changing line away.
    func clear() { isLineShown.withLock { Self.erase(&$0) } }

    private static func erase(_ isShown: inout Bool) {
        if isShown { try? StandardStreams.write(Array(("\r" + eraseToEnd).utf8), to: .errors) }
        isShown = false
    }
}
