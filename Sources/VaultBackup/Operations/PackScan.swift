internal import Synchronization

/// Looks for packs, and reads them from beginning to end, several at once.
enum PackScan {
    /// What is wrong with the packs of these ordinals as far as their sizes tell, in the order of the ordinals.
    static func absences(
        _ ordinals: [Int], _ state: RepositoryState, _ store: any ObjectStore
    ) -> [PackVerifier.Damage] {
        ordinals.compactMap { ordinal in
            let pack = state.packs[ordinal].pack
            let name = ObjectName.content(.packs, pack.name)
            let reason: String
            do throws(StorageError) {
                let size = try store.size(name)
                if size == pack.length { return nil }
                reason = size.map { "\(name) has \($0) bytes instead of \(pack.length)" } ?? "\(name) is missing"
            } catch {
                reason = "\(name) cannot be read: \(error)"
            }
            return PackVerifier.Damage(ordinal: ordinal, segments: nil, reason: reason)
        }
    }

    /// What is wrong with the packs of these ordinals, in their order.
    ///
    /// - Parameter access: with it, content is checked too; without it only hashes.
    /// - Parameter ahead: packs that need not be hashed again.
    /// - Parameter workers: threads; 0 means one for each processor.
    /// - Parameter isTimeUp: asked before each pack; after a true no more are begun.
    /// - Parameter onRead: told of each pack that was read, and whether it is right; from any thread.
    static func run(
        _ ordinals: [Int], _ state: RepositoryState, _ store: any ObjectStore, access: ReadAccess? = nil,
        ahead: Verify.Ahead = Verify.Ahead(), workers: Int,
        events: any EventSink, _ cancellation: Cancellation, isTimeUp: @escaping @Sendable () -> Bool = { false },
        onRead: @escaping @Sendable (Int, Bool) -> Void = { _, _ in }
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
                if isTimeUp() { return }
                let pack = state.packs[ordinal].description
                let damage = try verifier.check(ordinal, pack, isHashed: ahead.hashed.contains(ordinal))
                onRead(ordinal, damage == nil)
                if let damage { found.withLock { $0.append(damage) } }
                progress.add(entries: 1, bytes: pack.length)
            }
        }
        return found.withLock { $0 }.sorted { $0.ordinal < $1.ordinal }
    }
}

extension ObjectStore {
    /// Whether an object that is named by its content is there with the bytes that its name says.
    func isIntact(_ name: ObjectName) -> Bool {
        guard let bytes = try? get(name) else { return false }
        return SHA256.digest(bytes) == name.contentDigest
    }
}
