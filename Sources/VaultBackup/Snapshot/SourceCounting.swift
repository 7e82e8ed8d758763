/// How much the last run of the same sources had to do.
struct ExpectedTotals: Sendable {
    var entries: Int
    var bytes: Int
}

/// Counts the sources of a first backup on a thread of its own, beside the work, for the estimate that the user sees.
/// It lists directories as the backup does, with the same rules, and opens a file only where a rule asks for it.
/// Nothing depends on it.
final class SourceCounting {
    private let ending: Cancellation
    private var thread: Thread?

    /// Directories on the way to one being listed, which are all open; a deeper tree gets no estimate.
    private static let depthMax = 256

    /// Starts to count. The counters get the totals when all is counted.
    init(_ sources: SourceTree, _ selector: EntrySelector, _ counters: BackupCounters, _ cancellation: Cancellation) {
        let ending = Cancellation(or: { cancellation.isCancelled })
        self.ending = ending
        // Without a thread there is no estimate.
        thread = try? Thread {
            guard let found = try? Self.count(sources, selector, ending) else { return }
            counters.setTotals(entries: found.entries, bytes: found.bytes, isEstimate: true)
        }
    }

    /// Ends the thread.
    func stop() {
        ending.cancel()
        thread?.join()
        thread = nil
    }

    private struct TooDeep: Error {}

    /// Entries and bytes of the sources, as far as they can be read.
    static func count(
        _ sources: SourceTree, _ selector: EntrySelector, _ cancellation: Cancellation
    ) throws -> ExpectedTotals {
        var found = ExpectedTotals(entries: 0, bytes: 0)
        let root = DirectoryJob(
            parent: nil, window: nil, indexInParent: 0, name: [], pathHash: 0, selection: sources.root)
        var open = [root]
        while let job = open.popLast() {
            try cancellation.check()
            guard job.depth <= depthMax else { throw TooDeep() }
            // The directory itself, but for the one that stands for all.
            if job.parent != nil { found.entries += 1 }
            // What cannot be read is not counted.
            guard (try? job.list()) != nil else { continue }
            selector.begin(job)
            repeat {
                try cancellation.check()
                guard let listing = try? job.nextListing(most: selector.options.namesPerWindow) else { break }
                let (kept, rules) = selector.select(job, listing)
                count(job, DirectoryWindow(kept, rules: rules, isLast: job.isListed), selector, &found, &open)
            } while !job.isListed
        }
        return found
    }

    private static func count(
        _ job: DirectoryJob, _ window: DirectoryWindow, _ selector: EntrySelector, _ found: inout ExpectedTotals,
        _ open: inout [DirectoryJob]
    ) {
        for (index, entry) in window.entries.enumerated() {
            guard let status = entry.status else { continue }
            if status.kind == .directory {
                let child = job.child(window, index, oneFileSystem: selector.options.oneFileSystem, pathHash: 0) {
                    selector.isVirtual(job, $0)
                }
                if let child { open.append(child) }
            } else {
                found.entries += 1
                if status.kind == .file { found.bytes &+= Int(clamping: status.size) }
            }
        }
    }
}
