/// What somebody kept of the log: checkpoints and earlier bundles. The log shown now must begin with it.
extension Audit {
    mutating func judgeCheckpoints() throws {
        var valid: [(name: String, note: [UInt8], checkpoint: Checkpoint)] = []
        for (name, bytes) in request.checkpoints {
            let kept: KeptCheckpoint
            do {
                let note = try SignedNote(decoding: bytes)
                let size = try Checkpoint(decoding: note.text).size
                kept = try KeptCheckpoint(
                    note, lineage: state.lineage,
                    members: report.anchorSource == .none ? [] : state.signers(size: size),
                    witnesses: request.trust?.witnesses ?? [])
            } catch {
                throw VaultError(
                    .usage, "\(name) is no checkpoint", nextStep: "Make one with 'vault log checkpoint'", cause: error)
            }
            guard let checkpoint = judge(kept, name) else { continue }
            valid.append((name, bytes, checkpoint))
            compare(checkpoint, kept.signers, name, bytes)
        }
        for (index, first) in valid.enumerated() {
            for second in valid[..<index]
            where second.checkpoint.size == first.checkpoint.size && second.checkpoint.root != first.checkpoint.root {
                report.find(
                    .forked, first.name,
                    "It and \(second.name) are signed for \(first.checkpoint.size) records with "
                        + "different roots: two histories were shown")
                report.forkProof = PlainArchive.encode(
                    [
                        .init(name: "first/checkpoint", content: first.note),
                        .init(name: "second/checkpoint", content: second.note), genesis(),
                    ].compactMap { $0 })
            }
        }
    }

    /// What is wrong with the note itself; nil when it does not count.
    private mutating func judge(_ kept: KeptCheckpoint, _ name: String) -> Checkpoint? {
        let origin = Checkpoint.origin(of: state.lineage)
        guard kept.checkpoint.origin == origin else {
            report.find(.notProven, name, "It is a checkpoint of \(kept.checkpoint.origin), not of \(origin)")
            return nil
        }
        guard kept.forgeries.isEmpty else {
            report.find(
                .notProven, name,
                "The signature of \(kept.forgeries.joined(separator: ", ")) does not verify: it is not what was signed")
            return nil
        }
        guard !kept.signers.isEmpty else {
            report.find(
                .notProven, name,
                "Nobody whose key counts has signed it; name the key of a witness in the trust file")
            return nil
        }
        return kept.checkpoint
    }

    private mutating func compare(_ checkpoint: Checkpoint, _ signers: [String], _ name: String, _ note: [UInt8]) {
        var isPart = false
        if checkpoint.size > history.size {
            // Behind a missing record nothing can be compared; the damage is named already.
            if history.unjudged.isEmpty {
                report.find(
                    .rolledBack, "log", "It has \(history.size) records, but \(name) covers \(checkpoint.size)")
            }
        } else if history.checkpoint(size: checkpoint.size).root == checkpoint.root {
            isPart = true
            if checkpoint.size > 0 {
                let point = history.entries[checkpoint.size - 1].point
                if point.position >= report.pinned?.position ?? 0 { report.pinned = point }
            }
        } else if history.entries[..<checkpoint.size].contains(where: { $0.isSuspect }) {
            report.find(.damaged, "log", "Its first \(checkpoint.size) records are not those of \(name)")
        } else {
            report.find(
                .forked, "log", "Its first \(checkpoint.size) records are others than those that \(name) was signed for"
            )
            var files = [PlainArchive.File(name: "first/checkpoint", content: note)]
            for position in 0..<checkpoint.size {
                guard let stored = try? reader.record(position) else { continue }
                files.append(.init(name: "second/\(ObjectName.record(position).text)", content: stored))
            }
            report.forkProof = PlainArchive.encode(files)
        }
        report.kept.append(
            AuditReport.Kept(name: name, size: checkpoint.size, signers: signers, isPartOfLog: isPart))
    }

    /// Compares with an earlier bundle, record by record.
    mutating func judgePrevious() throws {
        guard let previous = request.previous else { return }
        let old = LogReader(store: previous)
        var position = 0
        while let kept = try old.record(position) {
            guard position < history.size else {
                if history.unjudged.isEmpty {
                    report.find(
                        .rolledBack, "log",
                        "It ends at record \(report.head.position), but \(previous.location) goes on")
                }
                return
            }
            if SHA256.digest(kept) != history.entries[position].point.digest {
                guard let shown = try reader.record(position) else { return }
                return try judge(shown, against: kept, position, previous.location)
            }
            position += 1
        }
        guard position > 0 else { return }
        let point = history.entries[position - 1].point
        if point.position >= report.pinned?.position ?? 0 { report.pinned = point }
    }

    private mutating func judge(_ shown: [UInt8], against kept: [UInt8], _ position: Int, _ name: String) throws {
        func isGenuine(_ stored: [UInt8]) -> Bool {
            reader.isSigned(stored, at: position, in: state)
        }
        let object = "record \(position)"
        guard isGenuine(kept) else {
            return report.find(.notProven, name, "Its record \(position) is not signed by a member, so nothing follows")
        }
        guard isGenuine(shown) else {
            return report.find(.damaged, object, "Its bytes are not those of \(name)")
        }
        report.find(.forked, object, "It and the record in \(name) are both signed: two histories were made")
        let record = ObjectName.record(position).text
        report.forkProof = PlainArchive.encode(
            [
                .init(name: "first/\(record)", content: kept), .init(name: "second/\(record)", content: shown),
                genesis(),
            ].compactMap { $0 })
    }

    private func genesis() -> PlainArchive.File? {
        (try? reader.record(0)).map { .init(name: ObjectName.record(0).text, content: $0) }
    }
}

extension LogHistory.Entry {
    /// Whether the record may have changed after it was written.
    fileprivate var isSuspect: Bool {
        if case .void = effect { return true }
        return false
    }
}
