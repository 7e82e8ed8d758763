extension DrillEvidence {
    /// Reads a payload.
    /// - Throws: ``FormatError`` for anything that ``payload`` would not have written.
    public init(decoding payload: [UInt8]) throws(FormatError) {
        let statement = try Statement.decode(payload, Self.predicateType, "evidence")
        let subjects = try Self.subjects(try statement.array("subject", most: 2))
        let predicate = try statement.object("predicate", "evidence")
        let heads = try Self.subjects(try predicate.array("configuration", most: 1))
        guard subjects.count == 2, let head = heads.first.flatMap(Self.point), let snapshot = Self.point(subjects[0])
        else { throw statement.error("its subjects are not those of a drill") }
        let detail = try predicate.object(Self.detailName, "evidence of a drill")
        try self.init(detail, head: head, snapshot: snapshot, root: subjects[1].digest)
        // What was derived (results, sums, lists of tests) is derived again, and has to be the same.
        guard self.payload == payload else { throw statement.error("its parts do not agree") }
    }

    private static func subjects(_ values: [JSONValue]) throws(FormatError) -> [Record.Subject] {
        var subjects: [Record.Subject] = []
        for value in values { subjects.append(try Record.Subject(json: value)) }
        return subjects
    }

    private static func point(_ subject: Record.Subject) -> LogPoint? {
        ObjectName(subject.name)?.recordPosition.map { LogPoint(position: $0, digest: subject.digest) }
    }

    private init(
        _ detail: JSONFields, head: LogPoint, snapshot: LogPoint, root: Digest
    ) throws(FormatError) {
        let version = try detail.integer("version")
        guard (0...1).contains(version) else { throw detail.error("unknown version") }
        let challenge = try detail.object("challenge", "challenge")
        let sample = try detail.object("sample", "sample")
        self.init(
            challenge: DrillChallenge(
                bytes: try challenge.integer("bytes"), files: try challenge.integer("files"),
                nonce: try challenge.digest("nonce"), response: try challenge.digest("response")),
            checks: try Self.checks(detail), circumstances: version == 0 ? nil : try Circumstances(detail),
            compared: try Amount(try detail.object("compared", "amount")),
            ended: try detail.time("ended"), expires: try detail.time("expires"),
            failureCount: try detail.integer("failureCount"), failures: try Self.failures(detail), head: head,
            host: try detail.hex("host", count: 16), lineage: try detail.id("lineage"),
            member: try detail.id("member"), packs: try PackSet(decoding: try detail.hex("packs")),
            phases: try Self.phases(detail), previous: try detail.digest("previous"),
            program: try detail.string("program"), repository: try detail.id("repository"), root: root,
            rpoSeconds: try detail.object("rpo", "rpo").integer("seconds"),
            sample: Sample(
                hundredths: try sample.integer("hundredths", 1...10_000), seed: try sample.hex("seed", count: 16)),
            scope: try detail.word("scope"), skipped: try Self.skipped(detail), snapshot: snapshot,
            started: try detail.time("started"), system: try detail.string("system"),
            total: try Amount(try detail.object("total", "amount")), verdict: try detail.word("verdict"))
        let isOfVersion =
            checks.allSatisfy { $0.name.since <= version } && skipped.allSatisfy { $0.reason.since <= version }
            && (version == 0
                ? phases.allSatisfy { $0.name.since == 0 } : phases.map(\.name) == Phase.Name.all(version))
        guard isOfVersion else { throw detail.error("its words are not those of its version") }
    }

    private static func checks(_ detail: JSONFields) throws(FormatError) -> [DrillCheck] {
        var checks: [DrillCheck] = []
        for value in try detail.array("checks", most: DrillCheck.Name.allCases.count) {
            let fields = try JSONFields(value, "check")
            let check = DrillCheck(
                name: try fields.word("name"), expected: try fields.integer("expected"),
                compared: try fields.integer("compared"), verdict: try fields.word("verdict"))
            if let last = checks.last, !(last.name < check.name) { throw detail.error("checks are not in order") }
            checks.append(check)
        }
        return checks
    }

    private static func failures(_ detail: JSONFields) throws(FormatError) -> [Failure] {
        var failures: [Failure] = []
        for value in try detail.array("failures", most: failuresMax) {
            let fields = try JSONFields(value, "failure")
            failures.append(Failure(check: try fields.word("check"), entry: try fields.hex("entry", count: 16)))
        }
        return failures
    }

    private static func phases(_ detail: JSONFields) throws(FormatError) -> [Phase] {
        var phases: [Phase] = []
        for value in try detail.array("phases", most: Phase.Name.allCases.count) {
            let fields = try JSONFields(value, "phase")
            let milliseconds = try fields.integer("milliseconds", 0...Int(Int32.max) * 1_000)
            phases.append(Phase(name: try fields.word("name"), milliseconds: milliseconds))
        }
        return phases
    }

    private static func skipped(_ detail: JSONFields) throws(FormatError) -> [(reason: DrillSkip, count: Int)] {
        var skipped: [(reason: DrillSkip, count: Int)] = []
        for value in try detail.array("skipped", most: DrillSkip.allCases.count) {
            let fields = try JSONFields(value, "skipped")
            skipped.append((try fields.word("reason"), try fields.integer("count")))
        }
        return skipped
    }
}

extension DrillEvidence.Amount {
    fileprivate init(_ fields: JSONFields) throws(FormatError) {
        self.init(
            bytes: try fields.integer("bytes"), entries: try fields.integer("entries"),
            packs: try fields.integer("packs"))
    }
}

// MARK: What it is worth

extension DrillEvidence {
    /// Reads stored evidence and holds it against the record that names it: bytes, signature, and every field that both
    /// have. Needs no key.
    ///
    /// - Parameter stored: the stored object; nil when it is missing.
    public init(_ stored: [UInt8]?, of drill: DrillState, in state: RepositoryState) throws(Rejection) {
        guard let stored else { throw .missing }
        guard SHA256.digest(stored) == drill.body.evidence else { throw .otherBytes }
        guard stored.count <= Limits.recordBytesMax, let envelope = try? Envelope(decoding: stored) else {
            throw .noEnvelope
        }
        guard let writer = state.member(drill.writer, at: drill.position), envelope.isSigned(by: writer) else {
            throw .otherSigner
        }
        do throws(FormatError) { try self.init(decoding: envelope.payload) } catch { throw .malformed("\(error)") }
        if let field = difference(from: drill, in: state) { throw .differs(field) }
    }

    private func difference(from drill: DrillState, in state: RepositoryState) -> String? {
        let body = drill.body
        guard let snapshot = state.snapshot(body.snapshot) else { return "snapshot" }
        let comparisons: [(name: String, isSame: Bool)] = [
            ("repository", repository == state.repository && lineage == state.lineage),
            ("member", member == drill.writer), ("packs", packs == body.packs), ("scope", scope == body.scope),
            ("copy", circumstances?.copy == body.copy), ("verdict", verdict == body.verdict),
            ("start", started == body.started),
            ("expiry", expires == body.expires),
            ("amount", compared.bytes == body.bytes && compared.entries == body.entries),
            ("snapshot", self.snapshot == LogPoint(position: snapshot.position, digest: snapshot.id)),
            ("root", root == snapshot.body.disclosure), ("system", system.hasSameBytes(as: snapshot.body.system)),
            ("place in the log", head.position < drill.position && head.position >= snapshot.position),
            ("list of checks", checks.map(\.name) == DrillCheck.Name.all(version)),
            ("verdict", verdict != .proven || DrillTally.verdict(checks) == .proven),
        ]
        return comparisons.first { !$0.isSame }?.name
    }
}
