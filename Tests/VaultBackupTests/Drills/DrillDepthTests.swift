import Testing
import VaultTestSupport

@testable import VaultBackup

/// The owner's program, malware, the choice of a snapshot, objectives, and drills of copies.
@Suite struct DrillDepthTests {
    private static let isConfined = Confinement.find(Cancellation()).isWhole
    private static let hasScanner = runProgram(["clamscan", "--version"])?.status == 0

    private func run(_ fixture: DrillFixture, _ script: String, seconds: Int = 60) throws -> DrillReport {
        try fixture.drill {
            $0.script = ["/bin/sh", "-c", script].map { Array($0.utf8) }
            $0.scriptSeconds = seconds
        }
    }

    @Test(.enabled(if: isConfined)) func theScriptDecides() throws {
        let fixture = try DrillFixture("echo content > src/file; chmod 711 .")
        let inside = String(fixture.path.dropFirst())
        let good = try run(fixture, "grep -qx content '\(inside)/src/file' && echo looked; test -n \"$VAULT_SYSTEM\"")
        #expect(good.verdict == .proven && good.notes == ["/bin/sh said: looked"], "\(good.findings) \(good.notes)")
        #expect(good.check(.script) == DrillCheck(name: .script, expected: 1, compared: 1, verdict: .proven))
        #expect(good.evidence.circumstances?.isolation.contains(.noNetwork) == true)
        let bad = try run(fixture, "echo broken >&2; exit 3")
        #expect(bad.verdict == .failed && bad.findings.first?.reason == "/bin/sh ended with exit status 3: broken")
        let late = try run(fixture, "sleep 60 & exec >&- 2>&-; sleep 60", seconds: 1)
        #expect(late.verdict == .failed && late.findings.first?.reason.contains("within 1 s") == true)
        // It has no network, no processes but its own, and may not write what was restored.
        let confined = try run(fixture, "cat /proc/net/dev | grep -c eth; ls /proc | grep -c '^[0-9]'; id -u; exit 1")
        let words = confined.findings.first?.reason.split(separator: " ").suffix(3).joined() ?? ""
        #expect(words.hasPrefix("0;") && (Host.effectiveUser != 0 || words.hasSuffix("65534")), "\(confined.findings)")
        for program in ["/nonexistent/program", "no-such-program", fixture.path + "/src/file"] {
            let none = try fixture.drill { $0.script = [Array(program.utf8)] }
            #expect(none.verdict == .notProven && none.check(.script)?.verdict == .notProven, "\(program)")
            #expect(none.notes.contains { $0.contains("was not run") })
        }
        #expect(try fixture.drill().check(.script)?.verdict == .skipped)
    }

    /// A file of signatures made here, with the test file that every scanner knows.
    @Test(.enabled(if: isConfined && hasScanner)) func malwareIsFound() throws {
        let fixture = try DrillFixture(
            "printf 'not really %s' malware > src/bad; chmod 600 src/bad; echo good > src/good; : > src/empty")
        try fixture.shell(
            """
            mkdir sigs; echo "$(md5sum < src/bad | cut -c1-32):$(stat -c%s src/bad):Vault.Test" > sigs/bad.hdb
            echo "00112233445566778899aabbccddeeff:7:Vault.Other" > sigs/other.hdb; chmod -R a+rX .
            """)
        func drill(_ signatures: String) throws -> DrillReport {
            try fixture.drill {
                $0.malware = true
                $0.malwareSignatures = fixture.folder.bytes(signatures)
            }
        }
        let good = try drill("sigs/other.hdb")
        let wanted = DrillCheck(name: .malware, expected: 2, compared: 2, verdict: .proven)
        #expect(good.check(.malware) == wanted && good.verdict == .proven, "\(good.notes)")
        let bad = try drill("sigs/bad.hdb")
        #expect(bad.verdict == .failed, "\(bad.notes)")
        #expect(bad.findings.map(\.reason) == ["holds malware: Vault.Test.UNOFFICIAL"])
        #expect(bad.findings.first.map { String(decoding: $0.path, as: UTF8.self).hasSuffix("src/bad") } == true)
        // Signatures that cannot be read find nothing; that is no proof that there is nothing.
        let none = try drill("sigs/none.hdb")
        #expect(none.verdict == .notProven && none.check(.malware)?.compared == 0 && !none.notes.isEmpty)
    }

