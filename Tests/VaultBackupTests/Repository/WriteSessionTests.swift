import Foundation
import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A session that several workers bring packs to.
@Suite struct WriteSessionTests {
    /// A clock whose callers are held up at random after they have been told the time, as by a busy machine.
    private final class HoldingClock: TimeSource {
        func now() -> Timestamp { SystemClock().now() }

        func monotonicNanoseconds() -> UInt64 {
            let time = SystemClock().monotonicNanoseconds()
            usleep(UInt32.random(in: 0...2000))
            return time
        }
    }

    /// A worker that is held up while another publishes must not take the time for one that ran backwards.
    @Test func workersThatAreHeldUp() throws {
        let fixture = try RepositoryFixture()
        let repository = try Repository.open(
            store: fixture.store, anchor: fixture.created.anchor, folders: fixture.client().folders,
            clock: HoldingClock())
        let access = try WriteAccess(repository, fixture.machine)
        let session = try WriteSession.open(access, purpose: .backup, system: "server")
        let packs = try (0..<64).map { try Self.pack(Array("content \($0)".utf8), access, session) }
        let failures = Mutex<[any Error]>([])
        DispatchQueue.concurrentPerform(iterations: packs.count) { number in
            do {
                _ = try repository.store.put(.content(.packs, packs[number].name), packs[number].buffer.used)
                try session.didStore(packs[number])
            } catch { failures.withLock { $0.append(error) } }
        }
        #expect(failures.withLock { $0.isEmpty })
        try session.publishProgress()
        #expect(session.committedPacks().count == packs.count)
    }

    /// What the session is told goes into the local index while it runs, and the rest at its end.
    @Test func theLocalIndexKnowsWhatIsNamedInTheLog() throws {
        let fixture = try RepositoryFixture()
        let folder = fixture.directory.bytes("index-cache")
        let repository = try Repository.open(
            store: fixture.store, anchor: fixture.created.anchor,
            folders: LocalFolders(config: fixture.directory.bytes("index-config"), cache: folder))
        let access = try WriteAccess(repository, fixture.machine)
        let session = try WriteSession.open(access, purpose: .backup, system: "server", chunksWaitingMax: 6)
        func known() -> Int {
            let index = ChunkIndex.open(
                folder: repository.folders.cache(of: repository.id, "index"), repository: repository.id)
            return repository.state.packs.indices.count(where: index.covers)
        }
        func store(_ content: String) throws {
            let pack = try Self.pack(Array(content.utf8), access, session)
            _ = try repository.store.put(.content(.packs, pack.name), pack.buffer.used)
            try session.didStore(pack)
        }
        // A record names four packs each.
        for number in 0..<4 { try store("content \(number)") }
        #expect(known() == 0)
        for number in 4..<8 { try store("content \(number)") }
        #expect(known() == 8 && session.committedPacks().count == 8)
        for number in 8..<10 { try store("content \(number)") }
        try session.publishProgress()
        #expect(known() == 8 && session.committedPacks().map(\.segmentCount) == [Int](repeating: 1, count: 10))
    }

    /// A pack with one chunk.
    private static func pack(_ content: [UInt8], _ access: WriteAccess, _ session: WriteSession) throws -> FinishedPack
    {
        let repository = access.repository
        let sealing = SealingContext(
            repository: repository.id, session: session.id, epoch: 1, group: 1,
            readKey: repository.state.keyring.readKey, indexKey: access.index, random: repository.random, level: .auto)
        let builder = PackBuilder(.data, context: sealing, pool: BufferPool(count: 4, capacity: 1 << 20))
        let identifier = ChunkIdentifier(dedupSecret: access.dedup, repository: repository.id)
        try content.withUnsafeBytes { raw in
            let piece = PackBuilder.Piece(id: identifier.id(.data, raw).id, type: .data, length: raw.count)
            try builder.append(raw, [piece]) { _ in }
        }
        return try #require(try builder.finish())
    }
}
