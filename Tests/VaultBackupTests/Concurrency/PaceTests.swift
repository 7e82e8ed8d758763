import Synchronization
import Testing

@testable import VaultBackup

/// A clock that only waiting moves, and processor time that only the test moves.
private final class OwnTime: Sendable {
    let now = Atomic<UInt64>(5_000_000_000)
    let used = Atomic<UInt64>(0)
    let isCancelled = Atomic<Bool>(false)

    var clock: PaceClock {
        PaceClock(
            now: { self.now.load(ordering: .relaxed) }, processorTime: { self.used.load(ordering: .relaxed) },
            sleep: { self.now.add($0, ordering: .relaxed) }, isCancelled: { self.isCancelled.load(ordering: .relaxed) })
    }

    var seconds: Double { Double(now.load(ordering: .relaxed) - 5_000_000_000) / 1e9 }
}

@Suite struct PaceTests {
    @Test(arguments: [1, 1000, 20 << 20, 1 << 30]) func bytesTakeTheirTime(_ rate: Int) {
        let time = OwnTime()
        let bucket = TokenBucket(bytesPerSecond: rate, clock: time.clock)
        for _ in 0..<100 { bucket.take(rate / 10 + 1) }
        let expected = Double(100 * (rate / 10 + 1)) / Double(rate)
        #expect(abs(time.seconds - expected) <= expected / 100, "\(time.seconds) instead of \(expected)")
    }

    @Test func threadsShareOneRate() throws {
        let time = OwnTime()
        let bucket = TokenBucket(bytesPerSecond: 1_000_000, clock: time.clock)
        try Thread.runAll(4) { _ in for _ in 0..<50 { bucket.take(10_000) } }
        // Two million bytes. Each thread that waits moves the clock itself, so it may run ahead, never behind.
        #expect(time.seconds >= 1.8, "\(time.seconds)")
    }

    @Test func idleTimeIsNotSavedUp() {
        let time = OwnTime()
        let bucket = TokenBucket(bytesPerSecond: 1_000_000, clock: time.clock)
        time.now.add(3_600_000_000_000, ordering: .relaxed)
        let start = time.seconds
        bucket.take(1_000_000)
        #expect(abs(time.seconds - start - 0.9) < 0.001)
    }

    @Test func cancellingEndsTheWait() {
        let time = OwnTime()
        let bucket = TokenBucket(bytesPerSecond: 1, clock: time.clock)
        time.isCancelled.store(true, ordering: .relaxed)
        bucket.take(1 << 40)
        #expect(time.seconds == 0)
    }

    @Test(arguments: [1.0, 30, 100, 150]) func processorTimeIsShared(_ percent: Double) {
        let time = OwnTime()
        let share = ProcessorShare(percent: percent, clock: time.clock)
        for _ in 0..<500 {
            // Two threads compute 10 ms each.
            time.used.add(20_000_000, ordering: .relaxed)
            time.now.add(10_000_000, ordering: .relaxed)
            share.wait()
        }
        let expected = max(10 / percent * 100, 5)
        #expect(abs(time.seconds - expected) <= expected / 50, "\(time.seconds) instead of \(expected)")
    }

    /// The process has hardly computed when the wait begins: there is nothing to take the time from.
    @Test func processorTimeIsNotSavedUp() {
        let time = OwnTime()
        let share = ProcessorShare(percent: 50, clock: time.clock)
        time.now.add(3_600_000_000_000, ordering: .relaxed)
        share.wait()
        let start = time.seconds
        for _ in 0..<100 {
            time.used.add(10_000_000, ordering: .relaxed)
            share.wait()
        }
        // Half as fast as one processor, but for the tenth of a second that is saved.
        #expect(abs(time.seconds - start - 1.8) < 0.01, "\(time.seconds - start)")
    }

    @Test func slicesAreSmallWhenTheRateIs() {
        let time = OwnTime()
        func slice(_ rate: Int) -> Int {
            Pace(read: TokenBucket(bytesPerSecond: rate, clock: time.clock)).readSlice(8 << 20)
        }
        #expect(slice(1) == 16 << 10)
        #expect(slice(10 << 20) == 1 << 20)
        #expect(slice(1 << 40) == 1 << 20)
        #expect(Pace.free.readSlice(8 << 20) == 8 << 20)
    }
}
