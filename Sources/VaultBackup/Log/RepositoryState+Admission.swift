extension RepositoryState {
    /// Why a record must not be published now; nil when it will be effective at position ``head`` + 1.
    ///
    /// - Parameter sets: reads pack set objects, which must be stored before a record names them.
    func refusal(of record: Record, sets: PackSetSource) throws(StorageError) -> VaultError? {
        if let refusal = refusalOfAnyWriting { return refusal }
        if case .unknown(let kind) = record.body {
            return VaultError(.failed, "A record of the kind \(kind) cannot be written")
        }
        guard let writer = keyring.member(record.writer) else {
            return VaultError(.wrongIdentity, "The identity \(record.writer) is not a member of this repository")
        }
        guard allows(writer, record.body) else {
            return VaultError(
                .notAllowed, "The roles of '\(writer.name)' do not allow records of the kind \(record.body.kind)",
                nextStep: "Use an identity that has the role, or ask an administrator")
        }
        let set = try packSet(of: record.body, sets)
        if case .missing(let name) = set { return VaultError(.damaged, "The pack set \(name) is not in the store") }
        guard let condition = unmetCondition(of: record, set) else { return nil }
        return VaultError(
            condition.code, "The record of the kind \(record.body.kind) would have no effect: \(condition)",
            nextStep: condition.nextStep)
    }

    var refusalOfAnyWriting: VaultError? {
        guard let first = irregularities.first(where: { $0.kind.preventsWriting }) else { return nil }
        let message = "The repository cannot be written: record \(first.position): \(first.reason)"
        if first.kind == .unknownKind {
            return VaultError(.unsupportedFormat, message, nextStep: "Use a newer version of the program")
        }
        return VaultError(
            .damaged, message,
            nextStep:
                "Put the damaged object back from a copy of the repository, with 'vault repair --from DIR --apply'; "
                + "restoring works meanwhile")
    }
}

extension UnmetCondition {
    fileprivate var code: VaultError.Code {
        switch self {
        case .keyringConflict(let conflict):
            switch conflict {
            case .otherBasis: .sessionConflict
            case .fixedPart, .noNewEpoch, .epochDoesNotFollow, .wrongSlots: .failed
            case .nameTwice, .tooFewAdministrators, .noReader: .usage
            }
        case .systemNotAllowed, .purposeNotAllowed, .foreignSession: .notAllowed
        case .sessionExists, .epochNotInForce, .noSession, .sessionClosed, .packCommittedBefore, .packEpochOver,
            .packEpochNotBegun,
            .sessionNotSilent:
            .sessionConflict
        case .otherSystem, .packNotEligible, .setMalformed, .noSnapshot, .packNotInSnapshot, .packNotThere,
            .nothingToCondemn, .nothingToSweep, .notMaintenance, .basisTooHigh, .snapshotSwept:
            .failed
        case .snapshotHeld, .snapshotTooYoung, .tooFewRemain, .holdNotOver: .notAllowed
        case .snapshotNotLive, .snapshotNotForgotten, .noHold, .noProposal, .approvedBefore, .noHolder, .tokenIsOut,
            .tokenNotOut:
            .usage
        }
    }

    fileprivate var nextStep: String {
        switch self {
        case .snapshotHeld: return "Release the hold first"
        case .keyringConflict(.otherBasis): return "Propose it anew: run the command that proposed it again"
        case .keyringConflict: return "See 'vault access list'"
        case .snapshotTooYoung, .tooFewRemain, .holdNotOver: return "Let the administrators order it"
        case .nothingToSweep: return "Run the same command again when the sessions that are open have ended"
        default: break
        }
        return switch code {
        case .notAllowed: "Use an identity that may do this, or ask an administrator"
        case .sessionConflict: "Run the same command again; what was stored already is used again"
        default: ""
        }
    }
}
