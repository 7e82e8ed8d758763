/// The keys of members for notes. They are the Ed25519 keys of their records: what is signed begins with another text
/// in each use (`DSSEv1 `, the origin of a log, `cosignature/v1`), so that nothing signed in one passes in another.
extension Member {
    /// The key with which it signs checkpoints of the log.
    public func checkpointKey(lineage: RepositoryID) -> NoteKey {
        NoteKey(name: Checkpoint.origin(of: lineage), algorithm: .ed25519, publicKey: ed25519)
    }

    /// The key with which it cosigns what others have signed.
    public var cosignatureKey: NoteKey {
        NoteKey(name: "vault-backup.org/member/\(id.hex)", algorithm: .cosignature, publicKey: ed25519)
    }
}

/// A checkpoint that somebody kept, and who vouches for it.
public struct KeptCheckpoint: Sendable {
    /// What it says.
    public let checkpoint: Checkpoint
    /// Who signed it, in words; empty when nobody whose key counts.
    public let signers: [String]
    /// Keys that count and whose signature does not verify.
    public let forgeries: [String]

    /// Reads a note and checks its signatures.
    ///
    /// - Parameter members: those whose signatures count.
    /// - Parameter witnesses: further keys that count.
    public init(
        _ note: SignedNote, lineage: RepositoryID, members: [Member], witnesses: [NoteKey]
    ) throws(FormatError) {
        checkpoint = try Checkpoint(decoding: note.text)
        var signers: [String] = []
        var forgeries: [String] = []
        func look(_ key: NoteKey, _ name: String) {
            switch key.verify(note) {
            case .absent: return
            case .invalid: forgeries.append(name)
            case .valid(let time):
                let seconds = time.map { min(Int64($0), Int64.max / 1_000) }
                signers.append(name + (seconds.map { " at \(Timestamp(milliseconds: $0 * 1_000))" } ?? ""))
            }
        }
        for member in members {
            look(member.checkpointKey(lineage: lineage), member.name)
            look(member.cosignatureKey, "\(member.name) as witness")
        }
        for key in witnesses where !members.contains(where: { $0.ed25519 == key.publicKey }) {
            look(key, "\(key.name) as witness")
        }
        self.signers = signers
        self.forgeries = forgeries
    }
}
