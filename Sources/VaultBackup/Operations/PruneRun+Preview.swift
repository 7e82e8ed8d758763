extension PruneRun {
    /// What ``run()`` would do as far as it can be told now: sessions end, and disks fill, at any time.
    func preview() throws -> PruneReport {
        var inventory = try inventory()
        let state = try checkedState()
        count(state, inventory)
        for pack in state.packs where pack.isSwept && inventory.packs[pack.pack.name] != nil {
            if isDue(pack) { report.deleted.add(pack.pack.length) } else { report.delayed.add(pack.pack.length) }
        }
        for object in try leftovers(state, inventory) {
            report.leftovers.add(object.byteCount)
            if let digest = object.name.contentDigest { inventory.forget(digest) }
        }
        let now = repository.clock.now().milliseconds
        let alive = state.openSessions.filter {
            now - $0.lastTime.milliseconds <= Int64($0.silence) * 1_000
        }
        report.closedSessions = state.openSessions.count - alive.count
        let condemnable = wanted(state.condemnable(), state)
        var swept = [note(condemnable, state, isFree: alive.isEmpty)]
        let condemned =
            state.usedPacks.map { used in
                PackSet(state.packs.indices.filter { state.packs[$0].isCondemned && !used.contains($0) })
            } ?? PackSet()
        let oldest = alive.map(\.opened).min() ?? .max
        for ordinal in condemned.ordinals where !state.packs[ordinal].isSwept {
            swept.append(note(PackSet([ordinal]), state, isFree: (state.packs[ordinal].condemned ?? .max) < oldest))
        }
        swept.append(try previewCompaction(isFree: alive.isEmpty))
        for map in lostMaps(state, inventory, swept: PackSet(swept)) { report.leftovers.add(map.byteCount) }
        if report.waiting.packs > 0 { report.sessions = openSessions(state) }
        report.requests.deletions = report.deleted.packs + report.leftovers.packs
        return report
    }

    /// Packs that would be swept, and deleted unless there is a delay; returns those.
    private func note(_ packs: PackSet, _ state: RepositoryState, isFree: Bool) -> PackSet {
        if !packs.isEmpty { report.requests.writes += 1 }
        for ordinal in packs.ordinals {
            let length = state.packs[ordinal].pack.length
            if !isFree {
                report.waiting.add(length)
            } else if request.delay > 0 {
                report.delayed.add(length)
            } else {
                report.deleted.add(length)
            }
        }
        return isFree ? packs : PackSet()
    }

    private func previewCompaction(isFree: Bool) throws -> PackSet {
        guard let survey = try survey() else { return PackSet() }
        var swept: [PackSet] = []
        report.unusedInPart = survey.unused
        for bin in try fill(survey) {
            report.moved.add(PackLayout.padme(bin.plan.length))
            for ordinal in bin.old.ordinals { report.compacted.add(survey.state.packs[ordinal].pack.length) }
            // Of each pack in use its bytes, and then its directory once more; and that of the moved pack.
            report.requests.reads += 4 * bin.old.ordinals.count { survey.usage.usedCount($0) > 0 } + 3
            report.requests.writes += 1
            swept.append(note(bin.old, survey.state, isFree: isFree))
        }
        return PackSet(swept)
    }
}
