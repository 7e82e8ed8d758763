internal import Synchronization

/// Counts what a large partial restore has to do, on a thread of its own, for the estimate that the user sees. A small
/// restore needs none: its walk has ended before the first file is written.
final class RestoreCounting {
    private let isStopped: Stop
    private var thread: Thread?

    private final class Stop: Sendable {
        let flag = Atomic<Bool>(false)
    }

    private final class Sums {
        var entries = 0
        var bytes = 0
    }

    /// Starts to count what is in the directory `node`, whose path in the snapshot is `path`.
    init(_ reader: SnapshotReader, _ run: RestoreRun, node: ChunkID, path: [UInt8]) {
        let stop = Stop()
        isStopped = stop
        thread = Thread {
            let cancellation = Cancellation(or: { stop.flag.load(ordering: .relaxed) || run.cancellation.isCancelled })
            let walk = RestoreWalk(
                tree: TreeReader(reader.chunks()), selection: run.options.selection, cancellation: cancellation,
                snapshot: reader.snapshot)
            let sums = Sums()
            do {
                try walk.run(
                    (), node: node, path: path,
                    .init(
                        visit: { _, entry, isSelected, _ in
                            if isSelected { sums.entries += 1 }
                            if entry.kind != .directory { sums.bytes &+= entry.contentBytes }
                            return entry.kind == .directory ? () : nil
                        }, leave: { _, _ in }))
                run.progress.setTotals(entries: sums.entries, bytes: sums.bytes)
            } catch {
                // The restore itself meets what is wrong here, and reports it; without a count there is no estimate.
            }
        }
    }

    /// Ends the thread.
    func stop() {
        isStopped.flag.store(true, ordering: .relaxed)
        thread?.join()
        thread = nil
    }
}
