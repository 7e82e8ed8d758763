/// A drill as the log shows it to everybody.
public struct DrillInfo: Sendable {
    /// SHA-256 of its record; people use the first eight digits or more.
    public var id: Digest
    /// Position of its record.
    public var position: Int
    /// The snapshot.
    public var snapshot: Digest
    /// The system of the snapshot.
    public var system: String
    /// Name of the member that ran it.
    public var member: String
    /// What its record says.
    public var body: DrillBody
    /// Whether its proof has expired.
    public var isExpired: Bool

    init(_ drill: DrillState, _ state: RepositoryState, now: Timestamp) {
        id = drill.id
        position = drill.position
        snapshot = drill.body.snapshot
        system = drill.system
        member = state.nameOfMember(drill.writer)
        body = drill.body
        isExpired = drill.body.verdict == .proven && drill.body.isExpired(at: now)
    }
}

/// Evidence that was checked, with the bytes that were checked.
public struct DrillProof: Sendable {
    /// The drill.
    public var info: DrillInfo
    /// What the evidence says.
    public var evidence: DrillEvidence
    /// The stored evidence: a line.
    public var stored: [UInt8]
    /// Public Ed25519 key of who signed it.
    public var publicKey: [UInt8]
}

/// Lists and shows drills. Needs no key.
public enum Drills {
    private static let idDigitsMin = 4

    /// All drills, or those of one system, in the order of the log.
    public static func list(_ repository: Repository, system: String? = nil) -> [DrillInfo] {
        let (state, now) = (repository.state, repository.clock.now())
        return state.drills.filter { $0.isOf(system) }.map { DrillInfo($0, state, now: now) }
    }

    /// The evidence of the drill that `text` means (`latest`, or the beginning of an id), after bytes, signature and
    /// agreement with record and snapshot were checked.
    /// - Throws: ``VaultError`` `.usage` when there is no such drill, `.damaged` when its evidence does not count.
    public static func show(_ text: String, in repository: Repository) throws -> DrillProof {
        let state = repository.state
        let drill = try find(text, in: state)
        let name = ObjectName.content(.evidence, drill.body.evidence)
        let stored = try read(name, repository)
        do throws(DrillEvidence.Rejection) {
            let evidence = try DrillEvidence(stored, of: drill, in: state)
            return DrillProof(
                info: DrillInfo(drill, state, now: repository.clock.now()), evidence: evidence, stored: stored ?? [],
                publicKey: state.knownMember(drill.writer)?.ed25519 ?? [])
        } catch {
            throw VaultError(
                .damaged,
                "The evidence of drill \(drill.id.hex.prefix(8)) does not count: \(error.description)",
                nextStep: "Put \(name) back from a copy of the repository, or run the drill again")
        }
    }

    private static func read(_ name: ObjectName, _ repository: Repository) throws(VaultError) -> [UInt8]? {
        do throws(StorageError) { return try repository.store.get(name) } catch {
            throw VaultError(.storage, "\(name) cannot be read", nextStep: "Check the store", cause: error)
        }
    }

    static func find(_ text: String, in state: RepositoryState) throws -> DrillState {
        if text == "latest" {
            if let last = state.drills.last { return last }
            throw VaultError(.usage, "There is no drill on record yet", nextStep: "Run one with 'vault drill run'")
        }
        let found = text.utf8.count < idDigitsMin ? [] : state.drills.filter { $0.id.hex.hasPrefix(text) }
        guard let first = found.first, found.count == 1 else {
            throw VaultError(
                .usage,
                found.isEmpty ? "There is no drill '\(text)'" : "\(found.count) drills begin with '\(text)'",
                nextStep: "Give 'latest' or at least \(idDigitsMin) digits of an id from 'vault drill list'")
        }
        return first
    }
}

extension DrillState {
    /// Whether it is of a system, as ``SnapshotState/isOf(_:)`` says it of a snapshot.
    func isOf(_ system: String?) -> Bool { system.map { self.system.hasSameBytes(as: $0) } ?? true }
}

extension Drills {
    /// A file that an export writes.
    public struct ExportedFile: Sendable {
        /// Its name.
        public var name: String
        /// Its content.
        public var bytes: [UInt8]
    }

    private static let publicKeyPrefix: [UInt8] = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    /// Everything that somebody needs who checks a drill with `openssl` alone: the evidence, the public key of its
    /// signer (a hint: who trusts it must have it from elsewhere), and the records of the drill and of its snapshot.
    /// - Throws: as ``show(_:in:)``.
    public static func export(_ text: String, in repository: Repository) throws -> [ExportedFile] {
        let proof = try show(text, in: repository)
        let stem = "drill-\(proof.info.id.hex.prefix(8))"
        let key = Base64.encode(publicKeyPrefix + proof.publicKey)
        let pem = "-----BEGIN PUBLIC KEY-----\n\(key)\n-----END PUBLIC KEY-----\n"
        return [
            ExportedFile(name: "\(stem).intoto.jsonl", bytes: proof.stored),
            ExportedFile(name: "\(stem).pem", bytes: Array(pem.utf8)),
            ExportedFile(name: "\(stem).record.jsonl", bytes: try record(proof.info.position, repository)),
            ExportedFile(
                name: "\(stem).snapshot.jsonl", bytes: try record(proof.evidence.snapshot.position, repository)),
        ]
    }

    private static func record(_ position: Int, _ repository: Repository) throws -> [UInt8] {
        let name = ObjectName.record(position)
        if let bytes = try read(name, repository) { return bytes }
        throw VaultError(
            .damaged, "\(name) is missing", nextStep: "Put it back from a copy of the repository")
    }
}
