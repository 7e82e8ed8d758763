import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct DrillTests {
    @Test func wholeSnapshotIsProven() throws {
        let fixture = try DrillFixture()
        let report = try fixture.drill()
        #expect(report.verdict == .proven, "\(report.findings) \(report.evidence.checks)")
        let unasked: Set<DrillCheck.Name> = [.databases, .malware, .script]
        #expect(
            report.evidence.checks.allSatisfy {
                unasked.contains($0.name) ? $0.verdict == .skipped : $0.verdict == .proven && $0.compared > 0
            })
        #expect(report.check(.content)?.compared == 7 && report.check(.hardLinks)?.compared == 1)
        #expect(report.evidence.scope == .whole && report.coverage.percent == 100 && report.findings.isEmpty)
        #expect(try fixture.scratches().isEmpty, "a drill that went well leaves nothing")
        #expect(fixture.state.packs.allSatisfy { $0.isAttested && $0.provenBy == 0 } && report.attested == 2)
        #expect(report.evidence.phases.map(\.name) == DrillEvidence.Phase.Name.allCases)
        #expect(report.evidence.previous == .zero)
        let second = try fixture.drill()
        #expect(second.evidence.previous == report.evidenceDigest && second.attested == 0)
    }

    /// `sha256sum` of the sources is what the second reading sealed, and a file that changes is not in the sample.
    @Test func sealedSample() throws {
        let fixture = try DrillFixture()
        let sample = try fixture.privatePart().sample
        #expect(sample.count == 7, "every file that is not empty, since there are few")
        for file in sample {
            let line = try fixture.shell("sha256sum '/\(PathText.readable(file.path))'")
            #expect(line.hasPrefix(file.sha256.hex))
        }
        try fixture.backup()
        #expect(try fixture.privatePart().sample.count == 7, "unchanged files are drawn too")
    }

    @Test func sampleIsBounded() throws {
        let fixture = try DrillFixture("cd src; for i in $(seq 200); do echo $i > $i; done; truncate -s 70M large")
        #expect(try fixture.privatePart().sample.count == 32)
        let first = Set(try fixture.privatePart().sample.map(\.path))
        #expect(!first.contains { $0.suffix(5) == Array("large".utf8)[...] })
        try fixture.shell("touch src/*")
        try fixture.backup()
        #expect(Set(try fixture.privatePart().sample.map(\.path)) != first, "drawn anew, 1 in 10³⁸ that it is the same")
    }

    /// The answer of the challenge is what the shell computes from the sources.
    @Test func challengeCanBeComputedFromTheSources() throws {
        let fixture = try DrillFixture()
        let challenge = try fixture.drill().evidence.challenge
        #expect(challenge.files == 7)
        let script = """
            n=\(challenge.nonce.hex); root=$(pwd)
            find src -type f -size +0 | while read f; do p=${root#/}/$f
              o=$( (printf %s $n | xxd -r -p; printf %s "$p") | sha256sum | cut -c1-64)
              h=$( (printf %s $n | xxd -r -p; cat "$f") | sha256sum | cut -c1-64); echo $o $h; done | sort | cut -d' ' -f2 |
              tr -d '\\n' | xxd -r -p | sha256sum | cut -c1-64
            """
        guard runProgram(["xxd", "-v"]) != nil else { return print("skipped: xxd is not installed") }
        #expect(try fixture.shell(script).contains(challenge.response.hex))
    }

    /// openssl verifies the evidence with nothing but the envelope and the key; and nothing secret is in it.
    @Test func evidenceForOthers() throws {
        let fixture = try DrillFixture()
        let report = try fixture.drill()
        let files = try Drills.export("latest", in: fixture.repository)
        _ = try NewFiles.write(files.map { ($0.name, $0.bytes) }, into: fixture.folder.bytes("out"))
        let script = """
            cd out; e=$(ls *.intoto.jsonl); jq -r .payload $e | base64 -d > body; jq -r '.signatures[0].sig' $e | base64 -d > sig
            { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(stat -c%s body)"; cat body; } > pae
            openssl pkeyutl -verify -rawin -pubin -inkey *.pem -in pae -sigfile sig
            jq -r '.predicate.result, .subject[0].digest.sha256, .predicateType' body; sha256sum *.snapshot.jsonl
            """
        let output = try fixture.shell(script)
        #expect(output.contains("Signature Verified Successfully") && output.contains("PASSED"))
        #expect(output.contains("https://in-toto.io/attestation/test-result/v0.1"))
        let snapshot = report.evidence.snapshot.digest.hex
        #expect(output.components(separatedBy: snapshot).count == 3, "the subject is the stored record")
        let payload = String(decoding: report.evidence.payload, as: UTF8.self)
        for secret in ["secret", "src", Host.name, fixture.path] where !secret.isEmpty {
            #expect(!payload.contains(secret), "\(secret)")
        }
        #expect(throws: VaultError.self) {
            try NewFiles.write(files.map { ($0.name, $0.bytes) }, into: fixture.folder.bytes("out"))
        }
    }

    @Test func nothingToCompareIsNoProof() throws {
        for script in ["mkdir src/empty", ":", ": > src/empty", "ln -s nowhere src/link"] {
            let fixture = try DrillFixture(script)
            let report = try fixture.drill()
            #expect(report.verdict == .notProven, "\(script)")
            #expect(report.check(.content)?.verdict == .notProven && report.evidence.packs.isEmpty)
            #expect(try fixture.scratches().isEmpty)
            #expect(try Status.run(fixture.repository).verdict == .notProven)
            let payload = String(decoding: report.evidence.payload, as: UTF8.self)
            #expect(payload.contains(#""result":"WARNED""#) && payload.contains(#""warnedTests":["#))
        }
    }

    @Test func clockSetBack() throws {
        let fixture = try DrillFixture()
        fixture.clock.set(days: -2)
        let report = try fixture.drill()
        #expect(report.verdict == .notProven && report.check(.clock)?.verdict == .notProven)
        #expect(report.evidence.rpoSeconds == 0)
        fixture.clock.set(days: 0)
        #expect(try fixture.drill().verdict == .proven)
        fixture.clock.set(days: -2)
        let status = try Status.run(fixture.repository)
        #expect(status.verdict == .notProven && status.systems.first?.reason.contains("clock") == true)
        // A failure is one whenever it was: the order of the log says which drill is the last.
        fixture.clock.set(days: 0)
        #expect(try fixture.drill(alter: "echo x >> big").verdict == .failed)
        fixture.clock.set(days: -2)
        let failed = try Status.run(fixture.repository)
        #expect(failed.verdict == .failed && failed.systems.first?.why == .drillFailed)
    }

    /// What could not be read when it was backed up is no failure of the restore, but it is said.
    @Test(.enabled(if: access("/proc/sys/vm/compact_memory", F_OK) == 0)) func incompleteEntriesAreNamed() throws {
        let fixture = try DrillFixture("echo kept > src/kept")
        #expect(try fixture.drill().evidence.skipped.isEmpty)
        // The kernel lets nobody read this file, root neither.
        let path = "proc/sys/vm/compact_memory"
        try fixture.backup(also: [Array("/\(path)".utf8)])
        #expect(try fixture.privatePart().problems.map(\.path) == [Array(path.utf8)])
        let report = try fixture.drill()
        #expect(report.verdict == .proven, "\(report.findings) \(report.evidence.checks)")
        #expect(report.evidence.skipped.map(\.reason) == [.incomplete] && report.evidence.skipped[0].count == 1)
        // What is there in its place is no part of the backup.
        let other = try fixture.drill {
            $0.beforeComparison = { tree in
                let file = String(decoding: tree, as: UTF8.self) + "/" + path
                try Data("x".utf8).write(to: URL(fileURLWithPath: file))
            }
        }
        #expect(other.verdict == .failed)
        #expect(other.findings.contains { $0.path == Array(path.utf8) && $0.reason.contains("not in the backup") })
    }

    /// Nobody can know beforehand what a drill looks at: every draw is another.
    @Test func drawsAreNotPredictable() throws {
        let fixture = try DrillFixture("for i in 1 2 3; do echo $i > src/$i; done")
        let evidence = try (0..<3).map { _ in try fixture.drill { $0.percent = 50 }.evidence }
        #expect(Set(evidence.map(\.sample.seed)).count == 3 && Set(evidence.map(\.challenge.nonce)).count == 3)
        #expect(evidence.allSatisfy { $0.sample.seed.count == 16 && Set($0.sample.seed).count > 2 })
        // The head of the log is public: it alone would let anybody compute the answer before the drill.
        let (repository, head) = (fixture.repository, fixture.state.headDigest)
        let nonces = (0..<2).map { _ in ChallengeDraw.nonce(repository.id, head: head, random: repository.random) }
        #expect(nonces[0] != nonces[1])
    }

    @Test func interruptionLeavesNothing() throws {
        let fixture = try DrillFixture()
        let cancellation = Cancellation()
        let head = fixture.state.head
        let code = thrownCode {
            _ = try fixture.drill(cancellation: cancellation) { $0.beforeComparison = { _ in cancellation.cancel() } }
        }
        #expect(code == .interrupted && fixture.state.head == head && fixture.state.drills.isEmpty)
        #expect(try fixture.scratches().isEmpty)
        #expect(try fixture.repository.store.list("evidence").isEmpty)
    }

    @Test func machineMayNotDrill() throws {
        let fixture = try DrillFixture()
        let code = thrownCode {
            _ = try fixture.repository.log.publish(
                .drill(Sample.drill(snapshot: fixture.state.snapshots[0].id, packs: PackSet([0]))),
                by: fixture.writer.signer)
        }
        #expect(code == .notAllowed)
    }
}
