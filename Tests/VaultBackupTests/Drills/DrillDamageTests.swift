import Testing
import VaultTestSupport

@testable import VaultBackup

/// A drill must fail on everything that is not as it was, and say so. Each case is one that some tool passes over.
@Suite struct DrillDamageTests {
    /// What somebody, or a bad disk, does to the restored files before they are compared.
    private static let alterations: [(change: String, check: DrillCheck.Name)] = [
        ("printf x >> big", .content), ("truncate -s 100000 big", .content), (": > big", .content),
        ("cp -p big o; printf 'abcdefgh' | dd of=big bs=1 seek=5000 conv=notrunc; touch -r o big; rm o", .content),
        ("cp -p sparse o; printf x | dd of=sparse bs=1 seek=1000 conv=notrunc; touch -r o sparse; rm o", .content),
        ("printf x > empty", .content), ("rm d/secret-name-3", .restore), ("rm -r d", .restore),
        ("rm -r d/*", .restore), ("touch extra", .restore), ("mkdir d/extra", .restore), ("ln -s x extra", .restore),
        ("rm soft; touch soft", .metadata), ("rm pipe; touch pipe", .metadata), ("rm big; mkdir big", .metadata),
        ("ln -sfn elsewhere soft", .metadata), ("chmod 600 d/secret-name-2", .metadata),
        ("chmod 4755 d/secret-name-2", .metadata), ("chmod 711 d", .metadata), ("touch d/secret-name-4", .metadata),
        ("touch -d '2020-01-02 03:04:05.677' d/secret-name-4", .metadata), ("touch d", .metadata),
        ("touch -h soft", .metadata), ("setfattr -x user.note d/secret-name-3", .metadata),
        ("setfattr -n user.note -v other d/secret-name-3", .metadata),
        ("setfattr -n user.more -v x d/secret-name-3", .metadata), ("setfattr -n user.more -v x d", .metadata),
        ("cp -p hard o; mv o hard", .hardLinks), ("ln big ../more", .hardLinks),
        ("rm d/secret-name-2; ln d/secret-name-3 d/secret-name-2", .hardLinks),
    ]

    @Test func everyAlterationFails() throws {
        let fixture = try DrillFixture()
        for (change, check) in Self.alterations {
            let report = try fixture.drill(alter: change)
            #expect(report.verdict == .failed, "\(change)")
            #expect(report.check(check)?.verdict == .failed, "\(change): \(report.findings)")
            #expect(!report.findings.isEmpty && report.findings.allSatisfy { !$0.reason.isEmpty })
            #expect(report.evidence.packs.isEmpty && report.attested == 0)
            #expect(String(decoding: report.evidence.payload, as: UTF8.self).contains(#""result":"FAILED""#))
        }
        #expect(fixture.state.drills.count == Self.alterations.count)
        #expect(try fixture.scratches().count == Self.alterations.count, "what failed is kept")
        #expect(try Status.run(fixture.repository).verdict == .failed)
        #expect(!fixture.state.packs.contains(where: \.isAttested))
        fixture.clock.set(days: 8)
        #expect(try fixture.drill().verdict == .proven)
        #expect(try fixture.scratches().isEmpty, "the next drill takes away what is past its time")
        #expect(try Status.run(fixture.repository).verdict == .proven)
        print("drill: \(Self.alterations.count) alterations of restored files, all failed")
    }

    @Test(.enabled(if: isRoot)) func ownersAndFlags() throws {
        let fixture = try DrillFixture()
        for change in ["chown 1 d/secret-name-3", "chgrp 1 soft -h", "chown 1 ."] {
            #expect(try fixture.drill(alter: change).check(.metadata)?.verdict == .failed, "\(change)")
        }
        // An immutable file is no obstacle to cleaning up.
        guard runProgram(["sh", "-c", "cd '\(fixture.path)/src' && chattr +i d/secret-name-4"])?.status == 0 else { return }
        try fixture.backup()
        #expect(try fixture.drill().verdict == .proven)
        try fixture.shell("chattr -i src/d/secret-name-4")
        #expect(try fixture.scratches().count == 3)
    }

