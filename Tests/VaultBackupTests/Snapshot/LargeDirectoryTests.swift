import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// To it, files that were just made are old enough to be trusted.
private struct LateClock: TimeSource {
    func now() -> Timestamp { Timestamp(milliseconds: SystemClock().now().milliseconds + 3_600_000) }
    func monotonicNanoseconds() -> UInt64 { SystemClock().monotonicNanoseconds() }
}

/// Directories of more entries than are held at once (``DirectoryWindow/namesMax``): whatever changes in whichever
/// window, an incremental backup must come to the very nodes that a backup from nothing comes to.
@Suite struct LargeDirectoryTests {
    private let fixture: RepositoryFixture
    private let path: String

    init() throws {
        fixture = try RepositoryFixture()
        path = fixture.directory.path + "/tree"
    }

    /// Fills the directory: of ten entries one is a directory, one a link; one file in three has content.
    private func fill(_ count: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for number in 0..<count {
            switch number % 10 {
            case 7 where number < 1000:
                try FileManager.default.createDirectory(atPath: name(number), withIntermediateDirectories: true)
                try make(name(number) + "/inner", "inner \(number)")
            case 9:
                try FileManager.default.createSymbolicLink(atPath: name(number), withDestinationPath: "to \(number)")
            default: try make(name(number), number % 3 == 0 ? "content \(number)" : "")
            }
        }
    }

    private func name(_ number: Int) -> String { path + "/file-\(10_000 + number)" }

    private func make(_ path: String, _ content: String) throws {
        #expect(FileManager.default.createFile(atPath: path, contents: Data(content.utf8)))
    }

    /// Makes a backup that holds `window` entries of a directory at once.
    private func backup(_ window: Int, ignoringCache: Bool = false, _ changes: ChangeLog? = nil) throws -> Made {
        let repository = try Repository.open(
            store: fixture.store, anchor: fixture.created.anchor, folders: fixture.client().folders, clock: LateClock())
        var request = BackupRequest(paths: [Array(path.utf8)], system: "server")
        request.options.workers = 2
        request.options.namesPerWindow = window
        request.options.ignoreScanCache = ignoringCache
        request.options.secondReading = false
        request.options.changes = changes?.report
        let result = try Backup.run(request, with: try WriteAccess(repository, fixture.machine))
        #expect(result.problemCount == 0, "\(result.problems)")
        let state = try #require(try fixture.open().state.snapshots.first { $0.id == result.snapshot })
        return Made(node: state.body.node, entries: result.entries, snapshot: result.snapshot)
    }

    /// A snapshot and the top node of its tree.
    private struct Made {
        var node: ChunkID
        var entries: Int
        var snapshot: Digest
    }

    /// `@unchecked Sendable`: what it holds is behind a lock.
    private final class ChangeLog: @unchecked Sendable {
        private let lock = NSLock()
        private var changes: [String] = []
        var report: @Sendable (BackupChange) -> Void {
            { change in
                let name = change.path.split(separator: 0x2f).last ?? []
                let text = "\(change.kind) \(String(decoding: name, as: UTF8.self))"
                self.lock.withLock { self.changes.append(text) }
            }
        }
        var all: [String] { lock.withLock { changes.sorted() } }
    }

    @Test(arguments: [
        "nothing", "the first", "the last", "in the middle", "comes in front", "comes at the end", "goes in front",
        "goes at the end", "a hard link in front", "a hard link at the end", "a hard link within",
        "in a directory of the first window", "in a directory of the last window", "to fewer windows",
    ])
    func incrementalIsAsFromNothing(_ change: String) throws {
        try fill(70)
        let first = try backup(16)
        switch change {
        case "the first": try make(name(0), "another")
        case "the last": try make(name(68), "another")
        case "in the middle": try make(name(41), "another")
        case "comes in front": try make(path + "/a", "new")
        case "comes at the end": try make(path + "/z", "new")
        case "goes in front": try FileManager.default.removeItem(atPath: name(1))
        case "goes at the end": try FileManager.default.removeItem(atPath: name(69))
        case "a hard link in front": try FileManager.default.linkItem(atPath: name(68), toPath: path + "/a")
        case "a hard link at the end": try FileManager.default.linkItem(atPath: name(0), toPath: path + "/z")
        case "a hard link within": try FileManager.default.linkItem(atPath: name(30), toPath: name(27) + "/z")
        case "in a directory of the first window": try make(name(7) + "/inner", "another")
        case "in a directory of the last window": try make(name(67) + "/inner", "another")
        case "to fewer windows":
            for number in 15..<69 where number % 10 < 7 { try FileManager.default.removeItem(atPath: name(number)) }
        default: break
        }
        let second = try backup(16)
        let third = try backup(16)
        let anew = try backup(4096, ignoringCache: true)
        #expect(second.node == anew.node && third.node == anew.node)
        #expect((second.node == first.node) == (change == "nothing"))
        #expect(second.entries == anew.entries && third.entries == anew.entries)
        // A change after a change: what was put together from the cache is a cache again.
        try make(name(65), "yet another")
        let fourth = try backup(16)
        #expect(try fourth.node == backup(4096, ignoringCache: true).node)
        #expect(try fixture.differences(fourth.snapshot, tree: path, expected: path) == "")
    }

    /// Large enough for several nodes, and for sections of the scan cache.
    @Test func severalNodes() throws {
        try fill(9000)
        _ = try backup(DirectoryWindow.namesMax)
        try make(name(8998), "another")
        let second = try backup(DirectoryWindow.namesMax)
        let third = try backup(DirectoryWindow.namesMax)
        let anew = try backup(20_000, ignoringCache: true)
        #expect(second.node == anew.node && third.node == anew.node)
        #expect(try fixture.differences(third.snapshot, tree: path, expected: path) == "")
    }

    @Test func changesAreNamedOnce() throws {
        try fill(70)
        _ = try backup(16)
        try make(name(68), "another")
        try make(path + "/a", "new")
        try FileManager.default.removeItem(atPath: name(45))
        let log = ChangeLog()
        _ = try backup(16, log)
        #expect(log.all.filter { $0.hasPrefix("added") || $0.hasSuffix("068") } == ["added a", "changed file-10068"])
        #expect(log.all.filter { $0.hasPrefix("removed") } == ["removed tree"])
    }
}
