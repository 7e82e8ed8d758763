import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct ScratchTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func names() -> [String] {
        (runProgram(["ls", folder.path])?.output ?? "").split(separator: "\n").map(String.init)
    }

    private func make() throws -> ScratchDirectory {
        try ScratchDirectory(in: folder.bytes(), random: SystemRandom())
    }

    @Test func isNewAndPrivate() throws {
        let (first, second) = (try make(), try make())
        #expect(first.path != second.path && names().count == 2)
        let status = try FileStatus.read(first.path)
        #expect(status.mode == 0o700 && status.kind == .directory)
        try first.remove()
        #expect(names().count == 1)
    }

    @Test func sweepTakesOnlyWhatIsOver() throws {
        let now = SystemClock().now()
        let running = try make()
        let kept = try make()
        try kept.keep(until: Timestamp(milliseconds: now.milliseconds + 60_000))
        var dead: ScratchDirectory? = try make()
        let deadPath = try #require(dead?.path)
        dead = nil
        let others =
            "mkdir vault-drill-0123456789abcdeg vault-drill-01 mine; mkdir -m 755 vault-drill-0123456789abcdef; "
            + "ln -s mine vault-drill-0123456789abcdee"
        #expect(runProgram(["sh", "-c", "cd '\(folder.path)'; \(others)"])?.status == 0)
        let swept = eventually {
            let swept = ScratchDirectory.sweep(folder.bytes(), now: now)
            return swept.isEmpty ? nil : swept
        }
        #expect(swept == [deadPath])
        #expect(names().count == 7)
        let later = Timestamp(milliseconds: now.milliseconds + 61_000)
        #expect(ScratchDirectory.sweep(folder.bytes(), now: later) == [kept.path])
        #expect(names().count == 6)
        try running.remove()
    }

    @Test func removesWhatResists() throws {
        let scratch = try make()
        let script = "mkdir -p tree/a/b; echo x > tree/a/b/c; ln -s / tree/root; mkfifo tree/p; chmod 0 tree/a/b tree/a"
        #expect(
            runProgram(["sh", "-c", "cd '\(String(decoding: scratch.path, as: UTF8.self))'; \(script)"])?.status == 0)
        try scratch.remove()
        #expect(names().isEmpty)
    }

    @Test func refusesTheRepository() throws {
        let fixture = try DrillFixture("echo x > src/file")
        let code = thrownCode { _ = try fixture.drill { $0.scratch = fixture.folder.bytes("repo/packs/scratch") } }
        #expect(code == .usage && fixture.state.drills.isEmpty)
        #expect(try fixture.shell("find repo -name 'vault-drill*'") == "")
    }

    @Test(.enabled(if: isRoot)) func refusesWhatIsTooSmall() throws {
        let fixture = try DrillFixture("head -c 3000000 /dev/urandom > src/file")
        try fixture.shell("mkdir small")
        guard runProgram(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", fixture.path + "/small"])?.status == 0
        else {
            return print("skipped: a tmpfs cannot be mounted")
        }
        defer { _ = runProgram(["umount", fixture.path + "/small"]) }
        do {
            try fixture.drill { $0.scratch = fixture.folder.bytes("small") }
            Issue.record("it fits")
        } catch let error as VaultError {
            #expect(error.code == .failed && error.message.contains("room") && error.nextStep.contains("--sample"))
        }
        #expect(try fixture.shell("ls small") == "" && fixture.state.drills.isEmpty)
    }
}
