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
            guard drill.body.verdict == .proven, drill.body.copy == nil else { continue }
            newest = AuditReport.Drill(
                position: drill.position, started: drill.body.started, expires: drill.body.expires,
                isExpired: drill.body.isExpired(at: report.time), scope: drill.body.scope,
                packs: drill.body.packs.count)
        }
        return newest
    }

    /// Why the evidence of a drill does not count; nil when it does.
    private func fault(of drill: DrillState) -> String? {
        let name = ObjectName.content(.evidence, drill.body.evidence)
        let rejection: DrillEvidence.Rejection
        do {
            _ = try DrillEvidence(try store.get(name), of: drill, in: state)
            return nil
        } catch let error as DrillEvidence.Rejection { rejection = error } catch { rejection = .unreadable }
        return "\(name), its evidence, does not count: \(rejection)"
    }
}