    /// Damage of the repository, object by object: missing, cut, one byte changed.
    @Test func damagedPacksFail() throws {
        let fixture = try DrillFixture()
        let packs = try fixture.repository.store.list("packs")
        #expect(packs.count == 2)
        var tried = 0
        for (name, size) in packs {
            let file = "repo/\(name.text)"
            // Places in the header, in a segment, near the directory, and in the trailer.
            let changes =
                ["rm \(file)", "truncate -s \(size / 2) \(file)"]
                + [5, 400, size / 3, size - 30, size - 3].map {
                    "printf 'vault-drill' | dd of=\(file) bs=1 seek=\(max(0, min($0, size - 11))) conv=notrunc"
                }
            for change in changes {
                try fixture.shell("cp -p \(file) saved; chmod u+w \(file); \(change)")
                // With readers of its own: what was opened before is not read again.
                let client = Client(
                    folders: LocalFolders(
                        config: fixture.folder.bytes("config"), cache: fixture.folder.bytes("other-\(tried)")))
                let opened = try client.open(fixture.repository.store)
                let access = try ReadAccess(opened, fixture.person())
                var request = DrillRequest(scratch: fixture.folder.bytes("scratch"))
                request.workers = 2
                let report = try Drill.run(request, with: access)
                #expect(report.verdict == .failed, "\(change)")
                #expect(report.check(.packs)?.verdict == .failed, "\(change)")
                #expect(report.findings.contains { $0.reason.contains(name.text.suffix(64)) }, "it is named")
                try fixture.shell("rm -f \(file); mv saved \(file)")
                tried += 1
            }
        }
        #expect(try fixture.drill().verdict == .proven)
        print("drill: \(tried) damaged packs, all failed")
    }

    /// A writer whose reading gave other bytes than the file has: the sealed digest tells.
    @Test func wrongSealedSampleFails() throws {
        let fixture = try DrillFixture("echo content > src/file")
        let reader = try fixture.reader()
        let path = Array((fixture.path + "/src/file").utf8.dropFirst())
        for (sealed, verdict) in [
            ([path: SHA256.digest(Array("content\n".utf8))], DrillVerdict.proven),
            ([path: SHA256.digest(Array("other\n".utf8))], .failed), ([path + [0x78]: .zero], .failed),
        ] {
            let tally = DrillTally()
            var plan = DrillPlan(scope: .whole, packs: PackSet([0]))
            plan.sealed = sealed
            let target = "restored-\(fixture.path.count)-\(verdict.rawValue)-\(sealed.keys.first?.count ?? 0)"
            _ = try Restore.run(
                RestoreRequest(try SnapshotPath(Array("latest".utf8)), target: fixture.folder.bytes(target)),
                with: fixture.access)
            let comparison = try DrillComparison(
                reader, plan, tree: fixture.folder.bytes(target), known: [], notApplied: [], nonce: .zero,
                tally: tally, workers: 1, events: SilentEventSink(), cancellation: Cancellation())
            _ = try comparison.run(rootEntry: nil)
            #expect(tally.checks.first { $0.name == .sealedSample }?.verdict == verdict)
        }
    }
}

extension DrillFixture {
    /// A reader of the latest snapshot.
    func reader() throws -> SnapshotReader {
        let snapshot = try #require(state.snapshots.last)
        return SnapshotReader(access, snapshot, index: try SnapshotReader.index(access, of: [snapshot]) { _ in })
    }

    /// The person's identity.
    func person() throws -> Identity {
        let client = Client(folders: LocalFolders(config: folder.bytes("config"), cache: folder.bytes("cache")))
        return try client.identity(for: repository, .read) { SecretBytes(Array("correct horse".utf8)) }
    }
}
