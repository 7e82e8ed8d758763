extension Drill {
    /// Signs and stores the evidence, then puts the drill on record, then vouches for the packs that it proved.
    static func publish(
        _ evidence: DrillEvidence, _ run: DrillRun, _ access: ReadAccess, _ state: RepositoryState
    ) throws -> DrillReport {
        let repository = access.repository
        let stored = try Envelope(signing: evidence.payload, as: access.member.id, seed: access.signer.seed).encode()
        let digest = SHA256.digest(stored)
        // Nothing is written into a copy, nor what may be one: what was found is told, and is on no record.
        if repository.copy != nil || repository.elsewhere != nil { return unrecorded(evidence, digest, run, state) }
        do throws(StorageError) {
            _ = try repository.store.put(.content(.evidence, digest), stored)
        } catch {
            throw VaultError(storing: "evidence of the drill", error)
        }
        let body = DrillBody(
            bytes: evidence.compared.bytes, entries: evidence.compared.entries, evidence: digest,
            expires: evidence.expires, packs: evidence.packs, scope: evidence.scope,
            snapshot: evidence.snapshot.digest, started: evidence.started, verdict: evidence.verdict,
            copy: evidence.circumstances?.copy)
        let record = try repository.log.publish(.drill(body), by: access.signer)
        let attested = try attest(evidence, run, access)
        repository.advancePin()
        let after = repository.state
        return DrillReport(
            evidence: evidence, evidenceDigest: digest, id: record.digest, position: record.position,
            findings: run.tally.findings, attested: attested,
            coverage: Coverage(
                of: run.snapshot, in: after, now: evidence.ended, drilled: run.snapshot.position, counts: { _ in true })
        )
    }

    private static func unrecorded(
        _ evidence: DrillEvidence, _ digest: Digest, _ run: DrillRun, _ state: RepositoryState
    ) -> DrillReport {
        DrillReport(
            evidence: evidence, evidenceDigest: digest, id: digest, position: state.head, isOnRecord: false,
            findings: run.tally.findings, attested: 0,
            coverage: Coverage(
                of: run.snapshot, in: state, now: evidence.ended, drilled: run.snapshot.position, counts: { _ in true })
        )
    }

    /// Returns how many packs are attested now that were not before.
    private static func attest(_ evidence: DrillEvidence, _ run: DrillRun, _ access: ReadAccess) throws -> Int {
        // What was read elsewhere is no reason to reuse what is here.
        guard evidence.verdict == .proven, evidence.circumstances?.copy == nil else { return 0 }
        let state = access.repository.state
        let new = PackSet(run.rightPacks.ordinals.filter { !state.packs[$0].isAttested && !state.packs[$0].isSwept })
            .recordable
        guard !new.isEmpty else { return 0 }
        _ = try access.repository.log.publish(.attest(AttestBody(method: .drill, packs: new)), by: access.signer)
        return new.count
    }
}
