import Testing
import VaultTestSupport

@testable import VaultBackup

/// Drills of snapshots with dumps: every table is compared with what was noted, and whatever keeps that from happening
/// makes the drill anything but proven. The databases are of SQLite, whose server is a file.
@Suite struct DatabaseDrillTests {
    private let fixture: DrillFixture

    init() throws {
        fixture = try DrillFixture("echo x > src/x")
        try fixture.shell(
            """
            mkdir scratch  # which every user may enter
            sqlite3 app.db 'CREATE TABLE secret_orders (a, b); CREATE TABLE secret_items (a);
                INSERT INTO secret_orders SELECT value, hex(randomblob(20)) FROM generate_series(1, 500);
                INSERT INTO secret_items VALUES (1), (1), (NULL)'
            sqlite3 other.db 'CREATE TABLE t (a); INSERT INTO t VALUES (7)'; sqlite3 none.db 'CREATE VIEW v AS SELECT 1'
            """)
    }

    /// Saves databases; `change` alters what is noted of them.
    private func save(
        _ names: [String], noted: Bool = true,
        _ change: @escaping @Sendable ([DatabaseCapture]) -> [DatabaseCapture] = { $0 }
    ) throws {
        var options = DatabaseOptions()
        options.capture = noted
        var request = try DatabaseBackup.request(
            names.map { DatabaseName(.sqlite, fixture.folder.bytes($0)) }, options: options, system: "web")
        let confirm = try #require(request.confirmStreams)
        request.confirmStreams = { change(try confirm()) }
        _ = try Backup.run(request, with: fixture.writer)
    }

    private func drill(_ change: (inout DrillRequest) -> Void = { _ in }) throws -> DrillReport {
        let report = try fixture.drill(change)
        #expect(report.evidence.circumstances != nil)
        #expect(try fixture.shell("ls -d scratch/vault-database-* 2>/dev/null | wc -l").hasPrefix("0"))
        return report
    }

    private func expectNotProven(
        _ report: DrillReport, _ reason: DrillSkip, _ word: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(report.verdict == .notProven, "\(report.findings)", sourceLocation: sourceLocation)
        let check = report.check(.databases)
        #expect(check?.verdict == .notProven && (check?.expected ?? 0) > 0, sourceLocation: sourceLocation)
        #expect(report.evidence.skipped.contains { $0.reason == reason }, sourceLocation: sourceLocation)
        #expect(report.notes.contains { $0.contains(word) }, "\(report.notes)", sourceLocation: sourceLocation)
        #expect(report.evidence.packs.isEmpty && report.attested == 0, sourceLocation: sourceLocation)
    }

