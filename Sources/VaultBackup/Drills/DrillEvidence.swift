/// What a drill did and found, in the form in which it is signed and kept (`docs/FORMAT.md`, section 11.1). Public:
/// there is no path, name or content in it.
public struct DrillEvidence: Sendable, Equatable {
    /// How much of something.
    public struct Amount: Sendable, Equatable {
        /// Bytes of content.
        public var bytes: Int
        /// Entries.
        public var entries: Int
        /// Packs.
        public var packs: Int

        /// An amount as given.
        public init(bytes: Int, entries: Int, packs: Int) {
            self.bytes = bytes
            self.entries = entries
            self.packs = packs
        }
    }

    /// A stretch of the drill, by a clock that never goes back.
    public struct Phase: Sendable, Equatable {
        /// The phases, in their order. The raw values are the stored words.
        public enum Name: String, Sendable, CaseIterable {
            case open, plan, restore, compare
            case databaseStart = "database-start"
            case databaseLoad = "database-load"
            case databaseCompare = "database-compare"
            case script, malware, packs

            /// Whether the time to recover has it as a part: until everything is restored and found to work.
            public var isRecovery: Bool { self != .packs && self != .malware }

            /// The first version of evidence that has it.
            var since: Int { [.open, .plan, .restore, .compare, .packs].contains(self) ? 0 : 1 }

            /// The phases of evidence of a version, in their order.
            static func all(_ version: Int) -> [Self] { allCases.filter { $0.since <= version } }
        }

        /// Which one.
        public var name: Name
        /// How long it took.
        public var milliseconds: Int

        /// A phase as given.
        public init(name: Name, milliseconds: Int) {
            self.name = name
            self.milliseconds = milliseconds
        }
    }

    /// Something that is not as it should be, without its name.
    public struct Failure: Sendable, Equatable {
        /// The check that found it.
        public var check: DrillCheck.Name
        /// Keyed hash of the path, 16 bytes.
        public var entry: [UInt8]
    }

    /// How what was restored was chosen.
    public struct Sample: Sendable, Equatable {
        /// Hundredths of a percent of the snapshot's data; 10,000 for all of it.
        public var hundredths: Int
        /// The random bytes that the choice was made with, 16.
        public var seed: [UInt8]
    }

    /// The answer to a number that was drawn when all was restored.
    public var challenge: DrillChallenge
    /// The checks, by name.
    public var checks: [DrillCheck]
    /// What later versions say besides; nil in evidence of version 0.
    public var circumstances: Circumstances?
    /// What was compared.
    public var compared: Amount
    /// When the drill ended.
    public var ended: Timestamp
    /// Until when it counts.
    public var expires: Timestamp
    /// How much is wrong.
    public var failureCount: Int
    /// What is wrong; at most ``failuresMax``.
    public var failures: [Failure]
    /// The head of the log when the drill began: it is not older than that.
    public var head: LogPoint
    /// Keyed hash of the name of the host, 16 bytes.
    public var host: [UInt8]
    /// The copy of the repository.
    public var lineage: RepositoryID
    /// Who ran it.
    public var member: MemberID
    /// The packs it proved.
    public var packs: PackSet
    /// How long each phase took.
    public var phases: [Phase]
    /// SHA-256 of the evidence before it of the same system; zero for the first.
    public var previous: Digest
    /// The program.
    public var program: String
    /// The repository.
    public var repository: RepositoryID
    /// Disclosure root of the snapshot.
    public var root: Digest
    /// Age of the data when the drill began, in seconds: since the backup began.
    public var rpoSeconds: Int
    /// How it was chosen.
    public var sample: Sample
    /// How much of the snapshot it is about.
    public var scope: DrillScope
    /// What was left out and why.
    public var skipped: [(reason: DrillSkip, count: Int)]
    /// The snapshot: its place in the log, and its id.
    public var snapshot: LogPoint
    /// When the drill began.
    public var started: Timestamp
    /// The system of the snapshot.
    public var system: String
    /// What the snapshot has.
    public var total: Amount
    /// What the drill came to.
    public var verdict: DrillVerdict

    /// Most failures in it.
    public static let failuresMax = 100
    static let predicateType = "https://in-toto.io/attestation/test-result/v0.1"
    static let detailName = "https://vault-backup.org/drill/v0"

