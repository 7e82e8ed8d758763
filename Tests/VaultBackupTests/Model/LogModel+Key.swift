@testable import VaultBackup

/// What makes two states the same: everything that a later step can depend on. Positions count by their order only.
extension LogModel {
    var key: [UInt8] {
        var positions = Set(log.openSessions.map(\.opened)).union(log.packs.compactMap(\.condemned))
        positions.formUnion(log.snapshots.map(\.since))
        positions.insert(compaction.basis)
        let ranks = Dictionary(
            uniqueKeysWithValues: positions.sorted().enumerated().map { ($0.element, UInt8($0.offset + 1)) })
        var key: [UInt8] = []
        func set(_ ordinals: some Sequence<Int>) {
            key.append(contentsOf: ordinals.map { UInt8($0 + 1) })
            key.append(0)
        }
        let open = Set(log.openSessions.map(\.id))
        for session in log.openSessions { key += [UInt8(session.id.words.1), ranks[session.opened] ?? 0] }
        key.append(255)
        for (ordinal, pack) in log.packs.enumerated() {
            key += [
                UInt8(numbers[ordinal]), pack.condemned.flatMap { ranks[$0] } ?? 0, pack.isSwept ? 1 : 0,
                open.contains(pack.session) ? 1 : 0, (pack.isNamed ? 1 : 0) | (pack.isReplaced ? 2 : 0),
                pack.vouchedBy == nil ? 0 : 1,
            ]
        }
        key.append(255)
        for (k, snapshot) in log.snapshots.enumerated() {
            key += [needs[k], ranks[snapshot.since] ?? 0, snapshot.isLive ? 1 : 0]
            set(snapshot.packs?.ordinals ?? PackSet().ordinals)
        }
        key.append(255)
        for number in content.indices { key += [content[number], isStored[number] ? 1 : 0] }
        for writer in writers { key += phase(of: writer) }
        let run = compaction
        key += [
            Self.number(run.phase), UInt8(run.session), ranks[run.basis] ?? 0, UInt8(run.old), UInt8(run.new),
            run.holds, UInt8(run.successors),
        ]
        set(condemning?.ordinals ?? PackSet().ordinals)
        key.append(condemning == nil ? 0 : 1)
        set(sweeping?.ordinals ?? PackSet().ordinals)
        set(deleting)
        key.append(UInt8(restore.snapshot.map { $0 + 1 } ?? 0) | (restore.isDone ? 128 : 0))
        set(restore.set)
        let b = budget
        key += [b.forget, b.recall, b.condemn, b.sweep, b.expire, b.crash, b.compact, b.restore].map { UInt8($0) }
        key.append(UInt8(sessionCount))
        return key
    }

    private func phase(of writer: Writer) -> [UInt8] {
        var key: [UInt8] =
            switch writer.phase {
            case .idle: [0, 0]
            case .open: [1, 0]
            case .stored(let number): [2, UInt8(number)]
            case .committed: [3, 0]
            case .done: [4, 0]
            }
        key.append(UInt8(writer.triesLeft))
        // What an idle or finished writer held does not matter any more.
        guard writer.phase != .idle, writer.phase != .done else { return key }
        key += [UInt8(writer.session), writer.missing, writer.isSuccessor ? 1 : 0]
        key += writer.reused.map { UInt8($0 + 1) }
        key.append(0)
        return key
    }

    private static func number(_ phase: Compaction.Phase) -> UInt8 {
        switch phase {
        case .idle: 0
        case .open: 1
        case .chosen: 2
        case .stored: 3
        case .committed: 4
        case .done: 5
        }
    }
}
