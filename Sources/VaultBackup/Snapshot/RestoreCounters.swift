internal import Synchronization

/// How far a restore is. Safe from any thread.
final class RestoreCounters: Sendable {
    private let entries = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let totalEntries = Atomic<Int>(0)
    private let totalBytes = Atomic<Int>(0)
    private let areTotalsKnown = Atomic<Bool>(false)
    private let current = CurrentPath()
    private let step: Progress.Step
    private let events: any EventSink

    init(events: any EventSink, step: Progress.Step = .work) {
        self.events = events
        self.step = step
    }

    /// Says how much there is to do in all.
    func setTotals(entries: Int, bytes: Int) {
        totalEntries.store(entries, ordering: .relaxed)
        totalBytes.store(bytes, ordering: .relaxed)
        areTotalsKnown.store(true, ordering: .releasing)
    }

    /// Notes a file that is being written or read.
    func note(path: () -> [UInt8]) { current.note(size: 0, path) }

    /// Adds entries that are done, and their bytes.
    func add(entries newEntries: Int, bytes count: Int) {
        entries.add(newEntries, ordering: .relaxed)
        // Only for the eye, so that sizes which nothing can have must not end the restore.
        bytes.wrappingAdd(count, ordering: .relaxed)
        var progress = Progress()
        progress.entries = entries.load(ordering: .relaxed)
        progress.bytes = bytes.load(ordering: .relaxed)
        if areTotalsKnown.load(ordering: .acquiring) {
            progress.totalEntries = totalEntries.load(ordering: .relaxed)
            progress.totalBytes = totalBytes.load(ordering: .relaxed)
        }
        progress.path = current.path
        progress.step = step
        events.receive(.progress(progress))
    }
}
