/// What a drill, or one of its checks, came to. The raw values are the stored words.
public enum DrillVerdict: String, Sendable, CaseIterable {
    /// Everything that was to be shown was shown.
    case proven
    /// Something is not as it should be.
    case failed
    /// Nothing was compared, or something could not be: neither good nor bad is known.
    case notProven = "not-proven"
    /// It does not apply here.
    case skipped
}

/// How much of a snapshot a drill is about. The raw values are the stored words.
public enum DrillScope: String, Sendable, CaseIterable {
    /// All of it.
    case whole
    /// What lies in some of its packs.
    case sample
}

/// Puts a restore drill on record (`docs/FORMAT.md`, section 11). Public to whoever reads the store.
public struct DrillBody: Sendable, Equatable {
    /// Bytes of content that were restored and compared.
    public var bytes: Int
    /// Entries that were restored and compared.
    public var entries: Int
    /// SHA-256 of the stored evidence object.
    public var evidence: Digest
    /// Until when the proof counts, by the clock of the drill.
    public var expires: Timestamp
    /// The packs that it proved; empty unless the verdict is proven.
    public var packs: PackSet
    /// How much of the snapshot it is about.
    public var scope: DrillScope
    /// Id of the snapshot.
    public var snapshot: Digest
    /// When it began, by its clock.
    public var started: Timestamp
    /// What it came to.
    public var verdict: DrillVerdict
    /// The copy whose objects were read; nil for those of the repository. Such a drill proves packs of the copy, and
    /// says nothing of those in the repository.
    public var copy: CopyID?

    /// A body as given. - Precondition: there are packs exactly when the verdict is proven.
    public init(
        bytes: Int, entries: Int, evidence: Digest, expires: Timestamp, packs: PackSet, scope: DrillScope,
        snapshot: Digest, started: Timestamp, verdict: DrillVerdict, copy: CopyID? = nil
    ) {
        precondition(packs.isEmpty == (verdict != .proven), "packs are proven by a proven drill, and by no other")
        self.bytes = bytes
        self.entries = entries
        self.evidence = evidence
        self.expires = expires
        self.packs = packs
        self.scope = scope
        self.snapshot = snapshot
        self.started = started
        self.verdict = verdict
        self.copy = copy
    }

    /// Whether its proof counts no more at a time.
    public func isExpired(at time: Timestamp) -> Bool { expires < time }

    static let fieldNames = [
        "bytes", "entries", "evidence", "expires", "packs", "scope", "snapshot", "started", "verdict",
    ]

    var fields: [String: JSONValue] {
        let always: [String: JSONValue] = [
            "bytes": .integer(bytes), "entries": .integer(entries), "evidence": .string(evidence.hex),
            "expires": .string(expires.description), "packs": .string(Hex.encode(packs.encode())),
            "scope": .string(scope.rawValue), "snapshot": .string(snapshot.hex),
            "started": .string(started.description), "verdict": .string(verdict.rawValue),
        ]
        return copy.map { always.merging(["copy": .string($0.hex)]) { $1 } } ?? always
    }

    init(_ fields: JSONFields) throws(FormatError) {
        let packs = try fields.recordedPacks("packs")
        let verdict: DrillVerdict = try fields.word("verdict")
        guard packs.isEmpty == (verdict != .proven) else {
            throw fields.error("it has packs without being proven, or is proven without packs")
        }
        self.init(
            bytes: try fields.integer("bytes"), entries: try fields.integer("entries"),
            evidence: try fields.digest("evidence"), expires: try fields.time("expires"), packs: packs,
            scope: try fields.word("scope"), snapshot: try fields.digest("snapshot"),
            started: try fields.time("started"), verdict: verdict,
            copy: fields.has("copy") ? try fields.id("copy") : nil)
    }
}

/// Vouches for packs whose every segment was decrypted and whose every chunk has the content that its id says.
public struct AttestBody: Sendable, Equatable {
    /// What was done to know it. The raw values are the stored words.
    public enum Method: String, Sendable, CaseIterable {
        case drill, restore, verify
    }

    /// What was done to know it.
    public var method: Method
    /// The packs; never empty.
    public var packs: PackSet

    /// A body as given. - Precondition: there is a pack.
    public init(method: Method, packs: PackSet) {
        precondition(!packs.isEmpty, "an attestation is of something")
        self.method = method
        self.packs = packs
    }

    static let fieldNames = ["method", "packs"]

    var fields: [String: JSONValue] {
        ["method": .string(method.rawValue), "packs": .string(Hex.encode(packs.encode()))]
    }

    init(_ fields: JSONFields) throws(FormatError) {
        let packs = try fields.recordedPacks("packs")
        guard !packs.isEmpty else { throw fields.error("it attests nothing") }
        self.init(method: try fields.word("method"), packs: packs)
    }
}

extension PackSet {
    /// Largest form in a DRILL or ATTEST record, in bytes.
    public static let recordedBytesMax = 131_072

    /// The longest beginning of the set whose form fits into a record.
    public var recordable: PackSet {
        guard encode().count > Self.recordedBytesMax else { return self }
        var low = 0
        var high = runs.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if PackSet(runs: runs[..<middle]).encode().count <= Self.recordedBytesMax {
                low = middle
            } else {
                high = middle
            }
        }
        return PackSet(runs: runs[..<low])
    }

    private init(runs: ArraySlice<Range<Int>>) {
        self.init()
        for run in runs { append(run) }
    }
}

extension JSONFields {
    func recordedPacks(_ name: String) throws(FormatError) -> PackSet {
        let bytes = try hex(name)
        guard bytes.count <= PackSet.recordedBytesMax else { throw error("field '\(name)' is too long") }
        return try PackSet(decoding: bytes)
    }
}
