import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Copying from one store to another: what it leaves when it ends anywhere, what it refuses, what it heals.
@Suite struct CopyRunTests {
    private let fixture: RepositoryFixture
    private let tree: TestTree

    init() throws {
        fixture = try RepositoryFixture()
        var builder = TreeBuilder(seed: 65)
        builder.fileCount = 20
        builder.largeBytes = 300_000
        var tree = try builder.build(at: fixture.directory.bytes("tree"))
        try fixture.backup(tree.path)
        var mutator = TreeMutator(seed: 65)
        try mutator.mutate(&tree, count: 2)
        try fixture.backup(tree.path)
        self.tree = tree
    }

    @discardableResult
    private func copy(
        to target: any ObjectStore, from source: (any ObjectStore)? = nil, verifies: Bool = false, first: Int = 0
    ) throws -> CopyReport {
        let repository = try fixture.open(source, client: "copier-\(UUID().uuidString)")
        var request = CopyRequest(to: [])
        request.verifiesAll = verifies
        request.workers = 2
        let marker = CopyMarker(
            id: CopyID(words: (1, 2)), name: "blue", repository: repository.id, anchor: repository.state.anchor,
            made: Timestamp(milliseconds: 0))
        var report = CopyReport(copy: marker)
        let run = CopyRun(request, repository, target, SilentEventSink(), Cancellation())
        try run.run(from: first, &report)
        return report
    }

    /// All bytes of a store.
    private func content(_ store: any ObjectStore) throws -> [ObjectName: [UInt8]] {
        let names = try ["log", "packs", "index", "sets", "evidence"].flatMap { try store.list($0).map(\.name) }
        return try Dictionary(uniqueKeysWithValues: names.map { ($0, try #require(try store.get($0))) })
    }

    private func alter(_ name: ObjectName, in store: any ObjectStore) throws {
        var bytes = try #require(try store.get(name))
        bytes[bytes.count / 2] ^= 1
        try store.delete(name)
        _ = try store.put(name, bytes)
    }

    @Test func everythingIsCopiedOnceAndVerbatim() throws {
        let target = FaultyStore(MemoryStore())
        let first = try copy(to: target)
        #expect(try content(target) == content(fixture.store))
        #expect(first.findings == [] && first.records == first.head + 1 && first.packs > 1 && first.packsPresent == 0)
        let puts = target.calls.filter { $0.operation == .put }.map(\.subject)
        // No record before what it names: the last pack is there before the last record.
        #expect(puts.last?.hasPrefix("log/") == true && Set(puts).count == puts.count)
        let second = try copy(to: target)
        #expect(second.records == 0 && second.packs == 0 && second.packsPresent == first.packs)
        #expect(target.calls.filter { $0.operation == .put }.count == puts.count)
    }

    /// The process ends before or in any call: the copy is an older, whole repository, and the next run completes it.
    @Test func killedInEveryCall() throws {
        let counted = FaultyStore(MemoryStore())
        try copy(to: counted)
        let whole = try content(fixture.store)
        let snapshots = Snapshots.list(try fixture.open()).map(\.id)
        let points = (1...counted.callCount + 2).flatMap { call in
            FaultyStore.Fault.Moment.allCases.map { KillTests.Point(call: call, moment: $0) }
        }
        let failures = Sweep.run(points) { point in
            let base = MemoryStore()
            var failures: [String] = []
            _ = try? copy(to: FaultyStore(base, [.kill(in: point.call, point.moment)]))
            if try base.get(.record(0)) != nil {
                let client = "reader-\(UUID().uuidString)"
                failures += try fixture.verify(base, client: client, withKeys: point.call % 8 == 0).findings
                let found = Snapshots.list(try fixture.open(base, client: client)).map(\.id)
                if found != Array(snapshots.prefix(found.count)) { failures.append("other snapshots: \(found)") }
            }
            try copy(to: base)
            if try content(base) != whole { failures.append("not the same after the next run") }
            return failures
        }
        #expect(failures == [])
        #expect(points.count > 40)
        print("copies killed: \(points.count) points, \(failures.count) failures")
    }

    @Test func whatIsDamagedIsNotCopiedAndTheRestIs() throws {
        let source = try fixture.copyStore()
        let pack = try #require(try source.list("packs").map(\.name).min())
        try alter(pack, in: source)
        let target = MemoryStore()
        let report = try copy(to: target, from: source)
        #expect(report.findings.count == 1 && report.findings[0].contains(pack.text), "\(report.findings)")
        var wanted = try content(fixture.store)
        wanted[pack] = nil
        #expect(try content(target) == wanted)
        // Put right again, it is brought over by the next run.
        #expect(try copy(to: target).packs == 1)
        #expect(try content(target) == content(fixture.store))
    }

    @Test func theCopyIsHealed() throws {
        let target = try RepositoryFixture.copy(fixture.store)
        let set = try #require(try target.list("sets").map(\.name).min())
        let packs = try target.list("packs").map(\.name).sorted()
        try alter(packs[0], in: target)
        try target.delete(packs[1])
        _ = try target.put(packs[1], [UInt8](repeating: 0, count: 9))
        try alter(.record(2), in: target)
        try target.delete(.record(3))
        let quick = try copy(to: target)
        #expect(quick.healed.contains(packs[1].text) && !quick.healed.contains(packs[0].text), "\(quick.healed)")
        #expect(quick.healed.contains(ObjectName.record(2).text) && quick.records == 2)
        #expect(try copy(to: target, verifies: true).healed == [packs[0].text])
        #expect(try content(target) == content(fixture.store))
        _ = set
    }

    /// A copy that somebody has written into, and one of a repository that was rolled back, are left as they are.
    @Test func anotherHistoryIsNotCopiedOver() throws {
        let target = try RepositoryFixture.copy(fixture.store)
        try fixture.backup(tree.path, in: target, client: "other")
        let before = try content(target)
        #expect(code { try copy(to: target) } == .rolledBack)
        try fixture.backup(tree.path)
        #expect(code { try copy(to: target) } == .rolledBack)
        #expect(try content(target) == before)
    }

    private func code(_ body: () throws -> Void) -> VaultError.Code? {
        do { try body() } catch { return (error as? VaultError)?.code }
        return nil
    }
}

@Suite struct CopyMarkerTests {
    private let marker = CopyMarker(
        id: CopyID(words: (1, 2)), name: "blau 1", repository: RepositoryID(words: (3, 4)), anchor: .zero,
        made: Timestamp(milliseconds: 5))

    @Test func roundTrip() throws {
        var complete = marker
        complete.completion = .init(position: 7, digest: .zero, time: Timestamp(milliseconds: 9))
        for one in [marker, complete] { #expect(try CopyMarker(decoding: one.encode()) == one) }
    }

    @Test func whatIsNoMarkerIsRejected() throws {
        let text = String(decoding: marker.encode(), as: UTF8.self)
        for other in [
            "", "{}", text + " ", text.replacingOccurrences(of: "vault-copy", with: "vault-pin"),
            text.replacingOccurrences(of: #""version":0"#, with: #""version":1"#),
            text.replacingOccurrences(of: "blau 1", with: ""),
            text.replacingOccurrences(of: "blau 1", with: String(repeating: "x", count: 65)),
            text.replacingOccurrences(of: #""copy""#, with: #""completed":"1970-01-01T00:00:00.000Z","copy""#),
        ] {
            #expect(throws: FormatError.self, "\(other)") { try CopyMarker(decoding: Array(other.utf8)) }
        }
    }
}
