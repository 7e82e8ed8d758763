internal import Synchronization

/// Reads packs from beginning to end, several at once.
enum PackScan {
    /// What is wrong with the packs of these ordinals, in their order.
    ///
    /// - Parameter access: with it, content is checked too; without it only hashes.
    /// - Parameter workers: threads; 0 means one for each processor.
    static func run(
        _ ordinals: [Int], _ state: RepositoryState, _ store: any ObjectStore, access: ReadAccess? = nil, workers: Int,
        events: any EventSink, _ cancellation: Cancellation
    ) throws -> [PackVerifier.Damage] {
        let stack = WorkStack<Int>()
        stack.push(ordinals.reversed())
        let found = Mutex<[PackVerifier.Damage]>([])
        let progress = BackupCounters(events: events, unit: .packs)
        progress.setTotals(
            entries: ordinals.count, bytes: ordinals.reduce(0) { $0 &+ state.packs[$1].pack.length }, isEstimate: false)
        try Thread.runAll(workers > 0 ? workers : Host.processorCount) { _ in
            let verifier = PackVerifier(store: store, access: access)
            try stack.work { ordinal in
                try cancellation.check()
                let pack = state.packs[ordinal].description
                if let damage = try verifier.check(ordinal, pack) { found.withLock { $0.append(damage) } }
                progress.add(entries: 1, bytes: pack.length)
            }
        }
        return found.withLock { $0 }.sorted { $0.ordinal < $1.ordinal }
    }
}
