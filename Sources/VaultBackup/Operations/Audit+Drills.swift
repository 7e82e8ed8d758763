/// What drills have proven of a snapshot, as far as public keys can tell.
extension Audit {
    /// The newest drill whose evidence counts; evidence that is missing or does not fit is a finding.
    mutating func judgeDrills(of snapshot: SnapshotState) -> AuditReport.Drill? {
        var newest: AuditReport.Drill?
        for drill in state.drills where drill.body.snapshot == snapshot.id {
            let object = "drill \(drill.id.hex.prefix(8))"
            if let fault = fault(of: drill) {
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
    private func fault(of drill: DrillState) -> String? {
        let name = ObjectName.content(.evidence, drill.body.evidence)
        guard let stored = try? store.get(name) else { return "\(name), its evidence, is missing" }
        guard SHA256.digest(stored) == drill.body.evidence else { return "\(name), its evidence, holds other bytes" }
        guard let envelope = try? Envelope(decoding: stored), envelope.signer == drill.writer,
            let writer = state.keyring.member(drill.writer),
            Ed25519.isValid(
                envelope.signature, of: Envelope.signedBytes(of: envelope.payload), publicKey: writer.ed25519)
        else { return "Its evidence is not signed by the writer of its record" }
        let claim = try? Self.claim(envelope.payload)
        guard let claim, claim.verdict == drill.body.verdict.rawValue, claim.snapshot == drill.body.snapshot.hex,
            claim.repository == state.repository.hex, claim.scope == drill.body.scope.rawValue,
            claim.packs == Hex.encode(drill.body.packs.encode()), claim.member == drill.writer.hex,
            claim.subjects.contains(drill.body.snapshot.hex)
        else { return "Its evidence says something else than its record" }
        return nil
    }

    private struct Claim {
        var verdict, snapshot, repository, scope, packs, member: String
        var subjects: [String]
    }

    private static func claim(_ payload: [UInt8]) throws(FormatError) -> Claim {
        let statement = try JSONFields(try CanonicalJSON.decode(payload, "evidence"), "evidence")
        let drill = try statement.object("predicate", "evidence").object(
            "https://vault-backup.org/drill/v0", "evidence")
        var subjects: [String] = []
        for value in try statement.array("subject") {
            subjects.append(try JSONFields(value, "subject").object("digest", "digest").string("sha256"))
        }
        return Claim(
            verdict: try drill.string("verdict"), snapshot: try drill.string("snapshot"),
            repository: try drill.string("repository"), scope: try drill.string("scope"),
            packs: try drill.string("packs"), member: try drill.string("member"), subjects: subjects)
    }
}
