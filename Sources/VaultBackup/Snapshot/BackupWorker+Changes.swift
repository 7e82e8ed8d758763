extension BackupWorker {
    /// Tells the user what is new or changed, if asked.
    func reportChanges(_ job: DirectoryJob, _ window: DirectoryWindow) {
        guard let report = context.options.changes else { return }
        for (index, entry) in window.entries.enumerated() {
            guard let status = entry.status,
                job.selection.isSource || job.selection.children[window.name(index)]?.isSource == true
            else { continue }
            let place = window.cachedPlaces[index]
            if place >= 0, job.cached?.entry(place).identity == ScanCache.Identity(status) { continue }
            report(BackupChange(kind: place < 0 ? .added : .changed, path: job.path(of: window.name(index))))
        }
        guard window.isLast else { return }
        let gone = job.cached.map { $0.count - $0.foundCount } ?? 0
        if gone > 0 { report(BackupChange(kind: .removed, path: job.path, count: gone)) }
    }
}
