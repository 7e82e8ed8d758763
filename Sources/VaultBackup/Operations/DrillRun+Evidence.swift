extension DrillRun {
    /// What it came to, to be signed.
    func evidence(_ plan: DrillPlan) -> DrillEvidence {
        let checks = tally.checks
        let verdict = DrillTally.verdict(checks)
        let (id, dedup) = (access.repository.id, access.dedup)
        func keyed(_ purpose: String, _ bytes: [UInt8]) -> [UInt8] {
            let key = MACKey(HKDF.derive(dedup, info: Label.repository(purpose, id)))
            return Array(key.authenticate(bytes).bytes.prefix(16))
        }
        let failures = tally.findings.prefix(DrillEvidence.failuresMax).map {
            DrillEvidence.Failure(check: $0.check, entry: keyed("drill/entry", $0.path))
        }
        let isClockRight = checks.contains { $0.name == .clock && $0.verdict == .proven }
        let age = max(0, started.milliseconds - snapshot.body.started.milliseconds) / 1_000
        let ended = clock.now()
        let total = tally.total
        let system = snapshot.body.system
        return DrillEvidence(
            challenge: challenge, checks: checks, circumstances: circumstances,
            compared: .init(bytes: total.bytes, entries: total.entries, packs: rightPacks.count), ended: ended,
            expires: Timestamp(milliseconds: ended.milliseconds + Int64(request.validSeconds) * 1_000),
            failureCount: tally.failureCount, failures: failures,
            head: LogPoint(position: state.head, digest: state.headDigest),
            host: keyed("drill/host", Array(Host.name.utf8)), lineage: state.lineage, member: access.member.id,
            packs: verdict == .proven ? plan.packs.recordable : PackSet(), phases: phases,
            previous: state.drills.last { $0.isOf(system) }?.body.evidence ?? .zero,
            program: Version.text, repository: id, root: snapshot.body.disclosure,
            rpoSeconds: isClockRight ? Int(age) : 0,
            sample: .init(
                hundredths: plan.scope == .whole ? 10_000 : max(1, Int((request.percent ?? 100) * 100)),
                seed: choice.seed),
            scope: plan.scope, skipped: tally.skipped,
            snapshot: LogPoint(position: snapshot.position, digest: snapshot.id), started: started, system: system,
            total: .init(
                bytes: snapshot.body.bytes, entries: snapshot.body.entries, packs: snapshot.packs?.count ?? 0),
            verdict: verdict)
    }

    private var phases: [DrillEvidence.Phase] {
        DrillEvidence.Phase.Name.allCases.map {
            DrillEvidence.Phase(name: $0, milliseconds: Int((times[$0] ?? 0) / 1_000_000))
        }
    }

    /// The copy that was read beside the repository; a repository that is a copy itself has no record to name it.
    private var copy: CopyID? {
        content.repository.copy?.id
    }

    private var circumstances: DrillEvidence.Circumstances {
        DrillEvidence.Circumstances(
            copy: copy, isolation: isolation.union(programs ?? []), rpoSeconds: request.rpoSeconds,
            rtoSeconds: request.rtoSeconds,
            selection: choice.selection, candidates: choice.candidates)
    }
}

extension ScratchDirectory {
    /// What is so of the directory at this moment, before anything is restored.
    func isolation() -> Set<DrillIsolation> {
        var seen: Set<DrillIsolation> = []
        if let status = try? FileStatus.read(path), status.mode == 0o700, status.owner == Host.effectiveUser {
            seen.insert(.privateDirectory)
        }
        // Making it would have failed had there been something of its name; so what counts is that there is no tree in
        // it.
        do {
            if try FileStatus.readIfPresent(tree) == nil { seen.insert(.newDirectory) }
        } catch {
            // What cannot be looked at is not known to be empty.
        }
        return seen
    }
}

extension DrillEvidence.MissedObjective {
    /// It in a sentence, for who ran the drill.
    func sentence(_ evidence: DrillEvidence) -> String {
        let asked = evidence.circumstances
        switch self {
        case .rpo:
            let isKnown = evidence.checks.contains { $0.name == .clock && $0.verdict == .proven }
            let age = isKnown ? "is \(evidence.rpoSeconds) s old" : "has an age that nobody knows"
            return "The data \(age), and may be \(asked?.rpoSeconds ?? 0) s old (RPO)"
        case .rto:
            let took = (evidence.rtoMilliseconds + 999) / 1_000
            let what = evidence.scope == .whole ? "" : " already of this sample"
            return "Bringing it back\(what) took \(took) s, and may take \(asked?.rtoSeconds ?? 0) s (RTO)"
        }
    }
}
