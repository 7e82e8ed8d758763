import Foundation
import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Restores into directories that have content.
@Suite struct RestoreExistingTests {
    private static let tree = """
        cd src; mkdir -p d/e links; echo hello > a; echo other > b; head -c 3000000 /dev/urandom > big; : > empty
        ln -s a links/s; ln a links/h; mkfifo links/f; truncate -s 100000 hole
        dd if=/dev/urandom of=sparse bs=4096 count=1 seek=500 2>&1
        echo deep > d/e/x.conf; chmod 4750 b; chmod 500 d/e; touch -d '1999-12-31 23:59:59.123456789' a big d/e
        """
    private let fixture: RestoreFixture

    init() throws { fixture = try RestoreFixture(Self.tree) }

    @Test func targetWithContentIsRefused() throws {
        try fixture.shell("mkdir target; echo mine > target/mine")
        #expect(throws: VaultError.self) { try fixture.restore() }
        #expect(try fixture.shell("ls target") == "mine\n")
    }

    @Test func secondRunKeepsEverything() throws {
        let first = try fixture.restore { $0.options.verify = true }
        #expect(first.problemCount == 0, "\(first.problems)")
        #expect(first.verified == first.entries && first.created.entries == first.entries)
        try fixture.expectSame()
        let before = try fixture.shell("find target -printf '%i %C@ %p\\n'")
        for verify in [false, true] {
            let again = try fixture.restore {
                $0.options.overwrite = .ifChanged
                $0.options.verifyExisting = verify
                $0.options.delete = true
            }
            #expect(again.kept.entries == again.entries && again.changed.entries == 0, "\(again)")
        }
        #expect(try fixture.shell("find target -printf '%i %C@ %p\\n'") == before, "nothing was touched")
    }

    private static let damage = """
        cd target; printf QQQQQQQQ | dd of=big bs=1 seek=1500000 conv=notrunc 2>/dev/null; touch -r ../src/big big
        rm links/s; ln -s /etc links/s; echo extra > extra; mkdir -p xd/y; echo 1 > xd/y/z; chmod 600 hole; rm empty
        mkdir empty; echo in > empty/in; rm links/h; echo no > links/h; truncate -s 7 sparse; rm links/f; echo > links/f
        setfattr -n user.added -v 1 b 2>/dev/null || true
        """

    @Test func onlyWrongPiecesAreWritten() throws {
        try fixture.restore()
        try fixture.shell(Self.damage)
        let inode = try fixture.shell("stat -c %i target/big")
        let seen = Mutex<[RestoreChange]>([])
        let mended = try fixture.restore {
            $0.options.overwrite = .ifChanged
            $0.options.verifyExisting = true
            $0.options.delete = true
            $0.options.verify = true
            $0.onChange = { change in seen.withLock { $0.append(change) } }
        }
        #expect(mended.problemCount == 0, "\(mended.problems)")
        try fixture.expectSame()
        #expect(try fixture.shell("stat -c %i target/big") == inode, "the file is patched in its place")
        let big = try #require(seen.withLock { $0 }.first { $0.path == Array("big".utf8) })
        #expect(big.action == .change && big.bytes > 0 && big.bytes < 1_000_000)
        #expect(mended.removed.entries == 6, "extra, xd, y, z, empty, in")
        #expect(try fixture.shell("stat -c %i target/a") == fixture.shell("stat -c %i target/links/h"))
    }

    @Test func dryRunSaysItAllAndWritesNothing() throws {
        try fixture.restore()
        try fixture.shell(Self.damage)
        let before = try fixture.shell("find target -printf '%i %C@ %p\\n'")
        let (planned, result) = try fixture.changes(isDry: true)
        #expect(try fixture.shell("find target -printf '%i %C@ %p\\n'") == before)
        let (done, real) = try fixture.changes(isDry: false)
        #expect(planned == done)
        #expect(result.created == real.created && result.changed == real.changed && result.removed == real.removed)
        let absent = try fixture.restore("nowhere") { $0.options.dryRun = true }
        #expect(absent.created.entries == absent.entries)
        #expect(!FileManager.default.fileExists(atPath: fixture.path + "/nowhere"))
    }