    /// A scanner that hangs is ended; one that has much to read is not.
    @Test func aSearchHasAnEnd() {
        #expect(DrillRun.searchSeconds(files: 2, bytes: 600) == 3_600)
        #expect(DrillRun.searchSeconds(files: 1_000_000, bytes: 2_000_000_000_000) == 2_103_600)
    }

    @Test func scannerOutputIsReadFromItsEnd() {
        let scan = MalwareScan()
        let text =
            "./a: b: Evil.Name-1 FOUND\n./x\nScanned files: 999\n./y: Heuristics.Limits.Exceeded.MaxFileSize FOUND\n\n"
            + "----------- SCAN SUMMARY -----------\nScanned files: 3\nInfected files: 1\n"
        Array(text.utf8).withUnsafeBytes { scan.take($0) }
        scan.end()
        #expect(scan.fileCount == 3 && scan.infected == [.init(path: Array("a: b".utf8), name: "Evil.Name-1")])
        #expect(scan.tooLarge.map(\.path) == [Array("y".utf8)])
    }

    @Test(.enabled(if: !hasScanner)) func askedButNotInstalledIsNotProven() throws {
        let report = try DrillFixture("echo x > src/x").drill { $0.malware = true }
        #expect(report.verdict == .notProven && report.check(.malware)?.expected == 1 && !report.notes.isEmpty)
    }

    @Test func snapshotsAreChosen() throws {
        let fixture = try DrillFixture("echo 0 > src/x")
        for number in 1...3 {
            try fixture.shell("head -c 3000 /dev/urandom > src/x\(number)")
            try fixture.backup()
        }
        let ids = fixture.state.snapshots.map(\.id)
        func choose(_ selection: DrillSelection) throws -> DrillEvidence {
            let evidence = try fixture.drill { $0.selection = selection }.evidence
            #expect(evidence.verdict == .proven)
            #expect(evidence.circumstances?.candidates == ids.count && evidence.circumstances?.selection == selection)
            return evidence
        }
        // The byte that waits for longest is in the first; when that is proven, it is one of the second that was new.
        let oldest = try choose(.oldestUnproven)
        #expect(oldest.snapshot.digest == ids[3], "of those with the oldest byte the last, which has it too")
        for _ in 0..<4 {
            let random = try choose(.random)
            let number = DrillChoice.draw(ids.count, random.sample.seed, fixture.repository.id)
            #expect(random.snapshot.digest == ids[number], "everybody can compute it from the seed")
        }
        #expect(try choose(.newest).snapshot.digest == ids[3])
        #expect(try fixture.drill().evidence.circumstances?.selection == .named)
        let numbers = (0..<64).map {
            DrillChoice.draw(4, [UInt8](repeating: UInt8($0), count: 16), fixture.repository.id)
        }
        #expect(Set(numbers) == [0, 1, 2, 3])
        try fixture.backup(system: "other")
        #expect(thrownCode { _ = try fixture.drill { $0.selection = .random } } == .usage)
        #expect(thrownCode { _ = try fixture.drill { ($0.selection, $0.system) = (.random, "none") } } == .usage)
        let other = try fixture.drill { ($0.selection, $0.system) = (.random, "other") }
        #expect(other.evidence.system == "other" && other.evidence.circumstances?.candidates == 1)
    }

    /// What only an old snapshot has is drilled when its turn comes.
    @Test func nothingIsForgottenByChoosing() throws {
        let fixture = try DrillFixture("head -c 300000 /dev/urandom > src/old")
        try fixture.shell("rm src/old; head -c 300000 /dev/urandom > src/new")
        try fixture.backup()
        #expect(try fixture.drill().verdict == .proven)
        let snapshots = fixture.state.snapshots
        let chosen = try fixture.drill { $0.selection = .oldestUnproven }
        #expect(chosen.evidence.snapshot.digest == snapshots[0].id && chosen.verdict == .proven)
        #expect(fixture.state.packs.allSatisfy { $0.provenBy != nil })
    }

