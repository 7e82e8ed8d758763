internal import Synchronization

/// Moves objects that are named by their content from one store to another. What does not have its hash is not moved.
struct ObjectMover {
    /// What became of one object.
    enum Outcome: Sendable {
        /// It was there.
        case present
        /// It was there and read: it is what its name says.
        case verified
        case copied
        /// It was there with other bytes, and is right now.
        case healed
        /// The source has it not.
        case absent
        /// The source has other bytes.
        case damaged
    }

    /// What became of many packs.
    struct Result: Sendable {
        var copied = 0
        var bytes = 0
        var present = 0
        var verified = 0
        var healed: [String] = []
        /// Packs that the source does not have as they should be, with a sentence.
        var failed: [(name: Digest, reason: String)] = []
    }

    private let source: any ObjectStore
    private let target: any ObjectStore

    init(from source: any ObjectStore, to target: any ObjectStore) {
        self.source = source
        self.target = target
    }

    /// Moves packs, several at once. - Throws: what the target throws; errors of the source are in the result.
    func movePacks(
        _ packs: [CommittedPack], verifiesAll: Bool, workers: Int, events: any EventSink, _ cancellation: Cancellation
    ) throws -> Result {
        guard !packs.isEmpty else { return Result() }
        let stack = WorkStack<CommittedPack>()
        stack.push(packs.reversed())
        let result = Mutex(Result())
        let progress = BackupCounters(events: events, unit: .packs)
        progress.setTotals(entries: packs.count, bytes: packs.reduce(0) { $0 &+ $1.length }, isEstimate: false)
        let threads = workers > 0 ? workers : min(Host.processorCount, target.capabilities.parallelCalls)
        try Thread.runAll(threads) { _ in
            try stack.work { pack in
                try cancellation.check()
                let outcome = try move(pack, verifiesAll)
                result.withLock { $0.add(outcome, pack) }
                progress.add(entries: 1, bytes: pack.length)
            }
        }
        return result.withLock { $0 }
    }

    private func move(_ pack: CommittedPack, _ verifiesAll: Bool) throws -> Outcome {
        let name = ObjectName.content(.packs, pack.name)
        if let size = try target.size(name) {
            if size == pack.length {
                guard verifiesAll else { return .present }
                // What cannot be read is written anew, on another place of the disk.
                if target.isIntact(name) { return .verified }
            }
            return try replace(name, pack.name)
        }
        return try bring(name, pack.name)
    }

    /// Moves another object, which is small enough to be compared each time.
    func moveOther(_ name: ObjectName, _ digest: Digest) throws -> Outcome {
        if try target.size(name) == nil { return try bring(name, digest) }
        if target.isIntact(name) { return .present }
        return try replace(name, digest)
    }

    private func bring(_ name: ObjectName, _ digest: Digest) throws -> Outcome {
        guard let bytes = try? source.get(name) else { return .absent }
        guard SHA256.digest(bytes) == digest else { return .damaged }
        _ = try target.put(name, bytes)
        return .copied
    }

    /// Takes damaged bytes away only when the right ones are at hand.
    private func replace(_ name: ObjectName, _ digest: Digest) throws -> Outcome {
        guard let bytes = try? source.get(name) else { return .absent }
        guard SHA256.digest(bytes) == digest else { return .damaged }
        try target.delete(name)
        _ = try target.put(name, bytes)
        return .healed
    }
}

extension ObjectMover.Result {
    fileprivate mutating func add(_ outcome: ObjectMover.Outcome, _ pack: CommittedPack) {
        let name = ObjectName.content(.packs, pack.name)
        switch outcome {
        case .present: present += 1
        case .verified:
            present += 1
            verified += 1
        case .copied:
            copied += 1
            bytes += pack.length
        case .healed:
            copied += 1
            bytes += pack.length
            healed.append(name.text)
        case .absent: failed.append((pack.name, "\(name) is missing in the repository, or cannot be read"))
        case .damaged:
            failed.append((pack.name, "\(name) is damaged in the repository, so it was not copied"))
        }
    }
}
