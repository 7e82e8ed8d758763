internal import VaultBackup

/// How fast the work goes now, and how long the rest takes. Pure: the time comes in.
///
/// Now means the last fifteen seconds: an average over all of a backup says nothing when its first half was unchanged
/// files. Work is counted in bytes, and an entry counts as much as some bytes, so that trees of many small files, or of
/// none with content, have an estimate too.
struct ProgressRate {
    private struct Sample {
        var time: UInt64
        var progress: Progress
    }

    /// Bytes that take about as long as one entry does beside its content.
    static let entryBytes = 16.0 * 1024
    private static let window: UInt64 = 15_000_000_000
    private static let spacing: UInt64 = 250_000_000
    private static let silence: UInt64 = 3_000_000_000

    private let startedAt: UInt64
    private var stepStartedAt: UInt64
    private var samples: [Sample] = []

    init(startedAt: UInt64) {
        self.startedAt = startedAt
        stepStartedAt = startedAt
    }

    /// What can be said now.
    struct Report: Equatable {
        /// Since the start of the command.
        var elapsed: UInt64
        /// Of the last seconds; nil when it is too early to say.
        var bytesPerSecond: Double?
        /// From 0 to 1; nil when the total is not known or was wrong.
        var fraction: Double?
        /// Nil when it cannot be told.
        var nanosecondsLeft: UInt64?
    }

    /// Takes the counters as they are at `now`.
    mutating func report(_ progress: Progress, _ now: UInt64) -> Report {
        if let last = samples.last?.progress,
            last.step != progress.step || last.unit != progress.unit || last.entries > progress.entries
        {
            samples = []
            stepStartedAt = now
        }
        if samples.last.map({ now >= $0.time + Self.spacing }) ?? true {
            samples.append(Sample(time: now, progress: progress))
            while samples.count > 2, samples[1].time + Self.window <= now { samples.removeFirst() }
        }
        var report = Report(elapsed: now - startedAt)
        let total = Self.total(progress)
        let done = Self.work(progress)
        if let total, total > 0, done <= total { report.fraction = done / total }
        // The start of the window; the very first moments count from zero.
        let first = samples.first ?? Sample(time: stepStartedAt, progress: Progress())
        let start = first.time == now ? Sample(time: stepStartedAt, progress: Progress()) : first
        let seconds = Double(now - start.time) / 1e9
        guard seconds >= 0.2 else { return report }
        report.bytesPerSecond = Double(max(0, progress.bytes - start.progress.bytes)) / seconds
        let speed = (done - Self.work(start.progress)) / seconds
        if report.fraction != nil, let total, now - stepStartedAt >= Self.silence, speed > 0 {
            report.nanosecondsLeft = UInt64(min((total - done) / speed, 1e9) * 1e9)
        }
        return report
    }

    private static func work(_ progress: Progress) -> Double {
        Double(progress.bytes) + Double(progress.entries) * entryBytes
    }

    private static func total(_ progress: Progress) -> Double? {
        guard progress.totalBytes != nil || progress.totalEntries != nil else { return nil }
        return Double(progress.totalBytes ?? 0) + Double(progress.totalEntries ?? 0) * entryBytes
    }
}