    @Test func everyTableIsProven() throws {
        try save(["app.db", "other.db"])
        let report = try drill()
        #expect(report.verdict == .proven, "\(report.findings) \(report.notes)")
        #expect(report.check(.databases) == DrillCheck(name: .databases, expected: 3, compared: 3, verdict: .proven))
        let evidence = report.evidence
        let times = Dictionary(uniqueKeysWithValues: evidence.phases.map { ($0.name, $0.milliseconds) })
        #expect(evidence.phases.map(\.name) == DrillEvidence.Phase.Name.allCases && (times[.databaseLoad] ?? 0) > 0)
        #expect(evidence.rtoMilliseconds >= (times[.databaseLoad] ?? 0) + (times[.databaseCompare] ?? 0))
        let isolation = try #require(evidence.circumstances).isolation
        #expect(isolation.isSuperset(of: [.newDirectory, .privateDirectory]))
        if Confinement.find(Cancellation()).isWhole {
            #expect(isolation.isSuperset(of: [.noNetwork, .ownProcesses]))
            #expect(Host.effectiveUser != 0 || isolation.contains(.unprivileged))
        }
        let payload = String(decoding: evidence.payload, as: UTF8.self)
        for secret in ["secret", "app.db", "orders", "sqlite"] { #expect(!payload.contains(secret), "\(secret)") }
        #expect(try Drills.show("latest", in: fixture.repository).evidence == evidence)
        #expect(try Status.run(fixture.repository).systems.first?.lastProven?.position == report.position)
    }

    /// A dump is in every sample, so that no sample passes by the databases.
    @Test func samplesHaveTheDumps() throws {
        try save(["app.db"])
        let report = try drill { $0.percent = 1 }
        #expect(report.check(.databases)?.compared == 2 && report.verdict == .proven, "\(report.notes)")
    }

    @Test func withoutDumpsTheCheckIsSkipped() throws {
        let report = try drill()
        #expect(report.check(.databases) == DrillCheck(name: .databases, expected: 0, compared: 0, verdict: .skipped))
        #expect(report.verdict == .proven)
    }

    /// What a bad disk or a bad restore does to the dump: the shell of SQLite takes what was cut off, and ends with 0.
    @Test(arguments: [
        "truncate -s -3000 $d", "truncate -s 300 $d", ": > $d", "rm $d", "sed -i '/INTO secret_items/d' $d",
        "sed -i s/COMMIT/ROLLBACK/ $d",
    ])
    func truncatedDumpFails(_ change: String) throws {
        try save(["app.db"])
        let report = try drill {
            $0.beforeComparison = { tree in
                let script = "cd '\(String(decoding: tree, as: UTF8.self))'; d=$(ls); \(change)"
                #expect(runProgram(["sh", "-c", script])?.status == 0)
            }
        }
        #expect(report.verdict == .failed && report.check(.databases)?.verdict == .failed, "\(report.evidence.checks)")
        #expect(report.findings.contains { $0.check == .databases && !$0.reason.isEmpty })
        #expect(report.evidence.failures.contains { $0.check == .databases })
    }

    /// A table that changed between the note and the dump: with one instant that is a failure, of a span of time nobody
    /// knows.
    @Test(arguments: [DatabaseCapture.Consistency.instant, .window])
    func changedBetweenNoteAndDump(_ consistency: DatabaseCapture.Consistency) throws {
        try save(["app.db"]) { captures in
            captures.map {
                var capture = $0
                capture.consistency = consistency
                capture.tables[0].rows += 1
                return capture
            }
        }
        let report = try drill()
        guard consistency == .instant else { return expectNotProven(report, .databaseChanged, "changed") }
        #expect(report.verdict == .failed && report.check(.databases)?.verdict == .failed)
        #expect(report.findings.contains { $0.reason.contains("rows, not") })
    }

    @Test func nothingComparedIsNoProof() throws {
        try save(["app.db"], noted: false)
        expectNotProven(try drill(), .databaseUncaptured, "--no-capture")
        try save(["none.db"])
        expectNotProven(try drill(), .databaseEmpty, "no table")
        try save(["app.db"])
        expectNotProven(try drill { $0.databases = false }, .databaseUnasked, "not asked")
        // One that can be proven does not speak for one that cannot.
        try save(["app.db", "other.db"]) { captures in
            captures.map {
                guard $0.name.suffix(8) == Array("other.db".utf8)[...] else { return $0 }
                var capture = DatabaseCapture(engine: .postgres, name: $0.name, file: $0.file)
                capture.version = "999.1"
                (capture.schema, capture.tables) = ($0.schema, $0.tables)
                return capture
            }
        }
        // Where a server would find a place for its socket, if there were one.
        let report = try drill { $0.scratch = Array("/var/tmp".utf8) }
        expectNotProven(report, .databaseUnavailable, "not installed")
        #expect(report.check(.databases)?.compared == 2 && report.check(.databases)?.expected == 3)
        #expect(try Status.run(fixture.repository).verdict == .notProven)
    }

    /// Old evidence says nothing of databases, and stays what it is; a proof in the new form must list the check.
    @Test func evidenceOfBothVersionsIsRead() throws {
        let evidence = try drill().evidence
        var old = evidence
        old.circumstances = nil
        old.checks = old.checks.filter { $0.name.since == 0 }
        old.phases = old.phases.filter { $0.name.since == 0 }
        #expect(try DrillEvidence(decoding: old.payload) == old && old.version == 0)
        try fixture.record(old)
        #expect(try Drills.show("latest", in: fixture.repository).evidence == old)
        var without = evidence
        without.checks = old.checks
        try fixture.record(without)
        #expect(throws: VaultError.self) { try Drills.show("latest", in: fixture.repository) }
        var mixed = old
        mixed.checks = evidence.checks
        #expect(throws: FormatError.self) { try DrillEvidence(decoding: mixed.payload) }
    }
}
