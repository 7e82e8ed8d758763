import Foundation
import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// What a verification remembers, and that no clock makes a pack look checked that was not.
@Suite struct VerifyMemoryTests {
    /// A clock that a test turns.
    private final class TurnedClock: TimeSource {
        private let milliseconds: Mutex<Int64>
        private let ticks = Mutex<UInt64>(0)
        /// How far the other clock goes with each look at it.
        let step: UInt64

        init(days: Int64, step: UInt64 = 0) {
            milliseconds = Mutex(days * 86_400_000)
            self.step = step
        }

        func turn(days: Int64) { milliseconds.withLock { $0 += days * 86_400_000 } }
        func now() -> Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
        func monotonicNanoseconds() -> UInt64 {
            ticks.withLock { ticks in
                ticks += step
                return ticks
            }
        }
    }

    private final class Files: LocalFiles {
        let content = Mutex<[String: [UInt8]]>([:])
        func read(_ name: String) -> [UInt8]? { content.withLock { $0[name] } }
        func write(_ name: String, _ bytes: [UInt8]) { content.withLock { $0[name] = bytes } }
    }

    private func digest(_ byte: UInt8) -> Digest { Digest([UInt8](repeating: byte, count: 32)) ?? .zero }

    @Test func roundTripAndDamage() throws {
        let times: [Digest: VerifyMemory.Times] = [
            digest(1): .init(hashed: Timestamp(milliseconds: 5), decrypted: nil),
            digest(2): .init(hashed: Timestamp(milliseconds: 6), decrypted: Timestamp(milliseconds: 7)),
        ]
        let bytes = VerifyMemory.encode(times)
        #expect(try VerifyMemory.decode(bytes) == times)
        #expect(bytes.count == 9 + 2 * 48 + 32)
        for length in 0..<bytes.count {
            #expect(throws: FormatError.self) { try VerifyMemory.decode(Array(bytes[..<length])) }
        }
        for place in bytes.indices {
            var altered = bytes
            altered[place] ^= 1
            #expect(throws: FormatError.self) { try VerifyMemory.decode(altered) }
        }
    }

    @Test func aTimeThatLiesAheadDoesNotCount() {
        let files = Files()
        let ahead = VerifyMemory(files: files, clock: TurnedClock(days: 30_000))
        ahead.note(digest(1), isRight: true, withKeys: true)
        ahead.save()
        #expect(ahead.times(of: digest(1)).hashed != nil)
        let now = VerifyMemory(files: files, clock: TurnedClock(days: 20_000))
        #expect(now.times(of: digest(1)) == .init())
        // Kept again, it is gone also when that time has come.
        now.save()
        #expect(VerifyMemory(files: files, clock: TurnedClock(days: 30_001)).times(of: digest(1)) == .init())
    }

    @Test func whatIsDamagedIsForgotten() {
        let memory = VerifyMemory(files: nil, clock: TurnedClock(days: 1))
        memory.note(digest(1), isRight: true, withKeys: false)
        #expect(memory.times(of: digest(1)) == .init(hashed: Timestamp(milliseconds: 86_400_000), decrypted: nil))
        memory.note(digest(1), isRight: false, withKeys: false)
        #expect(memory.times(of: digest(1)) == .init())
    }

    /// A repository with several packs.
    private func scene() throws -> RepositoryFixture {
        let fixture = try RepositoryFixture()
        for number in 0..<4 {
            let path = fixture.directory.path + "/src\(number)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data("content \(number)".utf8).write(to: URL(fileURLWithPath: path + "/file"))
            try fixture.backup(path)
        }
        return fixture
    }

    private func verify(
        _ fixture: RepositoryFixture, _ clock: TurnedClock, _ change: (inout VerifyRequest) -> Void = { _ in }
    ) throws -> VerifyReport {
        let repository = try Repository.open(
            store: fixture.store, anchor: fixture.created.anchor, folders: fixture.client("verifier").folders,
            clock: clock)
        var request = VerifyRequest(readDataPercent: 100)
        request.workers = 1
        change(&request)
        return try Verify.run(request, repository, with: nil)
    }

    @Test func onlyWhatIsOldIsReadAgain() throws {
        let fixture = try scene()
        let clock = TurnedClock(days: 30_000)
        let all = try verify(fixture, clock) { $0.ageMaxSeconds = 30 * 86_400 }
        #expect(all.packsRead == all.packs && all.packs >= 8 && all.findings == [])
        #expect(try verify(fixture, clock) { $0.ageMaxSeconds = 30 * 86_400 }.packsRead == 0)
        clock.turn(days: 31)
        #expect(try verify(fixture, clock) { $0.ageMaxSeconds = 30 * 86_400 }.packsRead == all.packs)
        // A clock that goes back makes what was read later count as never read.
        clock.turn(days: -10)
        #expect(try verify(fixture, clock) { $0.ageMaxSeconds = 30 * 86_400 }.packsRead == all.packs)
        _ = runProgram(["rm", "-rf", fixture.directory.path + "/verifier/cache"])
        #expect(try verify(fixture, clock) { $0.ageMaxSeconds = 30 * 86_400 }.packsRead == all.packs)
    }

    /// Runs that are always cut off come round everything, the oldest first.
    @Test func cutOffRunsComeRound() throws {
        let fixture = try scene()
        // Each look at the clock takes a second, so five seconds are a few packs.
        let clock = TurnedClock(days: 30_000, step: 1_000_000_000)
        var counts: [Int] = []
        var packs = 0
        for _ in 0..<20 {
            clock.turn(days: 1)
            let report = try verify(fixture, clock) {
                $0.ageMaxSeconds = 25 * 86_400
                $0.durationMaxSeconds = 5
            }
            packs = report.packs
            counts.append(report.packsRead)
            if report.packsLeft == 0 { break }
        }
        #expect(counts.count > 1 && counts.reduce(0, +) == packs, "\(counts)")
        #expect(try verify(fixture, clock) { $0.ageMaxSeconds = 25 * 86_400 }.packsRead == 0)
    }
}
