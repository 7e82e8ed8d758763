import Testing
import VaultTestSupport

@testable import VaultBackup

/// Evidence that was forged, changed, borrowed or lost counts for nothing, whatever its record says.
@Suite struct EvidenceTests {
    private func reason(_ fixture: DrillFixture) -> String? {
        do { _ = try Drills.show("latest", in: fixture.repository) } catch {
            return (error as? VaultError).map { "\($0.code): \($0.message)" } ?? "\(error)"
        }
        return nil
    }

    private func expectNothing(
        _ fixture: DrillFixture, _ word: String, sourceLocation: SourceLocation = #_sourceLocation
    )
        throws
    {
        let reason = reason(fixture)
        #expect(reason?.contains(word) == true, "\(reason ?? "accepted")", sourceLocation: sourceLocation)
        let status = try Status.run(fixture.repository)
        #expect(status.verdict == .notProven, sourceLocation: sourceLocation)
        #expect(status.systems.first?.coverage.provenBytes == 0, sourceLocation: sourceLocation)
    }

    @Test func roundTrip() throws {
        let fixture = try DrillFixture()
        let evidence = try fixture.drill(alter: "rm big").evidence
        #expect(evidence.failureCount > 0 && !evidence.failures.isEmpty)
        #expect(try DrillEvidence(decoding: evidence.payload) == evidence)
        // Every byte changed to another is refused, or is other evidence; none ends the process.
        var accepted = 0
        for index in stride(from: 0, to: evidence.payload.count, by: 7) {
            var bytes = evidence.payload
            bytes[index] ^= 1
            if let read = try? DrillEvidence(decoding: bytes) {
                accepted += 1
                #expect(read != evidence && read.payload == bytes)
            }
        }
        print("evidence: \(accepted) of \(evidence.payload.count / 7) changed payloads are evidence of something else")
    }

    @Test func lostAndChanged() throws {
        let fixture = try DrillFixture()
        let report = try fixture.drill()
        #expect(reason(fixture) == nil)
        let file = "repo/" + ObjectName.content(.evidence, report.evidenceDigest).text
        try fixture.shell("chmod u+w \(file); cp \(file) saved; sed -i 's/keyid/keyie/' \(file)")
        try expectNothing(fixture, "bytes")
        try fixture.shell("rm \(file)")
        try expectNothing(fixture, "missing")
        let findings = try Verify.run(VerifyRequest(), fixture.repository, with: nil).findings
        #expect(findings.count == 1 && findings[0].contains("evidence/"))
        try fixture.shell("mv saved \(file)")
        #expect(reason(fixture) == nil)
        #expect(try Status.run(fixture.repository).verdict == .proven)
    }

    @Test func forgedSignature() throws {
        let fixture = try DrillFixture()
        let real = try fixture.drill().evidence
        try fixture.backup()
        var forged = real
        forged.snapshot = LogPoint(
            position: try #require(fixture.state.snapshots.last).position,
            digest: try #require(fixture.state.snapshots.last).id)
        forged.root = try #require(fixture.state.snapshots.last).body.disclosure
        forged.head = LogPoint(position: fixture.state.head, digest: fixture.state.headDigest)
        forged.packs = PackSet([0])
        try fixture.record(forged, seed: fixture.writer.signer.seed)
        let reason = reason(fixture)
        #expect(reason?.contains("signature") == true, "\(reason ?? "accepted")")
        #expect(try Status.run(fixture.repository).verdict == .notProven)
    }

    /// Genuine evidence of an earlier snapshot, put on record for a later one.
    @Test func evidenceOfAnotherSnapshot() throws {
        let fixture = try DrillFixture()
        let genuine = try fixture.drill().evidence
        try fixture.shell("echo more > src/more")
        try fixture.backup()
        var borrowed = genuine
        borrowed.packs = PackSet([try #require(fixture.state.snapshots.last?.packs?.ordinals.first { _ in true })])
        try fixture.record(genuine.packs == borrowed.packs ? genuine : borrowed)
        #expect(reason(fixture)?.contains("snapshot") == true, "\(reason(fixture) ?? "accepted")")
        #expect(try Status.run(fixture.repository).verdict == .notProven)
    }

    /// A reader who signs what he likes: the checks that he names must support his verdict.
    @Test func provenWithoutChecks() throws {
        let fixture = try DrillFixture()
        let genuine = try fixture.drill(alter: "rm big").evidence
        let packs = try #require(fixture.state.snapshots.last?.packs)
        let changes: [(inout DrillEvidence) -> Void] = [
            { $0.verdict = .proven }, { $0.checks = [] },
            { $0.checks = $0.checks.map { DrillCheck(name: $0.name, expected: 0, compared: 0, verdict: .skipped) } },
            { $0.member = Sample.id(3) }, { $0.lineage = Sample.id(4) }, { $0.system = "other" },
        ]
        for change in changes {
            var forged = genuine
            forged.verdict = .proven
            forged.packs = packs
            change(&forged)
            try fixture.record(forged)
            #expect(reason(fixture)?.contains("its ") == true, "\(reason(fixture) ?? "accepted")")
            #expect(try Status.run(fixture.repository).verdict != .proven)
        }
    }

    /// What status does not count, an audit does not count either.
    @Test func auditWithoutChecks() throws {
        let fixture = try DrillFixture()
        let genuine = try fixture.drill(alter: "rm big").evidence
        let folders = LocalFolders(config: fixture.folder.bytes("other"), cache: fixture.folder.bytes("other/cache"))
        let client = Client(folders: folders, clock: fixture.clock)
        func audit() throws -> AuditReport {
            try Audit.run(AuditRequest(), fixture.repository.store, client: client).report
        }
        #expect(try audit().verdict == .notProven)
        var forged = genuine
        forged.verdict = .proven
        forged.packs = try #require(fixture.state.snapshots.last?.packs)
        try fixture.record(forged)
        let report = try audit()
        #expect(report.verdict == .damaged && report.snapshots.last?.drill == nil)
        #expect(report.findings.contains { $0.object.hasPrefix("drill ") && $0.text.contains("its verdict") })
    }

    @Test func expiry() throws {
        let fixture = try DrillFixture()
        try fixture.drill { $0.validSeconds = 30 * 86_400 }
        #expect(try Status.run(fixture.repository).verdict == .proven)
        fixture.clock.set(days: 29)
        #expect(try Status.run(fixture.repository).verdict == .proven)
        fixture.clock.set(days: 31)
        let status = try Status.run(fixture.repository)
        #expect(status.verdict == .expired && status.systems.first?.coverage.percent == 0)
        #expect(Drills.list(fixture.repository).first?.isExpired == true)
        #expect(try fixture.drill().verdict == .proven)
        #expect(try Status.run(fixture.repository).verdict == .proven)
    }
}
