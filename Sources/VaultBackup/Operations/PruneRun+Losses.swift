extension PruneRun {
    /// Before anything is taken away: packs that snapshots need and that are lost may have been stored again by later
    /// backups. What of them is found is put into the sets of those snapshots, which takes the keys of a reader;
    /// without these, and as long as it is not known since when a pack is missing, what may hold it stays.
    func mendLosses(_ inventory: Inventory) throws {
        let state = repository.log.state
        let (missing, lost) = try losses(state, inventory)
        guard missing + lost.count > 0 else { return }
        let since = lost.compactMap { state.packs[$0].lost }.min() ?? 0
        if missing > 0 {
            heldFrom = 0
            warn(
                "\(missing) packs that snapshots use are missing, so no other pack was given up: run 'vault repair'")
        } else if let reader = access.reading, !request.dryRun {
            var repair = RepairRequest()
            repair.applies = true
            let report = try Repair.run(repair, with: access, reader: reader, cancellation: cancellation)
            let left = report.damaged.count { $0.outcome == .lost }
            if left > 0 { warn("\(left) packs that snapshots use are lost: see 'vault repair'") }
        } else if state.packs.contains(where: { $0.position > since && !$0.isSwept }) {
            hold(lost.count, from: since)
        } else {
            warn("\(lost.count) packs that snapshots use are lost: see 'vault repair'")
        }
    }

    private func hold(_ count: Int, from position: Int) {
        heldFrom = position
        warn(
            "\(count) packs that snapshots use are lost, and later ones may hold parts of them, so these stay"
                + (request.dryRun ? " in this plan" : ": run 'vault repair' with an identity that may read"))
    }

    /// How many packs of live snapshots are missing, and which of them the log calls lost.
    private func losses(_ state: RepositoryState, _ inventory: Inventory) throws -> (missing: Int, lost: [Int]) {
        let ordinals = (state.usedPacks ?? PackSet()).ordinals.filter { $0 < state.packs.count }
        let lost = ordinals.filter { state.packs[$0].lost != nil }
        // What is not in the inventory may have been stored since, or been taken away by another prune.
        let suspects = ordinals.filter { ordinal in
            let pack = state.packs[ordinal]
            return pack.lost == nil && !pack.isSwept && inventory.packs[pack.pack.name] != pack.pack.length
        }
        var absent: [Int] = []
        for ordinal in suspects {
            let pack = state.packs[ordinal].pack
            do throws(StorageError) {
                if try store.size(.content(.packs, pack.name)) != pack.length { absent.append(ordinal) }
            } catch {
                throw VaultError(
                    .storage, "The store cannot be asked for pack \(pack.name.hex.prefix(8))",
                    nextStep: error.nextStep, cause: error)
            }
        }
        if absent.isEmpty { return (0, lost) }
        let now = try repository.log.refresh()
        return (absent.count { !now.packs[$0].isSwept && now.packs[$0].lost == nil }, lost)
    }

    /// Whether a pack may hold what is lost elsewhere.
    func isHeld(_ pack: PackState) -> Bool { heldFrom.map { pack.position >= $0 } ?? false }
}
