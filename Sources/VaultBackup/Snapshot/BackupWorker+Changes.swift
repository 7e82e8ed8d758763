extension BackupWorker {
    /// Tells the user what is new or changed, if asked.
    func reportChanges(_ job: DirectoryJob) {
        guard let report = context.options.changes, let listing = job.listing else { return }
        for (index, entry) in listing.entries.enumerated() {
            guard let status = entry.status,
                job.selection.isSource || job.selection.children[listing.name(of: entry)]?.isSource == true
            else { continue }
            let place = job.cachedPlaces[index]
            if place >= 0, job.cached?.entries[place].identity == ScanCache.Identity(status) { continue }
            report(BackupChange(kind: place < 0 ? .added : .changed, path: job.path(of: listing.name(of: entry))))
        }
        let gone = (job.cached?.entries.count ?? 0) - job.cachedPlaces.count(where: { $0 >= 0 })
        if gone > 0 { report(BackupChange(kind: .removed, path: job.path, count: gone)) }
    }
}