    @Test func objectivesAreHeldAgainstTheFacts() throws {
        let fixture = try DrillFixture("echo x > src/x")
        let kept = try fixture.drill { ($0.rtoSeconds, $0.rpoSeconds) = (3_600, 3_600) }
        #expect(kept.evidence.missedObjectives.isEmpty && kept.notes.isEmpty && kept.verdict == .proven)
        fixture.clock.set(days: 2)
        let missed = try fixture.drill { ($0.rtoSeconds, $0.rpoSeconds) = (3_600, 3_600) }
        #expect(missed.evidence.missedObjectives == [.rpo] && missed.notes.count == 1 && missed.verdict == .proven)
        var slow = missed.evidence
        slow.phases[2].milliseconds = 3_600_001
        #expect(slow.missedObjectives == [.rpo, .rto])
        fixture.clock.set(days: -2)
        let unknown = try fixture.drill { $0.rpoSeconds = 3_600 }
        #expect(unknown.evidence.missedObjectives == [.rpo], "an age that nobody knows is no age that is kept")
    }

    /// A copy restores for itself; what it proves says nothing of the repository, and its damage is not the
    /// repository's.
    @Test func drillsOfACopy() throws {
        let fixture = try DrillFixture()
        let client = Client(
            folders: LocalFolders(config: fixture.folder.bytes("config"), cache: fixture.folder.bytes("cache")),
            clock: fixture.clock)
        let place = fixture.folder.bytes("copy")
        _ = try Copy.run(CopyRequest(to: place), fixture.repository, client: client)
        func drill() throws -> DrillReport {
            var request = DrillRequest(scratch: fixture.folder.bytes("scratch"))
            request.workers = 2
            let copy = fixture.access.reading(try client.open(place))
            return try Drill.run(request, with: fixture.access, from: copy)
        }
        // The repository has lost its packs: what follows can come from the copy only.
        try fixture.shell("mv repo/packs kept-packs")
        let report = try drill()
        try fixture.shell("mv kept-packs repo/packs")
        #expect(report.verdict == .proven && report.isOnRecord, "\(report.findings)")
        #expect(report.evidence.circumstances?.copy != nil)
        #expect(fixture.state.drills.last?.body.copy == report.evidence.circumstances?.copy)
        #expect(try Drills.show("latest", in: fixture.repository).evidence == report.evidence)
        #expect(fixture.state.packs.allSatisfy { $0.provenBy == nil && !$0.isAttested } && report.attested == 0)
        let status = try Status.run(fixture.repository)
        #expect(status.verdict == .notProven && status.systems.first?.coverage.provenBytes == 0)
        // The same evidence behind a record that leaves the copy out would make it a proof of the repository.
        try fixture.record(report.evidence)
        #expect(throws: VaultError.self) { try Drills.show("latest", in: fixture.repository) }
        #expect(try Status.run(fixture.repository).systems.first?.coverage.provenBytes == 0)
        #expect(try fixture.drill().verdict == .proven && Status.run(fixture.repository).verdict == .proven)
        // And the other way round.
        try fixture.shell(
            "f=$(find copy/packs -type f | head -1); chmod u+w $f; printf vault-drill | dd of=$f bs=1 seek=400 conv=notrunc"
        )
        #expect(try drill().verdict == .failed && Status.run(fixture.repository).verdict == .failed)
        #expect(try fixture.drill().verdict == .proven)
        // That failed was the copy, not the drill that stands last in the log.
        let findings = try RecoveryReport(RecoveryReportRequest(), fixture.repository, copies: []).findings
            .filter { $0.weight == .failed }.map { $0.text(.english, .utc) }
        #expect(findings == ["the last drill of a copy failed"])
        try fixture.shell("echo more > src/more")
        try fixture.backup()
        #expect(thrownCode { _ = try drill() } == .failed, "the copy lags behind")
        let request = DrillRequest(scratch: fixture.folder.bytes("scratch"))
        let itself = thrownCode { _ = try Drill.run(request, with: fixture.access, from: fixture.access) }
        #expect(itself == .usage, "the repository is no copy of itself")
    }
}
