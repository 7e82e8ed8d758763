import Testing
import VaultTestSupport

@testable import VaultBackup

/// Whatever happens to a stored object, verify names it and restore never gives wrong bytes in silence.
@Suite(.serialized) struct DamageTests {
    private static let seed: UInt64 = 21
    private let scene: DamageScene

    init() throws { scene = try DamageScene(seed: Self.seed) }

    /// Damages, and what was not detected or not named.
    private func check(_ what: String, _ damages: [Damage], withRestore: Bool, client: String = "reader") {
        let scene = scene
        let missed = Sweep.run(damages) { damage in
            let store = try damage.apply(to: scene.fixture.store)
            let said = scene.sentences(store, client: client)
            var missed: [String] = []
            if !said.contains(where: damage.isNamed) { missed.append("not named in \(said)") }
            if withRestore {
                for number in scene.snapshots.indices { missed += try scene.silentErrors(number, store) }
            }
            return missed
        }
        #expect(missed.isEmpty, "seed \(Self.seed): \(missed.prefix(5).joined(separator: "\n"))")
        print("\(what): \(damages.count - missed.count) of \(damages.count) detected")
    }

    @Test func anUndamagedRepositoryHasNoFindings() throws {
        #expect(scene.sentences(scene.fixture.store) == [])
        #expect(try scene.silentErrors(0, scene.fixture.store) == [])
        #expect(try scene.silentErrors(1, scene.fixture.store) == [])
    }

    @Test func removedAndTruncated() {
        let damages = scene.names.flatMap { name -> [Damage] in
            let count = scene.byteCount(name)
            return [Damage(name: name, kind: .removed)]
                + [0, count / 2, count - 1].map { Damage(name: name, kind: .truncated($0)) }
        }
        check("removed and truncated objects", damages, withRestore: true)
    }

    @Test func flippedInRecordsAndSets() {
        // Each of them in a campaign; every third one, from another place in each object, in a build.
        let step = CampaignScale.isFull ? 1 : 3
        let damages = (scene.objects("log") + scene.objects("sets")).enumerated().flatMap { number, name in
            stride(from: number % step, to: scene.byteCount(name), by: step).map {
                Damage(name: name, kind: .flipped(byte: $0))
            }
        }
        check("flipped bytes of records and sets", damages, withRestore: false)
        check(
            "some of them restored", damages.enumerated().filter { $0.offset % 71 == 0 }.map(\.element),
            withRestore: true)
    }

    /// A client that has never seen the repository: only an end that is cut off leaves no trace.
    @Test func recordsSeenForTheFirstTime() {
        let damages = scene.objects("log").flatMap { name in
            [Damage(name: name, kind: .truncated(5))]
                + (name == scene.objects("log").last ? [] : [Damage(name: name, kind: .removed)])
                + stride(from: 3, to: scene.byteCount(name), by: 37).map {
                    Damage(name: name, kind: .flipped(byte: $0))
                }
        }
        check("records, by a new client", damages, withRestore: false, client: "new")
    }

    @Test func flippedInPacks() {
        let damages = scene.objects("packs").flatMap { name in
            stride(from: 0, to: scene.byteCount(name), by: 97).map { Damage(name: name, kind: .flipped(byte: $0)) }
        }
        check("flipped bytes of packs", damages, withRestore: true)
    }

    @Test func packsThatStandForEachOther() {
        let packs = scene.objects("packs")
        let damages = packs.flatMap { name in
            packs.filter { $0 != name }.map { Damage(name: name, kind: .replaced(by: $0)) }
        }
        #expect(damages.count >= 6)
        check("packs replaced by others", damages, withRestore: true)
    }

    /// Without keys the hash of each object still tells.
    @Test func packsWithoutKeys() throws {
        for name in scene.objects("packs") + scene.objects("sets") {
            for kind in [Damage.Kind.removed, .truncated(1), .flipped(byte: scene.byteCount(name) / 2)] {
                let damage = Damage(name: name, kind: kind)
                let said = scene.sentences(try damage.apply(to: scene.fixture.store), withKeys: false)
                #expect(said.contains(where: damage.isNamed), "\(damage): \(said)")
            }
        }
    }

    /// A pack of content that is gone: verify names the paths in both snapshots that need it.
    @Test func pathsAreNamedInEverySnapshot() throws {
        var namedInBoth = 0
        for name in scene.objects("packs") {
            let said = scene.sentences(try Damage(name: name, kind: .removed).apply(to: scene.fixture.store))
            let ids = scene.snapshots.map { "Snapshot \($0.id.hex.prefix(8))" }
            if ids.allSatisfy({ id in said.contains { $0.hasPrefix(id) && $0.contains("c/file-1") } }) {
                namedInBoth += 1
            }
        }
        #expect(namedInBoth == 1)
    }
}
