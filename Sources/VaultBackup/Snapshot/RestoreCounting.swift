/// Counts what a large partial restore has to do, on a thread of its own, for the estimate that the user sees. A small
/// restore needs none: its walk has ended before the first file is written.
final class RestoreCounting {
    private let ending: Cancellation
    private var thread: Thread?

    /// Starts to count what is in the directory `node`, whose path in the snapshot is `path`.
    init(_ reader: SnapshotReader, _ run: RestoreRun, node: ChunkID, path: [UInt8]) {
        let ending = Cancellation(or: { run.cancellation.isCancelled })
        self.ending = ending
        // Without a thread there is no estimate.
        thread = try? Thread {
            let walk = RestoreWalk(
                tree: TreeReader(reader.chunks()), selection: run.options.selection, cancellation: ending,
                snapshot: reader.snapshot)
            var entries = 0
            var bytes = 0
            do {
                try walk.run(
                    (), node: node, path: path,
                    .init(
                        visit: { _, entry, isSelected, _ in
                            if isSelected { entries += 1 }
                            if entry.kind != .directory { bytes &+= entry.contentBytes }
                            return entry.kind == .directory ? () : nil
                        }, leave: { _, _ in }))
                run.progress.setTotals(entries: entries, bytes: bytes)
            } catch {
                // The restore itself meets what is wrong here, and reports it; without a count there is no estimate.
            }
        }
    }

    /// Ends the thread.
    func stop() {
        ending.cancel()
        thread?.join()
        thread = nil
    }
}
