import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// What only forgotten snapshots used goes, what is used stays, and what may become used waits.
@Suite(.serialized) struct PruneTests {
    /// By a maintainer who moves segments as they are, and by one who may read and thins them.
    @Test(arguments: [false, true]) func unusedPacksGoAndSparseOnesAreCompacted(thins: Bool) throws {
        let scene = try PruneScene(seed: 81)
        let store = scene.fixture.store
        let before = try PruneScene.packBytes(store)
        let preview = try scene.prune {
            $0.dryRun = true
            $0.thinsSegments = thins
        }
        #expect(try PruneScene.packBytes(store) == before, "a dry run changes nothing")
        let report = try scene.prune { $0.thinsSegments = thins }
        let after = try PruneScene.packBytes(store)
        #expect(after == report.after.bytes && before == report.before.bytes)
        #expect(before - after > 1_000_000, "\(before) \(after)")
        #expect(report.compacted.packs > 0 && report.moved.packs > 0 && report.unused.packs > 0)
        for (shown, done) in [
            (preview.deleted, report.deleted), (preview.compacted, report.compacted),
            (preview.leftovers, report.leftovers),
        ] { #expect(shown == done) }
        // How long a segment is that is sealed anew is known when it is.
        let (shown, done) = (preview.moved.bytes, report.moved.bytes)
        #expect(preview.moved.packs == report.moved.packs && (thins ? abs(shown - done) * 20 < done : shown == done))
        #expect(preview.requests.deletions == report.requests.deletions)
        #expect(preview.requests.reads == report.requests.reads)
        #expect(try scene.failures() == [])
        // A second run finds nothing to do.
        let again = try scene.prune { $0.thinsSegments = thins }
        #expect(again.deleted.packs == 0 && again.compacted.packs == 0 && again.leftovers.packs == 0)
        #expect(again.after == report.after)
    }

    /// Packs are moved, and moved again; maps made long before are followed through both.
    @Test func compactionsOfCompactedPacks() throws {
        let scene = try PruneScene(seed: 82)
        try scene.prune()
        let (first, last) = (scene.live[0], scene.live[1])
        try PruneScene.forget([first.id], scene.fixture.open(client: "keeper"), scene.fixture.person)
        let before = try PruneScene.packBytes(scene.fixture.store)
        let report = try scene.prune()
        #expect(report.compacted.packs > 0 && report.warnings.isEmpty)
        let after = try PruneScene.packBytes(scene.fixture.store)
        #expect(before - after > 1_000_000, "\(before) \(after)")
        let state = try scene.fixture.open(client: "new").state
        #expect(state.packs.count(where: { $0.isMoved && $0.isSwept }) > 0, "no moved pack was moved again")
        #expect(try scene.fixture.differences(last.id, tree: scene.tree, expected: last.copy) == "")
        #expect(try scene.fixture.verify().findings == [])
        // The files are unchanged and their packs moved: the next backup reads and stores little.
        let next = try scene.fixture.backup(scene.tree)
        #expect(next.newBytes < 300_000, "\(next.newBytes)")
        #expect(try scene.fixture.differences(next.snapshot, tree: scene.tree, expected: last.copy) == "")
    }

    /// The last look before packs are replaced does not believe the plan.
    @Test func whatIsUsedAndNotCopiedStopsCompaction() throws {
        let scene = try PruneScene(seed: 90)
        let access = try MaintainAccess(try scene.fixture.open(client: "keeper"), scene.fixture.person)
        let run = PruneRun(PruneRequest(), access, SilentEventSink(), Cancellation())
        let survey = try #require(try run.survey())
        let bins = try run.fill(survey)
        // A plan that was made before something more became used.
        let sparse = try #require(
            survey.chosen.first {
                // Some packs are sparse only within segments, all of which are used.
                (1..<survey.state.packs[$0.ordinal].pack.segments).contains(survey.usage.usedCount($0.ordinal))
            }
        ).ordinal
        var usage = survey.usage
        usage.markAll(sparse)
        let more = PruneRun.Survey(
            state: survey.state, usage: usage, chunks: survey.chunks, chosen: survey.chosen, unused: survey.unused)
        var due: [PackState] = []
        let stopped = #expect(throws: VaultError.self) {
            try run.compact(bins, more, basis: survey.state.head, &due)
        }
        #expect(due.isEmpty && stopped?.code == .damaged && stopped?.message.contains("which a snapshot uses") ?? false)
        let state = try scene.fixture.open(client: "keeper").state
        #expect(state.openSessions.isEmpty && !state.packs.contains { $0.isMoved || $0.isCondemned })
        // What was stored for nothing goes, and the right plan is carried out.
        let report = try scene.prune()
        #expect(report.leftovers.packs >= bins.count && report.compacted.packs > 0)
        #expect(try scene.failures() == [])
    }

    @Test func aMissingMapMeansThatAllIsUsed() throws {
        let scene = try PruneScene(seed: 83)
        let state = try scene.fixture.open(client: "keeper").state
        for snapshot in state.snapshots where snapshot.isLive {
            try scene.fixture.store.delete(.content(.sets, snapshot.body.map))
        }
        // Who may read knows what is used without maps.
        let report = try scene.prune { $0.thinsSegments = false }
        #expect(report.compacted.packs == 0)
        #expect(report.warnings.count == 1)
        for (id, copy) in scene.live {
            #expect(try scene.fixture.differences(id, tree: scene.tree, expected: copy) == "")
        }
    }

    /// A damaged pack is not copied: nobody could tell any more, without keys, that the copy is damaged.
    @Test func whatIsDamagedIsLeftAsItIs() throws {
        let scene = try PruneScene(seed: 84)
        let store = OverlayStore(scene.fixture.store)
        let state = try scene.fixture.open(client: "keeper").state
        let used = try #require(state.usedPacks)
        let sparse = try #require(used.ordinals.first { state.packs[$0].pack.packClass == .data })
        let name = ObjectName.content(.packs, state.packs[sparse].pack.name)
        var bytes = try #require(try store.get(name))
        bytes[1_000] ^= 1
        store.set(name, bytes)
        let report = try scene.prune(store)
        #expect(report.warnings.contains { $0.contains(name.text) }, "\(report.warnings)")
        #expect(try store.get(name) == bytes, "it is still there, and still says that it is damaged")
    }

    @Test func onlyMaintainersPrune() throws {
        let scene = try PruneScene(seed: 85)
        let repository = try scene.fixture.open()
        let refused = #expect(throws: VaultError.self) { try MaintainAccess(repository, scene.fixture.machine) }
        #expect(refused?.code == .notAllowed)
        let stranger = try RepositoryFixture()
        let wrong = #expect(throws: VaultError.self) { try MaintainAccess(repository, stranger.person) }
        #expect(wrong?.code == .wrongIdentity)
        // With the records but not the keys of a reader.
        let access = try MaintainAccess(repository, scene.fixture.person)
        let pack = repository.state.packs[0].description
        var raw = RawBuffer(capacity: 10)
        #expect(throws: VaultError.self) {
            try SegmentReader(packs: access.packs).read(pack, segment: 0, into: &raw)
        }
    }

    /// An open session may use what was there when it began: its packs wait, and so does what it stored.
    @Test func openSessionsAreWaitedFor() throws {
        let scene = try PruneScene(seed: 86)
        let access = try WriteAccess(try scene.fixture.open(client: "busy"), scene.fixture.machine)
        let session = try WriteSession.open(access, purpose: .backup, system: "server")
        let orphan = try scene.orphan(session.id)
        let before = try PruneScene.packBytes(scene.fixture.store)
        let report = try scene.prune()
        #expect(report.deleted.packs == 0 && report.leftovers.packs == 0 && report.waiting.packs > 0)
        #expect(report.sessions.count == 1)
        #expect(try PruneScene.packBytes(scene.fixture.store) >= before)
        #expect(try scene.fixture.store.size(orphan) != nil)
        session.abort()
        let next = try scene.prune()
        #expect(next.deleted.packs > 0 && next.leftovers.packs >= 1 && next.waiting.packs == 0)
        #expect(try scene.fixture.store.size(orphan) == nil)
        #expect(try scene.failures() == [])
    }

    /// A host whose clock was ahead died in a backup: nothing shows that it is silent, and who waits is told so.
    @Test func aSessionFromTheFutureIsWaitedFor() throws {
        struct FarClock: TimeSource {
            func now() -> Timestamp { Timestamp(milliseconds: SystemClock().now().milliseconds + 86_400_000) }
            func monotonicNanoseconds() -> UInt64 { SystemClock().monotonicNanoseconds() }
        }
        let scene = try PruneScene(seed: 94)
        let fixture = scene.fixture
        let repository = try Repository.open(
            store: fixture.store, anchor: fixture.created.anchor, folders: fixture.client("far").folders,
            clock: FarClock())
        let session = try WriteSession.open(
            try WriteAccess(repository, fixture.machine), purpose: .backup, system: "server")
        let waiting = try scene.prune()
        #expect(waiting.deleted.packs == 0 && waiting.waiting.packs > 0)
        #expect(
            waiting.sessions.count == 1 && waiting.sessions[0].hasSuffix("and revoking 'server' does"),
            "\(waiting.sessions)")
        session.abort()
        #expect(try scene.prune().deleted.packs > 0)
    }

    /// What a backup stored that did not end is kept for its next run.
    @Test func unfinishedBackupsAreKept() throws {
        let scene = try PruneScene(seed: 87)
        let calls = FaultyStore(try scene.fixture.copyStore())
        let fresh = scene.fixture.directory.path + "/fresh"
        try copyTree(scene.live[0].copy, to: fresh)
        var random = SeededGenerator(seed: 88)
        try Data(random.bytes(3_000_000)).write(to: URL(fileURLWithPath: fresh + "/new"))
        // The SNAPSHOT never comes to be, though its packs are named. One worker makes the same calls each time.
        let sets = FaultyStore(scene.fixture.store)
        var alone = BackupOptions()
        alone.workers = 1
        try scene.fixture.backup(fresh, in: calls, client: "count", system: "third", options: alone)
        let last = try #require(calls.calls.last { $0.operation == .put && $0.subject.hasPrefix("sets/") }).number
        sets.add(.from(last, only: [.put], .beforeEffect, FaultyStore.killed))
        #expect(throws: VaultError.self) {
            try scene.fixture.backup(fresh, in: sets, client: "dead", system: "third", options: alone)
        }
        // On the machine of the backup, where it is seen that its process is gone.
        let kept = try scene.prune(client: "dead") { $0.keepUnfinished = 86_400 }
        #expect(kept.closedSessions == 1)
        #expect(kept.unfinished.packs > 0, "nothing was left unfinished")
        let gone = try scene.prune()
        #expect(gone.unfinished.packs == 0 && gone.deleted.packs >= kept.unfinished.packs)
        #expect(try scene.failures() == [])
    }

    @Test func deletionWaitsForTheDelay() throws {
        let scene = try PruneScene(seed: 89)
        let before = try PruneScene.packBytes(scene.fixture.store)
        let report = try scene.prune { $0.delay = 3_600 }
        #expect(report.deleted.packs == 0 && report.delayed.packs > 0)
        #expect(try PruneScene.packBytes(scene.fixture.store) >= before)
        let next = try scene.prune()
        #expect(next.deleted.packs == report.delayed.packs)
        // What is gone waits for nothing.
        #expect(try scene.prune { $0.delay = 3_600 }.delayed == PackCount())
        #expect(try scene.failures() == [])
    }
}

extension PruneScene {
    /// Stores a pack of a session that no record names.
    func orphan(_ session: SessionID) throws -> ObjectName {
        let access = try WriteAccess(try fixture.open(client: "busy"), fixture.machine)
        let keyring = access.repository.state.keyring
        let context = SealingContext(
            repository: access.repository.id, session: session, epoch: 1, group: 1, readKey: keyring.readKey,
            indexKey: access.index, random: SystemRandom(), level: .auto)
        let builder = PackBuilder(
            .data, context: context, pool: BufferPool(count: 1, capacity: Limits.dataPackBytes + 1_000))
        let bytes = [UInt8](repeating: 7, count: 5_000)
        let id = bytes.withUnsafeBytes {
            ChunkIdentifier(dedupSecret: access.dedup, repository: access.repository.id).id(.data, $0).id
        }
        try bytes.withUnsafeBytes { raw in
            try builder.append(raw, [PackBuilder.Piece(id: id, type: .data, length: raw.count)]) { _ in }
        }
        guard let pack = try builder.finish() else { throw FuzzFinding(description: "no pack") }
        let name = ObjectName.content(.packs, pack.name)
        _ = try fixture.store.put(name, pack.buffer.used)
        return name
    }
}
