import Foundation
import Glibc
import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Warnings of a run.
private final class Warnings: EventSink {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }

    func receive(_ event: Event) {
        if case .warning(let text) = event { texts.withLock { $0.append(text) } }
    }
}

@Suite struct BackupTests {
    private let fixture: RepositoryFixture
    private let root: String

    init() throws {
        fixture = try RepositoryFixture()
        root = fixture.directory.path + "/tree"
        try FileManager.default.createDirectory(atPath: root + "/sub/inner", withIntermediateDirectories: true)
        for name in ["one", "two", "sub/three", "sub/inner/four"] {
            try Data("content of \(name)".utf8).write(to: URL(fileURLWithPath: root + "/" + name))
        }
    }

    /// Number of entries that a listing visits.
    private func entryCount(_ snapshot: Digest) throws -> Int {
        let access = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
        var count = 0
        try Listing.run(try SnapshotPath(Array(snapshot.hex.utf8)), recursive: true, with: access) { _, _ in count += 1
        }
        return count
    }

    @Test func countsAreThoseOfTheListing() throws {
        let result = try fixture.backup(root)
        let depth = root.split(separator: "/").count
        // Four files, two directories, the source and the directories above it.
        #expect(result.entries == 6 + depth)
        #expect(try entryCount(result.snapshot) == result.entries)
        #expect(result.bytes == 4 * 11 + 3 + 3 + 9 + 14)
        let again = try fixture.backup(root)
        #expect((again.entries, again.bytes, again.newBytes) == (result.entries, result.bytes, 0))
    }

    @Test func aSubPathAndASingleFile() throws {
        let id = try fixture.backup(root).snapshot
        #expect(try fixture.differences(id, tree: root + "/sub", expected: root + "/sub") == "")
        let target = fixture.directory.path + "/single"
        try fixture.restore(id.hex, path: root + "/sub/three", to: target)
        #expect(FileManager.default.contents(atPath: target + "/three") == Data("content of sub/three".utf8))
        #expect(throws: VaultError.self) { try fixture.restore(id.hex, path: root + "/nothing", to: target + "-2") }
    }

    @Test func anOccupiedTargetIsRefused() throws {
        let id = try fixture.backup(root).snapshot
        let target = fixture.directory.path + "/occupied"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        try Data([1]).write(to: URL(fileURLWithPath: target + "/mine"))
        let error = #expect(throws: VaultError.self) { try fixture.restore(id.hex, path: root, to: target) }
        #expect(error?.code == .usage)
        #expect(try FileManager.default.contentsOfDirectory(atPath: target) == ["mine"])
        // An empty one is taken.
        try FileManager.default.removeItem(atPath: target + "/mine")
        #expect(try fixture.restore(id.hex, path: root, to: target).problems.isEmpty)
    }

