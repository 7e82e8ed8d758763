import Testing
import VaultTestSupport

@testable import VaultBackup

/// The room that a scratch server may take.
@Suite struct DiskWatchTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func bounds(_ bytesMax: Int, free: Int = 0) -> DiskWatch.Bounds {
        var bounds = DiskWatch.Bounds(byteCount: 0, total: 0)
        (bounds.bytesMax, bounds.freeMin) = (bytesMax, free)
        return bounds
    }

    private func tool(_ script: String, _ watch: DiskWatch) throws -> RunningTool {
        var tool = DatabaseTool("sh", ["-c", "cd '\(folder.path)'; \(script)"])
        tool.watch = watch
        return try tool.start()
    }

    private func watch(_ bounds: DiskWatch.Bounds) throws -> DiskWatch {
        try DiskWatch(Array(folder.path.utf8), bounds)
    }

    @Test func whoTakesTooMuchIsEnded() throws {
        let watch = try watch(bounds(4 << 20))
        let tool = try tool(
            "mkdir -p a/b; head -c 3000000 /dev/zero > a/b/c; head -c 3000000 /dev/zero > d; sleep 600", watch)
        #expect(try tool.ending(Cancellation()) == .signalled(9))
        #expect(watch.finding == "it had more than 4 MiB on disk, its limit")
        #expect(watch.error?.code == .notProven && watch.error?.nextStep.contains("--scratch-limit") == true)
        let late = try self.tool("sleep 600", watch)
        #expect(try late.ending(Cancellation()) == .signalled(9), "nor does anything begin later")
        watch.stop()
        watch.stop()
    }

    @Test func whatTheFileSystemMustKeepFreeCounts() throws {
        let watch = try watch(bounds(.max, free: .max))
        let tool = try tool("sleep 600", watch)
        #expect(try tool.ending(Cancellation()) == .signalled(9))
        #expect(watch.finding?.contains("MiB were left free") == true)
        watch.stop()
    }

    @Test func whoTakesLessGoesOn() throws {
        let watch = try watch(bounds(4 << 20))
        let tool = try tool("head -c 3000000 /dev/zero > d; sleep 0.6", watch)
        #expect(try tool.ending(Cancellation()) == .exited(0))
        watch.stop()
        #expect(watch.finding == nil && watch.error == nil)
    }

    /// Files of a snapshot may say that they are of any size.
    @Test func dumpsThatFitNowhere() {
        for byteCount in [Int.max, .max - 1, 1 << 62] {
            #expect(
                thrownCode {
                    _ = try ScratchPlace(
                        in: folder.bytes(), byteCount: byteCount, bytesMax: nil, random: SystemRandom(),
                        clock: SystemClock(), Cancellation())
                } == .failed)
        }
    }

    @Test func boundsOfDumps() {
        let (mebi, gibi) = (1 << 20, 1 << 30)
        for (dump, total, bytesMax, freeMin) in [
            (0, 100 * gibi, 2 * gibi, gibi), (100 * mebi, 4_000 * mebi, 2 * gibi, 200 * mebi),
            (gibi, 20 * gibi, 8 * gibi, gibi), (.max, .max, .max, gibi),
        ] {
            let bounds = DiskWatch.Bounds(byteCount: dump, total: total)
            #expect(bounds.bytesMax == bytesMax && bounds.freeMin == freeMin, "\(dump) of \(total)")
        }
    }
}
