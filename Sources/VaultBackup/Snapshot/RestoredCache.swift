internal import Synchronization

/// What restores have left for a backup (``RestoredEntries``). Read when a file is met that the scan cache does not
/// know; a journal whose target the backup has walked goes away when the snapshot is there, since the scan cache then
/// knows all of it. Safe from any thread.
final class RestoredCache: Sendable {
    private struct Known: Sendable {
        var path: [UInt8]
        var targetHash: UInt64
        var journal: ScanJournal?
        var isWalked = false
    }

    private let journals: Mutex<[Known]>
    private let targets: Set<UInt64>

    /// - Parameter folder: folder of the scan caches.
    init(folder: [UInt8]) {
        let found = RestoredJournals.all(folder)
        targets = Set(found.map(\.targetHash))
        journals = Mutex(found.map { Known(path: $0.path, targetHash: $0.targetHash) })
    }

    /// Whether no restore has left anything.
    var isEmpty: Bool { targets.isEmpty }

    /// What is known of the file with this key, if its identity is `identity`.
    func find(_ key: UInt64, _ identity: ScanCache.Identity) -> (fields: [UInt8], ids: [UInt8])? {
        if targets.isEmpty { return nil }
        let opened = journals.withLock { journals in
            for index in journals.indices where journals[index].journal == nil {
                journals[index].journal = ScanJournal(reading: journals[index].path)
            }
            return journals.compactMap(\.journal)
        }
        for journal in opened {
            if let found = journal.find(key, identity) { return found }
        }
        return nil
    }

    /// Notes that a directory of a source is walked.
    func note(_ pathHash: UInt64) {
        guard targets.contains(pathHash) else { return }
        journals.withLock { journals in
            for index in journals.indices where journals[index].targetHash == pathHash {
                journals[index].isWalked = true
            }
        }
    }

    /// Removes what the scan cache now knows.
    func removeWalked() {
        for journal in journals.withLock({ $0 }) where journal.isWalked {
            try? DirectoryEntries.remove(at: nil, journal.path)
        }
    }
}