    @Test(arguments: [true, false]) func twoBackupsAtOnce(_ sameIdentity: Bool) throws {
        let other = fixture.directory.path + "/other"
        try copyTree(root, to: other)
        try Data("more".utf8).write(to: URL(fileURLWithPath: other + "/more"))
        let writers = [fixture.machine, sameIdentity ? fixture.machine : fixture.person]
        for round in 0..<5 {
            let made = Mutex<[Int: Digest]>([:])
            let failures = Mutex<[String]>([])
            ObjectStoreConformance.onThreads(2) { [fixture, root] number in
                do {
                    let access = try WriteAccess(try fixture.open(client: "client-\(number)"), writers[number])
                    var request = BackupRequest(paths: [Array((number == 0 ? root : other).utf8)], system: "server")
                    request.options.workers = 2
                    let id = try Backup.run(request, with: access).snapshot
                    made.withLock { $0[number] = id }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
            #expect(failures.withLock { $0 } == [], "round \(round)")
            for (number, id) in made.withLock({ $0 }) {
                let tree = number == 0 ? root : other
                #expect(try fixture.differences(id, tree: tree, expected: tree) == "", "round \(round)")
            }
        }
        #expect(Snapshots.list(try fixture.open()).count == 10)
        #expect(try fixture.verify().findings == [])
    }

    /// The kernel lets nobody read this file, root neither.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/sys/vm/compact_memory")))
    func unreadableFilesAreProblems() throws {
        let path = "/proc/sys/vm/compact_memory"
        let result = try fixture.backup(path, root)
        #expect(result.problems.map(\.path) == [Array(path.dropFirst().utf8)])
        #expect(result.problemCount == 1)
        #expect(try entryCount(result.snapshot) == result.entries)
        let target = fixture.directory.path + "/target"
        let restored = try fixture.restore(result.snapshot.hex, to: target)
        #expect(restored.problems.map(\.path) == [Array(path.dropFirst().utf8)])
        #expect(compareTrees(root, target + root) == "")
        #expect(try fixture.verify().findings == [])
        #expect(Snapshots.list(try fixture.open()).last?.problems == 1)
    }

    /// Files appear, change and vanish while they are read: the backup goes on and what it stores is consistent.
    @Test func aTreeThatChangesMeanwhile() throws {
        let stop = Atomic<Bool>(false)
        let root = root
        let disturber = Foundation.Thread {
            var random = SeededGenerator(seed: 91)
            while !stop.load(ordering: .relaxed) {
                let path = root + "/sub/volatile-\(random.below(20))"
                switch random.below(4) {
                case 0: unlink(path)
                case 1: symlink("volatile-\(random.below(100))", path)
                case 2: try? Data(random.bytes(random.below(200_000))).write(to: URL(fileURLWithPath: path))
                default: truncate(path, off_t(random.below(300_000)))
                }
            }
        }
        disturber.start()
        defer { stop.store(true, ordering: .relaxed) }
        var options = BackupOptions()
        options.workers = 2
        for round in 0..<12 {
            let result = try fixture.backup(root, options: options)
            for problem in result.problems {
                #expect(String(decoding: problem.path, as: UTF8.self).contains("volatile-"), "\(problem)")
            }
            #expect(try entryCount(result.snapshot) == result.entries, "round \(round)")
            let target = fixture.directory.path + "/target-\(round)"
            let restored = try fixture.restore(result.snapshot.hex, path: root, to: target)
            #expect(restored.problems.count <= result.problems.count, "round \(round): \(restored.problems)")
            #expect(FileManager.default.contents(atPath: target + "/sub/three") == Data("content of sub/three".utf8))
        }
        #expect(try fixture.verify().findings == [])
    }

    /// A content that is exchanged while it is read, with its time put back, is read as one or the other, or named.
    @Test func aContentThatChangesWithItsTimePutBack() throws {
        let (path, count) = (root + "/exchanged", 3 << 20)
        let contents = [UInt8(ascii: "a"), UInt8(ascii: "b")].map { [UInt8](repeating: $0, count: count) }
        try Data(contents[0]).write(to: URL(fileURLWithPath: path))
        var before = stat()
        #expect(stat(path, &before) == 0)
        let stop = Atomic<Bool>(false)
        let time = before.st_mtim
        let disturber = Foundation.Thread {
            let fd = Glibc.open(path, O_WRONLY)
            defer { close(fd) }
            var times = [time, time]
            var round = 0
            while !stop.load(ordering: .relaxed) {
                round += 1
                pwrite(fd, contents[round % 2], count, 0)
                futimens(fd, &times)
                // Long enough that some passes of the reader are not disturbed.
                usleep(UInt32(round % 5) * 1_000)
            }
        }
        disturber.start()
        defer { stop.store(true, ordering: .relaxed) }
        for round in 0..<10 {
            let result = try fixture.backup(path)
            let target = fixture.directory.path + "/exchanged-\(round)"
            try fixture.restore(result.snapshot.hex, to: target)
            let restored = FileManager.default.contents(atPath: target + path) ?? Data()
            let isWhole = restored.count == count && restored.allSatisfy { $0 == restored[0] }
            #expect(isWhole || result.problemCount == 1, "round \(round): a mixture that nobody was told of")
        }
    }

    @Test func aPathThatDoesNotExistIsRefused() throws {
        let before = Snapshots.list(try fixture.open()).count
        #expect(throws: VaultError.self) { try fixture.backup(root + "/nothing") }
        #expect(Snapshots.list(try fixture.open()).count == before)
    }

    /// An interrupted backup leaves no snapshot, no open session and no waiting thread.
    @Test func anInterruptedBackup() throws {
        let access = try WriteAccess(try fixture.open(), fixture.machine)
        let cancellation = Cancellation()
        cancellation.cancel()
        let error = #expect(throws: VaultError.self) {
            try Backup.run(
                BackupRequest(paths: [Array(root.utf8)], system: "server"), with: access, cancellation: cancellation)
        }
        #expect(error?.code == .interrupted)
        let state = try fixture.open().state
        #expect(state.snapshots.isEmpty && state.openSessions.isEmpty)
    }
}