    /// Time to recover: the phases until everything was restored and compared, in milliseconds.
    public var rtoMilliseconds: Int {
        phases.filter(\.name.isRecovery).reduce(0) { $0 + $1.milliseconds }
    }

    /// Whether everything is equal.
    public static func == (l: Self, r: Self) -> Bool { l.payload == r.payload }
}

// MARK: The stored form

extension DrillEvidence {
    /// The payload to sign.
    public var payload: [UInt8] { CanonicalJSON.encode(statement) }

    private var statement: JSONValue {
        Statement.json(
            Self.predicateType,
            .object([
                "configuration": .array([Self.subject(head).json]),
                "failedTests": tests { $0 == .failed }, "passedTests": tests { $0 == .proven },
                "warnedTests": tests { $0 != .failed && $0 != .proven }, "result": .string(Self.result(verdict)),
                Self.detailName: detail,
            ]),
            [Self.subject(snapshot), Record.Subject(name: "root", digest: root)])
    }

    /// The word of the test-result predicate for a verdict: what is not proven must never look like a success.
    static func result(_ verdict: DrillVerdict) -> String {
        switch verdict {
        case .proven: "PASSED"
        case .failed: "FAILED"
        case .notProven, .skipped: "WARNED"
        }
    }

    private static func subject(_ point: LogPoint) -> Record.Subject {
        Record.Subject(name: ObjectName.record(point.position).text, digest: point.digest)
    }

    private func tests(_ isWanted: (DrillVerdict) -> Bool) -> JSONValue {
        .array(checks.filter { isWanted($0.verdict) }.map { .string($0.name.rawValue) })
    }

    /// The version of the form.
    var version: Int { circumstances == nil ? 0 : 1 }

    private var detail: JSONValue {
        let later: [String: JSONValue] = circumstances?.members ?? [:]
        return .object(detailMembers.merging(later) { $1 })
    }

    private var detailMembers: [String: JSONValue] {
        [
            "challenge": .object([
                "bytes": .integer(challenge.bytes), "files": .integer(challenge.files),
                "nonce": .string(challenge.nonce.hex), "response": .string(challenge.response.hex),
            ]),
            "checks": .array(checks.map(Self.json)), "compared": compared.json,
            "ended": .string(ended.description), "expires": .string(expires.description),
            "failureCount": .integer(failureCount),
            "failures": .array(
                failures.map {
                    .object(["check": .string($0.check.rawValue), "entry": .string(Hex.encode($0.entry))])
                }),
            "host": .string(Hex.encode(host)), "lineage": .string(lineage.hex), "member": .string(member.hex),
            "packs": .string(Hex.encode(packs.encode())),
            "phases": .array(
                phases.map {
                    .object(["milliseconds": .integer($0.milliseconds), "name": .string($0.name.rawValue)])
                }),
            "previous": .string(previous.hex), "program": .string(program), "repository": .string(repository.hex),
            "rpo": .object([
                "from": .string(Self.rpoFrom), "seconds": .integer(rpoSeconds), "to": .string(Self.rpoTo),
            ]),
            "rto": .object(["milliseconds": .integer(rtoMilliseconds), "phases": Self.recoveryPhases(version)]),
            "sample": .object([
                "hundredths": .integer(sample.hundredths),
                "method": .string(scope == .whole ? "whole" : "oldest-first"),
                "seed": .string(Hex.encode(sample.seed)),
            ]),
            "scope": .string(scope.rawValue),
            "skipped": .array(
                skipped.map { .object(["count": .integer($0.count), "reason": .string($0.reason.rawValue)]) }),
            "snapshot": .string(snapshot.digest.hex), "started": .string(started.description),
            "system": .string(system), "total": total.json, "verdict": .string(verdict.rawValue),
            "version": .integer(version),
        ]
    }

    static let rpoFrom = "snapshot-started"
    static let rpoTo = "drill-started"
    static func recoveryPhases(_ version: Int) -> JSONValue {
        .array(Phase.Name.all(version).filter(\.isRecovery).map { .string($0.rawValue) })
    }

    private static func json(_ check: DrillCheck) -> JSONValue {
        .object([
            "compared": .integer(check.compared), "expected": .integer(check.expected),
            "name": .string(check.name.rawValue), "verdict": .string(check.verdict.rawValue),
        ])
    }
}

extension DrillEvidence.Amount {
    fileprivate var json: JSONValue {
        .object(["bytes": .integer(bytes), "entries": .integer(entries), "packs": .integer(packs)])
    }
}
