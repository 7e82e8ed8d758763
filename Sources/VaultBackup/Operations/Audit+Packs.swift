extension Audit {
    /// Looks for every pack of these snapshots, and reads all of them or a sample.
    mutating func judgePacks(
        of snapshots: [SnapshotState], events: any EventSink, _ cancellation: Cancellation
    ) throws {
        var needed: Set<Int> = []
        for snapshot in snapshots {
            if let packs = snapshot.packs { needed.formUnion(packs.ordinals) }
            checkMap(of: snapshot)
        }
        let ordinals = needed.filter { !state.packs[$0].isSwept }.sorted()
        report.packsNeeded = ordinals.count
        var bad: [Int: String] = [:]
        if request.isBundle {
            report.arePacksChecked = false
            report.find(
                .notProven, "packs",
                "A bundle has no packs: whether the \(ordinals.count) packs needed are complete and "
                    + "undamaged was not checked")
        } else {
            for item in PackScan.absences(ordinals, state, store) { bad[item.ordinal] = item.reason }
            let present = ordinals.filter { bad[$0] == nil }
            report.packsPresent = present.count
            let read = choose(present, of: ordinals)
            let damage = try PackScan.run(
                read, state, store, workers: request.workers, events: events, cancellation)
            for item in damage { bad[item.ordinal] = item.reason }
            report.packsRead = read.count - damage.count
            report.bytesRead = read.reduce(0) { $0 + state.packs[$1].pack.length }
            if read.isEmpty, !snapshots.isEmpty {
                report.find(.notProven, "packs", "Nothing was checked: no pack was read")
            }
        }
        for (ordinal, reason) in bad.sorted(by: { $0.key < $1.key }) {
            report.find(.damaged, "pack \(state.packs[ordinal].pack.name.hex.prefix(16))", reason)
        }
        for snapshot in snapshots {
            let drill = judgeDrills(of: snapshot)
            report.snapshots.append(
                AuditReport.Snapshot(
                    id: snapshot.id, position: snapshot.position, system: snapshot.body.system,
                    started: snapshot.body.started, packs: snapshot.packs?.count,
                    packsDamaged: bad.keys.filter { snapshot.packs?.contains($0) ?? false }.count,
                    drill: drill))
        }
        noteUnused(needed)
    }

    /// The packs to read. A sample is drawn from all that are needed, so that a missing one counts as drawn.
    private mutating func choose(_ present: [Int], of ordinals: [Int]) -> [Int] {
        guard let percent = request.samplePercent, percent < 100 else { return present }
        let seed = request.seed ?? Digest(client.random.bytes(Digest.byteCount)) ?? .zero
        let sample = AuditSample(seed: seed, root: report.checkpoint.root)
        report.sample = sample
        if request.seed != nil {
            report.notices.append("The seed was given, so the sample was known before: it repeats an audit")
        }
        let count = AuditSample.count(percent: percent, of: ordinals.count)
        let chosen = Set(sample.choose(count, of: ordinals.map { state.packs[$0].pack.name }))
        return present.filter { chosen.contains(state.packs[$0].pack.name) }
    }

    /// A segment map is only an aid to prune, but it belongs to what the snapshot's record names.
    private mutating func checkMap(of snapshot: SnapshotState) {
        guard let map = snapshot.map else { return }
        let name = ObjectName.content(.sets, map)
        guard !store.isIntact(name) else { return }
        report.find(
            .damaged, "snapshot \(snapshot.id.hex.prefix(8))", "\(name), its segment map, is missing or damaged")
    }

    private mutating func noteUnused(_ needed: Set<Int>) {
        guard request.snapshot == nil, request.system == nil else { return }
        let unused = state.packs.indices.filter { !needed.contains($0) && !state.packs[$0].isSwept }
        if !unused.isEmpty {
            report.notices.append(
                "\(unused.count) packs are in no snapshot (of sessions that go on or were given up, or of forgotten "
                    + "snapshots); not read")
        }
        // Whoever deletes a pack says so first, by a SWEEP.
        guard !request.isBundle else { return }
        for item in PackScan.absences(unused, state, store) {
            report.find(.damaged, "pack \(state.packs[item.ordinal].pack.name.hex.prefix(16))", item.reason)
        }
    }
}
