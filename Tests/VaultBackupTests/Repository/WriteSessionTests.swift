import Foundation
import Synchronization
import Testing

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
