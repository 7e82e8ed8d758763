@testable import VaultBackup

/// A restore, and what must hold after every step.
extension LogModel {
    func addRestore(_ add: ((inout LogModel) -> Void) -> Void) {
        guard !restore.isDone else { return }
        guard let k = restore.snapshot else {
            guard budget.restore > 0 else { return }
            for k in log.snapshots.indices where log.snapshots[k].isLive {
                add { model in
                    model.budget.restore -= 1
                    model.restore.snapshot = k
                    model.restore.set = Array(log.snapshots[k].packs?.ordinals ?? PackSet().ordinals)
                }
            }
            return
        }
        add { model in
            if model.restore.set.allSatisfy({ model.isStored[model.numbers[$0]] }) {
                model.restore.isDone = true
            } else if model.log.snapshots[k].isLive, model.isOn(.restoreRereads) {
                model.restore.set = Array(model.log.snapshots[k].packs?.ordinals ?? PackSet().ordinals)
            } else {
                model.restore.isDone = true
                if model.log.snapshots[k].isLive { model.violation = "a restore of a live snapshot failed" }
            }
        }
    }

    // MARK: Judging

    /// Every live snapshot has its packs, and they hold what it needs.
    mutating func check() {
        guard violation == nil else { return }
        for (k, snapshot) in log.snapshots.enumerated() where snapshot.isLive {
            var held: UInt8 = 0
            for ordinal in snapshot.packs?.ordinals ?? PackSet().ordinals {
                guard isStored[numbers[ordinal]] else {
                    return violation = "pack \(ordinal) of the live snapshot \(k) is gone"
                }
                held |= content[numbers[ordinal]]
            }
            if needs[k] & ~held != 0 { violation = "the live snapshot \(k) misses content" }
        }
    }
}
