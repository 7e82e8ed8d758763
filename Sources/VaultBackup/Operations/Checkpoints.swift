/// Signs and cosigns heads of a repository's log.
public struct Checkpoints {
    private let repository: Repository
    /// The whole log, replayed without a cache.
    public let history: LogHistory

    /// Reads the log of an open repository, which has been checked against the pin.
    ///
    /// - Parameter ageMax: oldest age, in seconds, that the newest snapshot of each system may have; an older one may
    ///   mean that an old state is shown, and throws `.rolledBack`.
    /// - Throws: ``VaultError`` `.rolledBack`, `.notProven` when clocks do not allow to tell an age, `.storage`.
    public init(_ repository: Repository, ageMax: Int? = nil) throws {
        self.repository = repository
        history = try LogReader(store: repository.store).history()
        guard let ageMax else { return }
        if let finding = Audit.staleness(history, at: repository.clock.now(), ageMax: ageMax).first {
            throw VaultError(
                finding.verdict.code ?? .failed, "\(finding.object): \(finding.text)",
                nextStep: "Make a backup, or compare with a copy of the repository")
        }
    }

    /// A checkpoint of the whole log as it is now, signed by a member.
    ///
    /// - Throws: ``VaultError`` `.wrongIdentity` when the identity is no member, `.damaged` when the log is.
    public func sign(_ identity: Identity) throws -> SignedNote {
        try requireWholeLog()
        let key = try key(of: identity)
        let text = history.checkpoint.encode()
        return SignedNote(text: text, signatures: [try key.sign(text, seed: identity.secrets.ed25519Seed)])
    }

    /// The key that verifies a member's checkpoints.
    public func key(of identity: Identity) throws -> NoteKey {
        try member(identity).checkpointKey(lineage: history.state.lineage)
    }

    /// The key that verifies a member's cosignatures.
    public func cosignatureKey(of identity: Identity) throws -> NoteKey { try member(identity).cosignatureKey }

    /// Throws what ``cosign(_:_:name:)`` would throw because of the checkpoint.
    public func check(_ bytes: [UInt8], name: String) throws { _ = try judged(try Self.note(bytes, name), name) }

    /// Adds a member's cosignature to a checkpoint: that it is the largest head that this client has seen, and that
    /// all it has seen before is part of it. On return, this client's pin covers it durably.
    ///
    /// - Throws: ``VaultError`` `.usage` for what is no checkpoint of this log, `.notProven` when no member has signed
    ///   it, `.rolledBack` when it contradicts the log or is ahead of it, `.failed` when the log has grown since.
    public func cosign(_ bytes: [UInt8], _ identity: Identity, name: String) throws -> SignedNote {
        try requireWholeLog()
        let key = try cosignatureKey(of: identity)
        var note = try Self.note(bytes, name)
        let checkpoint = try judged(note, name)
        guard checkpoint.size == history.size else {
            throw VaultError(
                .failed, "\(name) covers \(checkpoint.size) records, and the log has grown to \(history.size) since",
                nextStep: "Make a new one with 'vault log checkpoint': a cosignature is of the newest head")
        }
        repository.advancePin()
        let pins = PinFile(files: FolderFiles(folder: repository.folders.config(of: repository.id)))
        guard let pin = try pins.load(), pin.point.position >= history.state.lastCounted.position else {
            throw VaultError(
                .failed, "What was seen of the log cannot be remembered, so it must not be cosigned",
                nextStep: "Check the permissions of \(PathText.readable(repository.folders.config(of: repository.id)))")
        }
        let seconds = Int(repository.clock.now().milliseconds / 1_000)
        let signature = try key.sign(note.text, time: seconds, seed: identity.secrets.ed25519Seed)
        note.signatures.removeAll { $0.keyName == key.name && $0.keyID == key.id }
        note.signatures.append(signature)
        return note
    }

    /// The hashes that prove a record to be in the tree of a checkpoint, as a C2SP tlog-proof with the checkpoint.
    ///
    /// - Throws: as ``cosign(_:_:name:)``, and `.usage` for a position that the checkpoint does not cover.
    public func proof(of position: Int, in bytes: [UInt8], name: String) throws -> [UInt8] {
        let note = try Self.note(bytes, name)
        let checkpoint = try judged(note, name)
        guard position >= 0, position < checkpoint.size else {
            throw VaultError(
                .usage, "\(name) covers the records 0 to \(checkpoint.size - 1), not \(position)",
                nextStep: "Give a position from 'vault log show'")
        }
        let proof = MerkleTree.inclusionProof(of: position, in: history.entries[..<checkpoint.size].map(\.leaf)[...])
        let lines = ["c2sp.org/tlog-proof@v1", "index \(position)"] + proof.map { Base64.encode($0.bytes) }
        return Array((lines.joined(separator: "\n") + "\n\n").utf8) + note.encode()
    }

    private func requireWholeLog() throws {
        let damage = history.state.irregularities.first { $0.kind.isDamage }
        guard let damage else { return }
        throw VaultError(
            .damaged, "The log is damaged: record \(damage.position): \(damage.reason)",
            nextStep: "Put the damaged object back from a copy of the repository")
    }

    private func member(_ identity: Identity) throws -> Member {
        guard let member = history.state.keyring.member(identity.id) else {
            throw VaultError(
                .wrongIdentity, "The identity '\(identity.name)' is not a member of the repository",
                nextStep: "Use an identity that was made for this repository")
        }
        return member
    }

    private static func note(_ bytes: [UInt8], _ name: String) throws -> SignedNote {
        do { return try SignedNote(decoding: bytes) } catch {
            throw VaultError(
                .usage, "\(name) is no checkpoint", nextStep: "Make one with 'vault log checkpoint'", cause: error)
        }
    }

    /// A checkpoint that a member has signed and that the log extends.
    private func judged(_ note: SignedNote, _ name: String) throws -> Checkpoint {
        let state = history.state
        let kept: KeptCheckpoint
        do {
            let members = state.signers(size: try Checkpoint(decoding: note.text).size)
            kept = try KeptCheckpoint(note, lineage: state.lineage, members: members, witnesses: [])
        } catch {
            throw VaultError(
                .usage, "\(name) is no checkpoint", nextStep: "Make one with 'vault log checkpoint'", cause: error)
        }
        let checkpoint = kept.checkpoint
        guard checkpoint.origin == Checkpoint.origin(of: state.lineage) else {
            throw VaultError(
                .usage, "\(name) is a checkpoint of \(checkpoint.origin), not of this log",
                nextStep: "Name the right repository with -r")
        }
        guard kept.forgeries.isEmpty, !kept.signers.isEmpty else {
            let reason =
                kept.forgeries.first.map { "the signature of \($0) does not verify" } ?? "no member has signed it"
            throw VaultError(.notProven, "\(name) does not count: \(reason)", nextStep: "Get it again from its signer")
        }
        let nextStep = "Keep both, do not write to the repository, and find out with 'vault audit --checkpoint FILE'"
        guard checkpoint.size <= history.size else {
            throw VaultError(
                .rolledBack, "\(name) covers \(checkpoint.size) records, but the log shown has \(history.size)",
                nextStep: nextStep)
        }
        guard history.checkpoint(size: checkpoint.size) == checkpoint else {
            throw VaultError(
                .rolledBack, "The first \(checkpoint.size) records are others than those that \(name) was signed for",
                nextStep: nextStep)
        }
        return checkpoint
    }
}
