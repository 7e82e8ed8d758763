/// What drills have proven of a snapshot, as far as public keys can tell.
extension Audit {
    /// The newest drill whose evidence counts; evidence that is missing or does not fit is a finding.
    mutating func judgeDrills(of snapshot: SnapshotState) -> AuditReport.Drill? {
        var newest: AuditReport.Drill?
        for drill in state.drills where drill.body.snapshot == snapshot.id {
            let object = "drill \(drill.id.hex.prefix(8))"
            if let fault = fault(of: drill, snapshot) {
                report.find(.damaged, object, fault)
                continue
            }
            if drill.body.verdict == .failed {
                report.notices.append(
                    "A drill of snapshot \(snapshot.id.hex.prefix(8)) failed (record \(drill.position))")
            }
            guard drill.body.verdict == .proven else { continue }
            newest = AuditReport.Drill(
                position: drill.position, started: drill.body.started, expires: drill.body.expires,
                isExpired: drill.body.expires <= report.time, scope: drill.body.scope, packs: drill.body.packs.count)
        }
        return newest
    }

    /// Why the evidence of a drill does not count; nil when it does (`docs/FORMAT.md`, section 11.1).
    private func fault(of drill: DrillState, _ snapshot: SnapshotState) -> String? {
        let name = ObjectName.content(.evidence, drill.body.evidence)
        guard let stored = try? store.get(name) else { return "\(name), its evidence, is missing" }
        guard SHA256.digest(stored) == drill.body.evidence else { return "\(name), its evidence, holds other bytes" }
        guard let envelope = try? Envelope(decoding: stored), envelope.signer == drill.writer,
            let writer = state.keyring.member(drill.writer),
            Ed25519.isValid(
                envelope.signature, of: Envelope.signedBytes(of: envelope.payload), publicKey: writer.ed25519)
        else { return "Its evidence is not signed by the writer of its record" }
        guard let evidence = try? DrillEvidence(decoding: envelope.payload) else {
            return "Its evidence is not in its form"
        }
        let body = drill.body
        guard evidence.verdict == body.verdict, evidence.snapshot.digest == body.snapshot,
            evidence.snapshot.position == snapshot.position, evidence.root == snapshot.body.disclosure,
            evidence.scope == body.scope, evidence.packs == body.packs, evidence.started == body.started,
            evidence.expires == body.expires, evidence.member == drill.writer,
            evidence.repository == state.repository, evidence.lineage == state.lineage,
            evidence.system.hasSameBytes(as: snapshot.body.system)
        else { return "Its evidence says something else than its record" }
        return nil
    }
}
