@testable import VaultBackup

/// What can happen next.
extension LogModel {
    /// All states that one step of one process leads to.
    func successors() -> [LogModel] {
        var next: [LogModel] = []
        func add(_ change: (inout LogModel) -> Void) {
            var copy = self
            change(&copy)
            copy.check()
            next.append(copy)
        }
        for k in writers.indices { addSteps(ofWriter: k, add) }
        addPruning(add)
        addCompaction(add)
        addForgetting(add)
        addRestore(add)
        return next
    }

    // MARK: Writers

    private func addSteps(ofWriter k: Int, _ add: ((inout LogModel) -> Void) -> Void) {
        let writer = writers[k]
        switch writer.phase {
        case .idle:
            guard writer.triesLeft > 0 else { return }
            // Once as a writer that takes what it finds, once as one that prefers late copies.
            add { $0.begin(k, preferringLast: false) }
            add { $0.begin(k, preferringLast: true) }
        case .open where writer.missing == 0, .committed:
            add { model in
                let isOpen = model.log.sessions[model.id(writer.session)]?.isOpen ?? false
                if model.snapshot(writer.session, writer.reused, writer.wants) {
                    model.writers[k].phase = .done
                } else if !isOpen, writer.triesLeft > 0 {
                    // It has been expired: it goes on in a new session with what it has.
                    model.writers[k].session = model.openSession(.backup)
                    model.writers[k].triesLeft -= 1
                    (model.writers[k].isSuccessor, model.writers[k].phase) = (true, .committed)
                } else {
                    model.writers[k].phase = .idle
                    if isOpen, !writer.isSuccessor { model.violation = "a backup in its own open session was refused" }
                }
            }
        case .open:
            add { model in
                let number = model.newPack(writer.missing, isStored: model.isOn(.packBeforeRecord))
                model.writers[k].phase = .stored(number)
            }
        case .stored(let number):
            add { model in
                guard model.commit(number, writer.session) else { return model.writers[k].phase = .idle }
                model.writers[k].reused.append(model.numbers.count - 1)
                model.writers[k].phase = .committed
            }
        case .done: return
        }
        guard budget.crash > 0, writer.phase != .idle else { return }
        // The process dies, its session stays open; or it is only the reply that is lost, and it begins again.
        add { model in
            model.budget.crash -= 1
            model.writers[k].phase = .idle
        }
    }

    private mutating func begin(_ k: Int, preferringLast: Bool) {
        let session = openSession(.backup)
        let machine = Cast.machine.member.id
        var ordinals = log.packs.indices.filter {
            isOn(.writerAvoidsCondemned)
                ? log.isEligible($0, for: machine) : log.isUsable($0, for: machine) && !log.packs[$0].isSwept
        }
        if preferringLast { ordinals.reverse() }
        var missing = writers[k].wants
        var reused: [Int] = []
        for ordinal in ordinals where content[numbers[ordinal]] & missing != 0 {
            missing &= ~content[numbers[ordinal]]
            reused.append(ordinal)
        }
        writers[k].triesLeft -= 1
        (writers[k].session, writers[k].reused, writers[k].missing) = (session, reused, missing)
        (writers[k].phase, writers[k].isSuccessor) = (.open, false)
    }

    // MARK: Maintenance

