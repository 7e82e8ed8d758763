extension PruneRun {
    /// What ``run()`` would do as far as it can be told now: sessions end, and disks fill, at any time.
    ///
    /// What would be published is applied to a copy of the state, so that the rules of the log decide here as there.
    func preview() throws -> PruneReport {
        var inventory = try inventory()
        var state = try checkedState()
        state.forget(request.forgetting.filter { state.snapshot($0)?.isLive ?? false }, at: state.head + 1)
        count(state, inventory)
        for session in silentSessions(state) {
            state.sessions[session.id]?.end = .expire
            report.closedSessions += 1
        }
        for object in try leftovers(state, inventory) {
            report.leftovers.add(object.byteCount)
            if let digest = object.name.contentDigest { inventory.forget(digest) }
        }
        try mendLosses(inventory)
        let condemned = wanted(state.condemnable(), state)
        state.condemn(condemned, at: state.head + 1)
        let swept = sweepable(state)
        state.sweep(swept, at: repository.clock.now())
        report.requests.writes +=
            report.closedSessions + condemned.recordableParts().count + swept.recordableParts().count
        try previewCompaction(&state)
        for pack in state.packs where isDue(pack) && inventory.packs[pack.pack.name] != nil {
            report.deleted.add(pack.pack.length)
        }
        noteWaiting(state, inventory)
        for map in lostMaps(state, inventory) { report.leftovers.add(map.byteCount) }
        report.requests.deletions = report.deleted.packs + report.leftovers.packs
        return report
    }

    private func previewCompaction(_ state: inout RepositoryState) throws {
        guard let survey = try survey(state) else { return }
        let now = repository.clock.now()
        let isFree = state.openSessions.isEmpty
        let readsWhole = PackMover.readsWhole(access, request)
        for bin in try fill(survey) {
            report.moved.add(PackLayout.padme(bin.plan.length))
            for ordinal in bin.old.ordinals {
                report.compacted.add(state.packs[ordinal].pack.length)
                state.packs[ordinal].condemned = state.head + 1
                if isFree { state.packs[ordinal].swept = now }
            }
            // What is moved, and then the directory of each pack in use once more; and that of the moved pack.
            report.requests.reads += bin.plan.stretches(readsWhole: readsWhole).count + 3
            report.requests.reads += 3 * bin.old.ordinals.count { survey.usage.usedCount($0) > 0 }
            report.requests.writes += 2
        }
    }
}
