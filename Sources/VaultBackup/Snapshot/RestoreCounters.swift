internal import Synchronization

/// How far a restore is. Safe from any thread.
final class RestoreCounters: Sendable {
    private let entries = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let totalEntries = Atomic<Int>(0)
    private let totalBytes = Atomic<Int>(0)
    private let events: any EventSink

    init(events: any EventSink) { self.events = events }

    /// Says how much there is to do; called again when more becomes known.
    func setTotals(entries: Int, bytes: Int) {
        totalEntries.store(entries, ordering: .relaxed)
        totalBytes.store(bytes, ordering: .relaxed)
    }

    /// Adds entries that are done, and their bytes.
    func add(entries newEntries: Int, bytes count: Int) {
        entries.add(newEntries, ordering: .relaxed)
        // Only for the eye, so that sizes which nothing can have must not end the restore.
        bytes.wrappingAdd(count, ordering: .relaxed)
        var progress = Progress()
        progress.entries = entries.load(ordering: .relaxed)
        progress.bytes = bytes.load(ordering: .relaxed)
        progress.totalEntries = totalEntries.load(ordering: .relaxed)
        progress.totalBytes = totalBytes.load(ordering: .relaxed)
        events.receive(.progress(progress))
    }
}
