internal import Synchronization
internal import VaultBackup

/// Shows the events of an operation: one line that changes on a terminal, a plain line now and then elsewhere, JSON
/// lines with `--json`. Safe from any thread.
final class ProgressRenderer: EventSink {
    private struct State {
        var shownAt: UInt64
        var isLineShown = false
    }

    private let console: Console
    private let verb: String
    private let clock = SystemClock()
    private let startedAt: UInt64
    private let state: Mutex<State>
    private let interval: UInt64

    /// - Parameter verb: what is done, such as `Saving`.
    init(_ console: Console, _ verb: String) {
        self.console = console
        self.verb = verb
        startedAt = clock.monotonicNanoseconds()
        state = Mutex(State(shownAt: startedAt))
        interval = console.isJSON ? 1_000_000_000 : console.isTerminal ? 200_000_000 : 30_000_000_000
    }

    func receive(_ event: Event) {
        switch event {
        case .progress(let progress): show(progress)
        case .warning(let text): aside { console.warning(text) }
        case .notice(let text): aside { console.notice(text) }
        }
    }

    /// Takes the line off the terminal.
    func end() { aside {} }

    /// Does some work and takes the line off the terminal, however it ends.
    func ending<R>(_ work: () throws -> R) rethrows -> R {
        defer { end() }
        return try work()
    }

    private var isLive: Bool { console.isTerminal && !console.isJSON }

    private func aside(_ write: () -> Void) {
        state.withLock { state in
            if state.isLineShown { console.errorText("\r\u{1b}[K") }
            state.isLineShown = false
            write()
        }
    }

    private func show(_ progress: Progress) {
        if console.isQuiet { return }
        let now = clock.monotonicNanoseconds()
        state.withLock { state in
            guard now >= state.shownAt + interval else { return }
            state.shownAt = now
            if console.isJSON {
                console.errorLine(json(progress, now).text)
            } else if isLive {
                let width = (Terminal.width(2) ?? 80) - 1
                console.errorText("\r" + text(progress, now).prefix(width) + "\u{1b}[K")
                state.isLineShown = true
            } else {
                console.errorLine(text(progress, now))
            }
        }
    }

    private func text(_ progress: Progress, _ now: UInt64) -> String {
        let elapsed = now - startedAt
        var parts = ["\(verb) \(Units.duration(elapsed))"]
        var amount = Units.bytes(progress.bytes)
        if let total = progress.totalBytes, total > 0 {
            parts.append("\(min(100, Int(Double(progress.bytes) / Double(total) * 100))) %")
            amount += " of \(Units.bytes(total))"
        }
        parts.append(amount)
        if let rate = Units.rate(progress.bytes, elapsed) { parts.append(rate) }
        if let left = left(progress, elapsed) { parts.append("\(Units.duration(left)) left") }
        parts.append(Units.count(progress.entries, "entry", "entries"))
        if progress.storedBytes > 0 { parts.append("stored \(Units.bytes(progress.storedBytes))") }
        return parts.joined(separator: ", ")
    }

    /// Time that is left at the speed so far; nil while it cannot be told.
    private func left(_ progress: Progress, _ elapsed: UInt64) -> UInt64? {
        guard let total = progress.totalBytes, progress.bytes > 0, progress.bytes < total, elapsed > 2_000_000_000
        else {
            return nil
        }
        return UInt64(Double(elapsed) * Double(total - progress.bytes) / Double(progress.bytes))
    }

    private func json(_ progress: Progress, _ now: UInt64) -> JSON {
        var members: [(name: String, value: JSON)] = [
            ("schema", .string("vault/progress/v1")), ("entries", .integer(progress.entries)),
            ("bytes", .integer(progress.bytes)), ("storedBytes", .integer(progress.storedBytes)),
            ("seconds", .number(Double(now - startedAt) / 1e9)),
        ]
        if let total = progress.totalEntries { members.append(("totalEntries", .integer(total))) }
        if let total = progress.totalBytes { members.append(("totalBytes", .integer(total))) }
        return .object(members)
    }
}
