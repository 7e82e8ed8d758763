/// How old the newest data had become before each backup: since the one before it began, until this one ended. What was
/// achieved as RPO is measured so, for a status and for a report.
enum BackupGaps {
    /// Calls `body` for each backup but the first, with when it ended and the gap in seconds, never negative.
    ///
    /// - Parameter backups: beginning and end of each, in the order of the log.
    static func each(
        _ backups: some Sequence<(Timestamp, Timestamp)>, _ body: (_ end: Timestamp, _ seconds: Int) -> Void
    ) {
        var last: Timestamp?
        for (started, finished) in backups {
            if let last { body(finished, max(0, Amounts.seconds(from: last, to: finished))) }
            last = max(last ?? started, started)
        }
    }
}
