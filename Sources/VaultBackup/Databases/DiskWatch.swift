internal import Synchronization

/// Watches how much a scratch server writes, and ends it when that is too much: a dump is a program that somebody else
/// wrote, and could fill the disk.
///
/// 1. It looks several times a second, for as long as the server is there, also while nobody waits for it.
/// 2. What counts is the space in use in the directory of the server, and what the file system has left: what is written
///    elsewhere, or into a file without a name, shows only there.
/// 3. Then all programs that work for the server are ended, and those that are started later too. What was found stays.
final class DiskWatch: Sendable {
    /// What is allowed.
    struct Bounds: Sendable {
        /// Most bytes in the directory.
        var bytesMax: Int
        /// Bytes that must stay free in its file system.
        var freeMin: Int

        private static let bytesMaxLeast = 2 << 30
        private static let timesTheDump = 8
        private static let freeMinMost = 1 << 30

        /// What is right for dumps of `byteCount` bytes in a file system of `total`.
        init(byteCount: Int, total: Int) {
            let (times, isOverflow) = byteCount.multipliedReportingOverflow(by: Self.timesTheDump)
            bytesMax = max(Self.bytesMaxLeast, isOverflow ? .max : times)
            freeMin = min(Self.freeMinMost, total / 20)
        }
    }

    private struct Worker {
        weak var tool: RunningTool?
    }

    private struct State {
        var workers: [Worker] = []
        var finding: String?
        var isOver = false
    }

    private let directory: [UInt8]
    private let bounds: Bounds
    private let state = Mutex(State())
    private let thread = Mutex<Thread?>(nil)

    private static let pauseMilliseconds = 200
    private static let stepMilliseconds = 20
    /// Directories that are deeper are not looked into; no server makes such.
    private static let depthMax = 16

    /// Begins to watch a directory.
    /// - Throws: ``VaultError`` when the system refuses a thread.
    init(_ directory: [UInt8], _ bounds: Bounds) throws {
        self.directory = directory
        self.bounds = bounds
        let started = try Thread { [self] in watch() }
        thread.withLock { $0 = started }
    }

    /// Takes note of a program that works for the server.
    func add(_ tool: RunningTool) {
        let isTooLate = state.withLock { state in
            state.workers.removeAll { $0.tool == nil }
            state.workers.append(Worker(tool: tool))
            return state.finding != nil
        }
        if isTooLate { tool.end() }
    }

    /// What was found, as part of a sentence; nil as long as all is well.
    var finding: String? { state.withLock { $0.finding } }

    /// The error that says so.
    var error: VaultError? {
        finding.map {
            VaultError(
                .notProven, "The scratch server was ended, because \($0)",
                nextStep: "If the database is that large, allow more with --scratch-limit, or name a larger place with "
                    + "--scratch; if it is not, see who could have written the dump")
        }
    }

    /// Ends the watch. May be called again.
    func stop() {
        state.withLock { $0.isOver = true }
        let last = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        last?.join()
    }

    // MARK: Looking

    private var isOver: Bool { state.withLock { $0.isOver } }

    private func watch() {
        let clock = SystemClock()
        while !isOver {
            let started = clock.monotonicNanoseconds()
            if let finding = look() { return end(finding) }
            // A directory of very many files must not keep a processor busy.
            let took = Int((clock.monotonicNanoseconds() - started) / 1_000_000)
            var left = max(Self.pauseMilliseconds, 4 * took)
            while left > 0, !isOver {
                SystemClock.pause(milliseconds: Self.stepMilliseconds)
                left -= Self.stepMilliseconds
            }
        }
    }

    private func look() -> String? {
        guard let place = try? OpenFile.openDirectory(directory) else { return nil }
        if let free = try? FileSystemSpace.available(place), free < bounds.freeMin {
            return "less than \(bounds.freeMin >> 20) MiB were left free where it is"
        }
        guard Self.bytesInUse(place, depth: Self.depthMax) > bounds.bytesMax else { return nil }
        return "it had more than \(bounds.bytesMax >> 20) MiB on disk, its limit"
    }

    private func end(_ finding: String) {
        let tools = state.withLock { state in
            state.finding = finding
            return state.workers.compactMap(\.tool)
        }
        for tool in tools { tool.end() }
    }

    /// What vanishes meanwhile counts nothing.
    private static func bytesInUse(_ directory: OpenFile, depth: Int) -> Int {
        guard depth > 0, let listing = try? DirectoryListing.read(directory) else { return 0 }
        return listing.entries.reduce(0) { sum, entry in
            guard let status = entry.status else { return sum }
            let inside =
                status.kind == .directory
                ? (try? OpenFile.openDirectory(at: directory, listing.name(of: entry))).map {
                    bytesInUse($0, depth: depth - 1)
                } ?? 0 : 0
            return sum &+ Int(clamping: status.blocks) &* 512 &+ inside
        }
    }
}
