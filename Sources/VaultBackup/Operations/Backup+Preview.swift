/// What a backup would do.
public struct BackupPreview: Sendable {
    /// Entries that the snapshot would have.
    public var entries: Int
    /// Entries that would be left out by rules; what is in a directory that is left out does not count.
    public var leftOut: Int
    /// Bytes of content in the snapshot.
    public var bytes: Int
    /// Bytes of content that are not in the repository yet.
    public var newBytes: Int
    /// What would be missing or not exact.
    public var problems: [Problem]
    /// How many problems there are; the list is bounded.
    public var problemCount: Int
    /// How long it took, in nanoseconds.
    public var nanoseconds: UInt64
}

extension Backup {
    /// Does all that ``run(_:with:events:cancellation:)`` does, but stores nothing, and keeps nothing for the next run.
    /// Files that are not known to be unchanged are read, since only their content tells what is new.
    ///
    /// - Throws: ``VaultError``; `.usage` for a stream, which can be read only once.
    public static func preview(
        _ request: BackupRequest, with access: WriteAccess, events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation()
    ) throws -> BackupPreview {
        guard request.streams.isEmpty else {
            throw VaultError(
                .usage, "A stream cannot be tried without storing it", nextStep: "Name files or directories")
        }
        let clock = access.repository.clock
        let startedAt = clock.monotonicNanoseconds()
        let sources = try sources(of: request)
        try access.repository.log.refresh()
        let outcome = try prepare(request, access, nil, sources, events, cancellation).run(sources, streams: [])
        return BackupPreview(
            entries: outcome.progress.entries, leftOut: outcome.leftOut, bytes: outcome.progress.bytes,
            newBytes: outcome.newBytes, problems: outcome.problems, problemCount: outcome.problemCount,
            nanoseconds: clock.monotonicNanoseconds() - startedAt)
    }
}