    private func addPruning(_ add: ((inout LogModel) -> Void) -> Void) {
        var all = PackSet()
        all.append(log.packs.indices)
        if let condemning {
            add { model in
                model.condemning = nil
                let isDone = model.take(.condemn(PruneBody(packs: condemning)), Cast.keeper)
                guard isDone, !model.isOn(.deletesAfterSweep) else { return }
                model.deleting += condemning.ordinals.filter { model.log.packs[$0].isCondemned }
            }
        } else if budget.condemn > 0 {
            let plan = isOn(.usedIsSpared) ? log.condemnable() : all
            if !plan.isEmpty {
                add { $0.condemning = plan; $0.budget.condemn -= 1 }
            }
            // A plan need not be right: it is judged where it lands.
            add { $0.condemning = all; $0.budget.condemn -= 1 }
        }
        if let sweeping {
            add { model in
                model.sweeping = nil
                let isDone = model.take(.sweep(PruneBody(packs: sweeping)), Cast.keeper)
                let asked = model.isOn(.deletesSwept) ? [] : Array(sweeping.ordinals)
                let swept = sweeping.ordinals.filter { model.log.packs[$0].isSwept }
                if isDone || !asked.isEmpty { model.deleting += asked.isEmpty ? swept : asked }
            }
        } else if budget.sweep > 0, log.packs.contains(where: { $0.isCondemned && !$0.isSwept }) {
            let plan = PackSet(log.packs.indices.filter { log.packs[$0].isCondemned && !log.packs[$0].isSwept })
            add { $0.sweeping = plan; $0.budget.sweep -= 1 }
        }
        if let ordinal = deleting.first {
            add { model in
                model.deleting.removeFirst()
                model.isStored[model.numbers[ordinal]] = false
            }
        }
        if budget.expire > 0 {
            for session in log.openSessions {
                add { model in
                    model.budget.expire -= 1
                    // Clocks are free: what a process does slowly, another calls silence.
                    model.log.sessions[session.id]?.lastTime = Timestamp(milliseconds: 0)
                    _ = model.take(.expire(ExpireBody(session: session.id)), Cast.keeper)
                }
            }
        }
    }

    private func addCompaction(_ add: ((inout LogModel) -> Void) -> Void) {
        let run = compaction
        switch run.phase {
        case .idle:
            guard budget.compact > 0 else { return }
            add { $0.compaction.session = $0.openSession(.maintenance); $0.compaction.phase = .open }
        case .open:
            let used = log.usedPacks ?? PackSet()
            for ordinal in used.ordinals.prefix(1) {
                let users = log.liveSnapshots.filter { $0.packs?.contains(ordinal) ?? true }
                let kept = log.snapshots.indices.filter { k in users.contains { $0.id == log.snapshots[k].id } }
                    .reduce(UInt8(0)) { $0 | needs[$1] } & content[numbers[ordinal]]
                guard kept != 0 else { continue }
                add { model in
                    (model.compaction.basis, model.compaction.old) = (model.log.head, ordinal)
                    (model.compaction.holds, model.compaction.phase) = (kept, .chosen)
                }
            }
        case .chosen:
            add { model in
                model.compaction.new = model.newPack(run.holds, isStored: true)
                model.compaction.phase = .stored
            }
        case .stored:
            add { model in
                let isDone = model.commit(run.new, run.session, by: Cast.keeper)
                model.compaction.new = model.numbers.count - 1
                model.compaction.phase = isDone ? .committed : .done
            }
        case .committed:
            if !(log.sessions[id(run.session)]?.isOpen ?? false), run.successors == 0 {
                add { model in
                    // It has been expired: it goes on in a new session with the pack that it has.
                    model.compaction.session = model.openSession(.maintenance)
                    model.compaction.successors = 1
                }
            }
            add { model in
                let basis = model.isOn(.basisIsWhatWasSeen) ? run.basis : model.log.head
                let move = CompactBody.Move(old: PackSet([run.old]), new: PackSet([run.new]))
                _ = model.take(.compact(CompactBody(basis: basis, moves: [move], session: id(run.session))), Cast.keeper)
                model.compaction.phase = .done
            }
        case .done: return
        }
    }

    private func addForgetting(_ add: ((inout LogModel) -> Void) -> Void) {
        for snapshot in log.snapshots {
            if snapshot.isLive, budget.forget > 0 {
                add { model in
                    model.budget.forget -= 1
                    _ = model.take(.forget(ForgetBody(snapshots: [snapshot.id])), Cast.keeper)
                }
            } else if !snapshot.isLive, budget.recall > 0 {
                add { model in
                    model.budget.recall -= 1
                    _ = model.take(.recall(ForgetBody(snapshots: [snapshot.id])), Cast.keeper)
                }
            }
        }
    }

    // MARK: Restore

    private func addRestore(_ add: ((inout LogModel) -> Void) -> Void) {
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
    private mutating func check() {
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
