internal import Synchronization
internal import VaultBackup

/// Shows the events of an operation: one line that changes on a terminal, a plain line now and then elsewhere, JSON
/// lines with `--json`. Safe from any thread.
final class ProgressRenderer: EventSink {
    private struct State {
        var rate: ProgressRate
        var shownAt: UInt64
    }

    private let console: Console
    private let verb: String
    private let clock = SystemClock()
    private let startedAt: UInt64
    private let state: Mutex<State>

    /// - Parameter verb: what is done, such as `Saving`.
    init(_ console: Console, _ verb: String) {
        self.console = console
        self.verb = verb
        startedAt = clock.monotonicNanoseconds()
        state = Mutex(State(rate: ProgressRate(startedAt: startedAt), shownAt: startedAt))
    }

    func receive(_ event: Event) {
        switch event {
        case .progress(let progress): show(progress)
        case .warning(let text): console.warning(text)
        case .notice(let text): console.notice(text)
        }
    }

    /// Does some work and takes the line off the terminal, however it ends.
    func ending<R>(_ work: () throws -> R) rethrows -> R {
        defer { console.screen.clear() }
        return try work()
    }

    private var isLive: Bool { console.screen.isLive && !console.isJSON }

    /// Time between two lines. In a log, which is where plain lines go, they become rarer: ten hours make some seventy.
    private func interval(_ elapsed: UInt64) -> UInt64 {
        if console.isJSON { return 1_000_000_000 }
        return isLive ? 200_000_000 : max(30_000_000_000, elapsed / 10)
    }

    private func show(_ progress: Progress) {
        if console.isQuiet { return }
        let now = clock.monotonicNanoseconds()
        state.withLock { state in
            guard now >= state.shownAt + interval(now - startedAt) else { return }
            state.shownAt = now
            let report = state.rate.report(progress, now)
            let verb = progress.step == .verify ? "Reading back" : self.verb
            if console.isJSON {
                console.message("progress", ProgressText.json(progress, report))
            } else if isLive {
                console.screen.show { ProgressText.line(verb, progress, report, columns: $0) }
            } else {
                console.errorLine(ProgressText.line(verb, progress, report, columns: nil))
            }
        }
    }
}
