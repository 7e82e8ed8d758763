import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct SecondReadingTests {
    /// A limit holds for all that is read of the sources, also for what is read again.
    @Test func theSecondReadingKeepsToThePace() throws {
        let fixture = try RepositoryFixture()
        let source = fixture.directory.path + "/source"
        let script = "mkdir \"$1\"; head -c 1048576 /dev/urandom > \"$1/file\""
        #expect(runProgram(["sh", "-c", script, "sh", source])?.status == 0)
        let time = WaitedTime()
        var options = BackupOptions()
        options.pace = Pace(read: TokenBucket(bytesPerSecond: 1 << 20, clock: time.clock))
        try fixture.backup(source, options: options)
        #expect(time.seconds >= 1.9, "\(time.seconds)")
    }
}

/// A clock that only waiting moves.
private final class WaitedTime: Sendable {
    private let now = Atomic<UInt64>(0)

    var clock: PaceClock {
        PaceClock(
            now: { self.now.load(ordering: .relaxed) }, processorTime: { 0 },
            sleep: { self.now.add($0, ordering: .relaxed) }, isCancelled: { false })
    }

    var seconds: Double { Double(now.load(ordering: .relaxed)) / 1e9 }
}
