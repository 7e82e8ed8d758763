/// The evidence of drills that say they proved something, read when it is asked for and once.
///
/// A repository with years of drills has thousands of evidence objects, and few of them can still count: those of the
/// drills that last proved a pack of a newest snapshot, and the last ones of each system. Only these are asked for.
final class EvidenceJudge {
    private enum Judgement {
        case accepted(DrillEvidence)
        case rejected(DrillEvidence.Rejection)
    }

    private let repository: Repository
    private let state: RepositoryState
    private var judgements: [Digest: Judgement] = [:]
    private(set) var failure: VaultError?

    init(_ repository: Repository, _ state: RepositoryState) {
        self.repository = repository
        self.state = state
    }

    /// Whether a drill proved something and its evidence counts.
    func counts(_ drill: DrillState) -> Bool { drill.body.verdict == .proven && evidence(of: drill) != nil }

    /// Why the evidence of a drill that says it proved something does not count; nil when it does.
    func rejection(of drill: DrillState) -> DrillEvidence.Rejection? {
        guard drill.body.verdict == .proven, case .rejected(let reason) = judgement(of: drill) else { return nil }
        return reason
    }

    /// The evidence of a drill, of any verdict, if it counts as what it says.
    func evidence(of drill: DrillState) -> DrillEvidence? {
        if case .accepted(let evidence) = judgement(of: drill) { return evidence }
        return nil
    }

    /// Throws when some evidence could not be read: what was judged without it is worth nothing.
    func check() throws(VaultError) { if let failure { throw failure } }

    private func judgement(of drill: DrillState) -> Judgement {
        if let known = judgements[drill.id] { return known }
        let made = judge(drill)
        judgements[drill.id] = made
        return made
    }

    private func judge(_ drill: DrillState) -> Judgement {
        let stored: [UInt8]?
        do throws(StorageError) {
            stored = try repository.store.get(.content(.evidence, drill.body.evidence))
        } catch {
            failure =
                failure
                ?? VaultError(
                    .storage, "Evidence cannot be read", nextStep: "Check the store", cause: error)
            return .rejected(.unreadable)
        }
        do throws(DrillEvidence.Rejection) {
            return .accepted(try DrillEvidence(stored, of: drill, in: state))
        } catch {
            return .rejected(error)
        }
    }
}
