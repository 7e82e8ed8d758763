import Foundation
import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Dry runs, what has changed, and no snapshot where nothing has.
@Suite struct BackupPreviewTests {
    private let fixture: SelectionFixture

    init() throws { fixture = try SelectionFixture() }

    /// Changes that a dry run reports, one line each, in order.
    private func preview(_ change: (inout BackupOptions) throws -> Void = { _ in }) throws -> (BackupPreview, [String])
    {
        let lines = Lines()
        var request = try fixture.request(nil, change)
        let source = fixture.source
        request.options.changes = { change in
            let path = ("/" + String(decoding: change.path, as: UTF8.self)).replacingOccurrences(of: source, with: "@")
            lines.add("\(change.kind.rawValue) \(change.count) \(path)")
        }
        let result = try Backup.preview(request, with: fixture.access())
        return (result, lines.sorted)
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var sorted: [String] { lines.withLock { $0 }.sorted() }
    }

    @Test func storesNothingAndSaysWhatWouldBeNew() throws {
        try fixture.write("a", String(repeating: "a", count: 5000))
        try fixture.write("d/b", String(repeating: "b", count: 3000))
        let objects = try fixture.objectCount()
        let (first, changes) = try preview()
        #expect(first.bytes == 8000 && first.newBytes == 8000 && first.problemCount == 0)
        #expect(changes == ["added 1 @", "added 1 @/a", "added 1 @/d", "added 1 @/d/b"])
        #expect(try fixture.objectCount() == objects)
        // It has not taken anything for stored, and what it said comes true.
        let made = try fixture.backup()
        #expect(made.entries == first.entries && made.bytes == 8000 && made.newBytes == 8000)
        #expect(try preview().0.newBytes == 0)
        #expect(try preview().1 == [])

        try fixture.write("c", String(repeating: "a", count: 5000) + "!")
        try fixture.write("d/b", "another")
        try FileManager.default.removeItem(atPath: fixture.source + "/a")
        let stored = try fixture.objectCount()
        let (second, later) = try preview()
        #expect(later == ["added 1 @/c", "changed 1 @", "changed 1 @/d/b", "removed 1 @"])
        #expect(second.newBytes > 0 && second.newBytes == 5001 + 7)
        #expect(try fixture.objectCount() == stored)
        #expect(try preview { $0.excludeLargerThan = 100 }.0.leftOut == 1)
        #expect(try fixture.backup().newBytes == second.newBytes)
    }

    @Test func refusesStreams() throws {
        let request = try BackupRequest.stream(name: [0x61], system: "server") { _ in 0 }
        let error = try #require(throws: VaultError.self) { try Backup.preview(request, with: fixture.access()) }
        #expect(error.code == .usage)
    }

    @Test func noSnapshotWhenNothingHasChanged() throws {
        func run(_ change: (inout BackupOptions) throws -> Void = { _ in }) throws -> BackupResult {
            try fixture.backup {
                $0.skipIfUnchanged = true
                try change(&$0)
            }
        }
        try fixture.write("a/file", "one")
        let first = try run()
        #expect(!first.isUnchanged)
        // Something beside the source is none of its business.
        try fixture.make("all/beside")
        let second = try run()
        #expect(second.isUnchanged && second.snapshot == first.snapshot && second.position == first.position)
        #expect(second.storedBytes == 0)
        #expect(try fixture.access().repository.state.openSessions.isEmpty)
        #expect(try fixture.access().repository.state.snapshots.count == 1)
        // Without the wish there is a snapshot, and it is the last one from then on.
        let third = try fixture.backup()
        #expect(!third.isUnchanged && third.snapshot != first.snapshot)
        #expect(try run().snapshot == third.snapshot)
        // Other sources have a last snapshot of their own.
        #expect(try !fixture.backup([fixture.source + "/a"]) { $0.skipIfUnchanged = true }.isUnchanged)
        #expect(try run().snapshot == third.snapshot)

        try fixture.write("a/file", "two")
        let fourth = try run()
        #expect(!fourth.isUnchanged)
        // Back to what the first one has, but not to what the last one has.
        try fixture.write("a/file", "one")
        #expect(try !run().isUnchanged)
        #expect(try !run { $0.excludeLargerThan = 0 }.isUnchanged)
        #expect(try run { $0.excludeLargerThan = 0 }.isUnchanged)
        chmod(fixture.source, 0o700)
        chmod(fixture.source + "/a", 0o701)
        #expect(try !run { $0.excludeLargerThan = 0 }.isUnchanged)
    }

    @Test func snapshotWhenTheMemoryIsLost() throws {
        try fixture.write("file", "x")
        try fixture.backup()
        let other = try Backup.run(fixture.request { $0.skipIfUnchanged = true }, with: fixture.access("other"))
        #expect(!other.isUnchanged)
    }
}
