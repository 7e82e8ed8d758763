/// How much the last run of the same sources had to do.
struct ExpectedTotals: Sendable {
    var entries: Int
    var bytes: Int
}

/// Counts the sources of a first backup on a thread of its own, beside the work, for the estimate that the user sees.
/// It lists directories as the backup does, with the same rules, and opens no file. Nothing depends on it.
final class SourceCounting {
    private let ending: Cancellation
    private var thread: Thread?

    /// Directories on the way to one being listed, which are all open; a deeper tree gets no estimate.
    private static let depthMax = 256

    /// Starts to count. The counters get the totals when all is counted.
    init(_ sources: SourceTree, _ selector: EntrySelector, _ counters: BackupCounters, _ cancellation: Cancellation) {
        let ending = Cancellation(or: { cancellation.isCancelled })
        self.ending = ending
        thread = Thread {
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
            parent: nil, indexInParent: 0, name: [], pathHash: 0, selection: sources.root)
        var open = [(job: root, depth: 0)]
        while let (job, depth) = open.popLast() {
            try cancellation.check()
            guard depth <= depthMax else { throw TooDeep() }
            // The directory itself, but for the one that stands for all.
            if job.parent != nil { found.entries += 1 }
            guard list(job) else { continue }
            _ = selector.select(job)
            guard let listing = job.listing else { continue }
            for (index, entry) in listing.entries.enumerated() {
                guard let status = entry.status else { continue }
                if status.kind == .directory {
                    let child = job.child(index, oneFileSystem: selector.options.oneFileSystem, pathHash: 0) {
                        selector.isVirtual(job, $0)
                    }
                    if let child {
                        open.append((child, depth + 1))
                    }
                } else {
                    found.entries += 1
                    if status.kind == .file { found.bytes &+= Int(clamping: status.size) }
                }
            }
        }
        return found
    }

    /// Opens and lists a directory; false when it cannot be read.
    private static func list(_ job: DirectoryJob) -> Bool {
        do {
            if let parent = job.parent {
                let directory = try parent.open()
                job.keep(
                    job.selection.isSource
                        ? try OpenFile.openDirectory(at: directory, job.name)
                        : try OpenFile.open(at: directory, job.name, [.directory, .noFollow, .pathOnly]))
            } else {
                job.keep(try OpenFile.openDirectory([0x2f]))
            }
            let file = try job.open()
            job.status = try file.status()
            job.listing =
                job.selection.isSource
                ? try DirectoryListing.read(file)
                : DirectoryListing.read(
                    file, only: job.selection.children.keys.sorted { $0.lexicographicallyPrecedes($1) }, virtual: [])
            return true
        } catch { return false }
    }
}