    @Test(arguments: [100_000, 1_000_000, 2_500_000]) func interruptedRestoreIsCompleted(_ bytes: Int) throws {
        try fixture.shell("cd src; for i in $(seq 60); do head -c 50000 /dev/urandom > f$i; done")
        try fixture.backup()
        let interrupter = Interrupter(afterBytes: bytes)
        #expect(throws: VaultError.self) {
            try fixture.restore(events: interrupter, cancellation: interrupter.cancellation)
        }
        let finished = try fixture.shell("cd target; find . -type f ! -newer ../src/f60 -printf '%i %T@ %p\\n'")
        let result = try fixture.restore { $0.options.overwrite = .ifChanged }
        #expect(result.problemCount == 0, "\(result.problems)")
        try fixture.expectSame()
        for line in finished.split(separator: "\n") {
            let name = line.split(separator: " ")[2]
            #expect(try fixture.shell("cd target; find '\(name)' -printf '%i %T@ %p\\n'") == line + "\n")
        }
    }

    @Test func neverAndIfNewerKeep() throws {
        try fixture.shell(
            "mkdir -p target/links; echo mine > target/a; echo mine > target/b; touch -d 1990-01-01 target/b")
        let never = try fixture.restore { $0.options.overwrite = .never }
        #expect(never.problemCount == 0 && never.kept.entries == 3, "\(never)")
        #expect(try fixture.shell("cat target/a target/b target/links/h") == "mine\nmine\nhello\n")
        let newer = try fixture.restore { $0.options.overwrite = .ifNewer }
        #expect(newer.changed.entries >= 1)
        #expect(try fixture.shell("cat target/a target/b") == "mine\nother\n", "the snapshot's a is of 1999")
        let verified = try fixture.restore {
            $0.options.overwrite = .never
            $0.options.verify = true
        }
        #expect(verified.problemCount == 0, "what was not restored is not compared")
    }

    @Test func selectionLimitsWhatIsMadeAndRemoved() throws {
        try fixture.restore("one") {
            $0.options.selection = RestoreSelection(include: try rules("*.conf"), exclude: ExclusionRules())
        }
        #expect(try fixture.shell("find one -mindepth 1 | sort") == "one/d\none/d/e\none/d/e/x.conf\n")
        try fixture.shell("echo > one/mine; chmod 700 one/d/e; echo > one/d/e/old.conf; echo > one/d/e/mine")
        let result = try fixture.restore("one") {
            $0.options.selection = RestoreSelection(include: try rules("*.conf"), exclude: ExclusionRules())
            $0.options.overwrite = .ifChanged
            $0.options.delete = true
        }
        #expect(result.removed.entries == 1)
        #expect(try fixture.shell("find one -type f | sort") == "one/d/e/mine\none/d/e/x.conf\none/mine\n")
        try fixture.restore("two") {
            $0.options.selection = RestoreSelection(include: ExclusionRules(), exclude: try rules("d/e", "big"))
        }
        #expect(try fixture.shell("cd two; ls -d d/e big 2>/dev/null || true") == "")
        #expect(try fixture.shell("cd two; ls d/.. | wc -l").trimmingCharacters(in: .whitespacesAndNewlines) == "7")
    }

    /// Messages name the repository in a form that is no path; it is known by its directory.
    @Test func repositoryInTheTargetIsKept() throws {
        try fixture.restore()
        try fixture.shell(#"mv repo 'target/re\po'"#)
        let result = try fixture.restore {
            $0.options.overwrite = .ifChanged
            $0.options.delete = true
        }
        #expect(result.removed.entries == 0 && result.problemCount == 0)
        #expect(try fixture.shell(#"ls -d 'target/re\po/log'"#) != "")
    }

    @Test func verificationFindsWhatTheDiskLost() throws {
        try fixture.restore()
        let same =
            "touch -r target/big ref; printf YYYYYYYY | dd of=target/big bs=1 seek=9 conv=notrunc 2>/dev/null; touch -r ref target/big"
        try fixture.shell(same)
        let result = try fixture.restore {
            $0.options.overwrite = .ifChanged
            $0.options.verify = true
        }
        #expect(result.problems.map(\.path) == [Array("big".utf8)], "size and time are right, the content is not")
        #expect(result.verified == result.entries - 1)
    }

    @Test func progressReachesItsTotals() throws {
        let sink = Interrupter(afterBytes: .max)
        let result = try fixture.restore(events: sink)
        #expect(sink.progress.totalBytes == result.bytes && sink.progress.bytes == result.bytes)
        #expect(sink.progress.totalEntries == result.entries && sink.progress.entries == result.entries)
    }

    @Test func snapshotsByTimeAndSystem() throws {
        let state = fixture.access.repository.state
        let first = try #require(state.snapshots.first)
        let at = first.body.started
        #expect(try Snapshots.find("latest", system: "web", asOf: at, in: state).id == first.id)
        let before = Timestamp(milliseconds: at.milliseconds - 1)
        #expect(throws: VaultError.self) { try Snapshots.find("latest", system: nil, asOf: before, in: state) }
        #expect(throws: VaultError.self) { try Snapshots.find("latest", system: "db", asOf: nil, in: state) }
        #expect(throws: VaultError.self) { try Snapshots.find(first.id.hex, system: "web", asOf: nil, in: state) }
        #expect(throws: VaultError.self) { try Snapshots.find("latest:web", system: "db", asOf: nil, in: state) }
    }
}

private func rules(_ patterns: String...) throws -> ExclusionRules {
    var rules = ExclusionRules()
    for pattern in patterns { try rules.add(Array(pattern.utf8)) }
    return rules
}
