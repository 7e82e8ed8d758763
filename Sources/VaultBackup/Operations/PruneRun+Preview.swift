extension PruneRun {
    /// What ``run()`` would do as far as it can be told now: sessions end, and disks fill, at any time.
    func preview() throws -> PruneReport {
        let inventory = try inventory()
        let state = try checkedState()
        count(state, inventory)
        for pack in state.packs where pack.isSwept && inventory.packs[pack.pack.name] != nil {
            if isDue(pack) { report.deleted.add(pack.pack.length) } else { report.delayed.add(pack.pack.length) }
        }
        for object in try leftovers(state, inventory) { report.leftovers.add(object.byteCount) }
        let now = repository.clock.now().milliseconds
        let alive = state.openSessions.filter {
            now - $0.lastTime.milliseconds <= Int64($0.silence) * 1_000
        }
        report.closedSessions = state.openSessions.count - alive.count
        let condemnable = wanted(state.condemnable(), state)
        note(condemnable, state, isFree: alive.isEmpty)
        let condemned =
            state.usedPacks.map { used in
                PackSet(state.packs.indices.filter { state.packs[$0].isCondemned && !used.contains($0) })
            } ?? PackSet()
        let oldest = alive.map(\.opened).min() ?? .max
        for ordinal in condemned.ordinals where !state.packs[ordinal].isSwept {
            note(PackSet([ordinal]), state, isFree: (state.packs[ordinal].condemned ?? .max) < oldest)
        }
        try previewCompaction(isFree: alive.isEmpty)
        if report.waiting.packs > 0 { report.sessions = openSessions(state) }
        report.requests.deletions = report.deleted.packs + report.leftovers.packs
        return report
    }

    /// Packs that would be swept, and deleted unless there is a delay.
    private func note(_ packs: PackSet, _ state: RepositoryState, isFree: Bool) {
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
    }

    private func previewCompaction(isFree: Bool) throws {
        guard let survey = try survey() else { return }
        report.unusedInPart = survey.unused
        for bin in try fill(survey) {
            report.moved.add(PackLayout.padme(bin.plan.length))
            for ordinal in bin.old.ordinals { report.compacted.add(survey.state.packs[ordinal].pack.length) }
            report.requests.reads += bin.old.count
            report.requests.writes += 1
            note(bin.old, survey.state, isFree: isFree)
        }
    }
}
