import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Sweeps over a small repository: every byte, every length, every object in the place of every other. What they leave
/// unseen is a violation.
@Suite(.serialized) struct CorruptionTests {
    private static let seed = CampaignScale.seed
    private let scene: DamageScene

    init() throws { scene = try DamageScene(seed: Self.seed) }

    private func finish(_ kind: String, _ points: Int, _ found: [String]) {
        CampaignScale.report(kind, points: points, findings: found)
        #expect(points > 0)
        #expect(found.isEmpty, "seed \(Self.seed): \(found.prefix(5).joined(separator: "\n"))")
    }

    private func packs() throws -> [(ordinal: Int, pack: PackReader.Description)] {
        try scene.fixture.open(client: "reader").state.packs.enumerated().map { ($0.offset, $0.element.description) }
    }

    /// Bits of a byte that are changed, one after the other.
    private static func bits(_ random: inout FuzzMutator) -> [UInt8] {
        CampaignScale.isFull ? (0..<8).map { 1 << $0 } : [1 << UInt8(random.next() % 8)]
    }

    /// Without keys: every byte of every pack, by the check that `verify --read-data` makes.
    @Test func everyByteOfPacksWithoutKeys() throws {
        var random = FuzzMutator(seed: Self.seed)
        var points = 0
        var found: [String] = []
        for (ordinal, pack) in try packs() {
            let name = ObjectName.content(.packs, pack.name)
            let bytes = try #require(try scene.fixture.store.get(name))
            let store = OverlayStore(scene.fixture.store)
            let verifier = PackVerifier(store: store, access: nil)
            #expect(try verifier.check(ordinal, pack) == nil)
            for place in bytes.indices {
                for bit in Self.bits(&random) {
                    var changed = bytes
                    changed[place] ^= bit
                    store.set(name, changed)
                    points += 1
                    let damage = try verifier.check(ordinal, pack)
                    if damage?.reason.contains(name.text) != true { found.append("byte \(place) of \(name), bit \(bit)") }
                }
            }
        }
        finish("bits of packs, without keys", points, found)
    }

    /// With keys, and with a log that vouches for the changed pack: seals, commitments and ids tell, and the report says
    /// which snapshots and files are affected.
    @Test func bytesBehindTheHash() throws {
        let scene = scene
        var points: [(pack: Digest, place: Int, part: String)] = []
        for (_, pack) in try packs() {
            let bytes = try #require(try scene.fixture.store.get(.content(.packs, pack.name)))
            let trailer = try PackTrailer(decoding: Array(bytes.suffix(16)), packLength: bytes.count)
            let end = trailer.directoryOffset + trailer.directoryLength
            let step = CampaignScale.isFull ? 1 : 7
            points += stride(from: 0, to: PackLayout.headerBytes, by: step).map { (pack.name, $0, "header") }
            points += stride(from: PackLayout.headerBytes, to: trailer.directoryOffset, by: CampaignScale.isFull ? 1 : 64)
                .map { (pack.name, $0, "segment") }
            points += stride(from: trailer.directoryOffset, to: end, by: step).map { (pack.name, $0, "directory") }
            points += (bytes.count - 16..<bytes.count).map { (pack.name, $0, "trailer") }
        }
        let found = Sweep.run(points, secondsMax: 3000) { point -> [String] in
            guard var bytes = try scene.fixture.store.get(.content(.packs, point.pack)) else { return ["no pack"] }
            bytes[point.place] ^= 1 << UInt8(point.place % 8)
            let changed = try RewrittenLog(scene, old: point.pack, bytes: bytes)
            let said = scene.sentences(changed.store, client: "new")
            guard said.contains(where: { $0.contains(changed.pack.hex) }) else { return ["not named: \(said)"] }
            // Each pack of the scene holds something that a snapshot needs: the report goes on to snapshot and path.
            return said.contains { $0.hasPrefix("Snapshot ") } ? [] : ["no snapshot named: \(said)"]
        }
        finish("bytes behind the hash, with keys", points.count, found)
    }

    /// A pack whose log is rewritten and whose bytes are right must pass: otherwise the sweep above proves nothing.
    @Test func aRewrittenLogWithRightBytesPasses() throws {
        let pack = try #require(try packs().first).pack
        let bytes = try #require(try scene.fixture.store.get(.content(.packs, pack.name)))
        let same = try RewrittenLog(scene, old: pack.name, bytes: bytes)
        #expect(scene.sentences(same.store, client: "new") == [])
        // Padding is outside of everything that is sealed: another pack with the same content.
        let trailer = try PackTrailer(decoding: Array(bytes.suffix(16)), packLength: bytes.count)
        let end = trailer.directoryOffset + trailer.directoryLength
        if end < bytes.count - 16 {
            var padded = bytes
            padded[end] ^= 1
            let other = try RewrittenLog(scene, old: pack.name, bytes: padded)
            #expect(try scene.silentErrors(0, other.store) == [])
        }
    }

    /// Every length of small objects, each 512 bytes of packs; longer ones; and objects filled with one value.
    @Test func lengthsAndFills() throws {
        var points: [(name: ObjectName, bytes: [UInt8], what: String)] = []
        for name in scene.names {
            let bytes = try #require(try scene.fixture.store.get(name))
            let isPack = name.text.hasPrefix("packs/")
            let step = CampaignScale.isFull ? (isPack ? 64 : 1) : (isPack ? 512 : 61)
            points += stride(from: 0, to: bytes.count, by: step).map { (name, Array(bytes[..<$0]), "cut to \($0)") }
            for more in [1, 16, 4096] {
                points.append((name, bytes + [UInt8](repeating: 0, count: more), "\(more) bytes longer"))
                points.append((name, bytes + bytes.prefix(more), "\(more) of its own bytes longer"))
            }
            for value in [0, 0xff] as [UInt8] {
                points.append((name, [UInt8](repeating: value, count: bytes.count), "filled with \(value)"))
            }
        }
        finish("lengths and fills", points.count, run(points))
    }

    /// Each object in the place of each other of its kind, and of every kind at least once; with those of another repository
    /// and of another writer's session.
    @Test func objectsInEachOthersPlace() throws {
        let other = try DamageScene(seed: Self.seed + 1)
        var points: [(name: ObjectName, bytes: [UInt8], what: String)] = []
        for name in scene.names {
            let own = try #require(try scene.fixture.store.get(name))
            let kind = name.text.prefix { $0 != "/" }
            for (place, store) in [("", scene), ("another repository's ", other)] {
                for candidate in store.names {
                    let isSameKind = candidate.text.hasPrefix(kind)
                    guard isSameKind || candidate == store.names.first || candidate == store.names.last else { continue }
                    let bytes = try #require(try store.fixture.store.get(candidate))
                    if bytes != own { points.append((name, bytes, "is \(place)\(candidate.text)")) }
                }
            }
        }
        finish("objects in each other's place", points.count, run(points))
    }

    /// Each object taken away; and all of a kind.
    @Test func objectsThatAreGone() {
        var points: [(names: [ObjectName], what: String)] = scene.names.map { ([$0], $0.text) }
        for folder in ["packs", "sets", "log"] { points.append((scene.objects(folder), "all of \(folder)")) }
        let scene = scene
        let found = Sweep.run(points) { point -> [String] in
            let store = OverlayStore(scene.fixture.store)
            for name in point.names { store.set(name, nil) }
            let said = scene.sentences(store)
            let isNamed = point.names.count > 1 ? !said.isEmpty : said.contains(where: Self.isNamed(point.names[0]))
            var wrong = isNamed ? [] : ["not named in \(said)"]
            for number in scene.snapshots.indices { wrong += try scene.silentErrors(number, store) }
            return wrong
        }
        finish("objects that are gone", points.count, found)
    }

    private static func isNamed(_ name: ObjectName) -> (String) -> Bool {
        { Damage(name: name, kind: .removed).isNamed(in: $0) }
    }

    /// Applies each change, and returns what was not named, or restored wrong in silence.
    private func run(_ points: [(name: ObjectName, bytes: [UInt8], what: String)]) -> [String] {
        let scene = scene
        let numbered = points.enumerated().map { (number: $0.offset, point: $0.element) }
        return Sweep.run(numbered, secondsMax: 3000) { number, point -> [String] in
            let store = OverlayStore(scene.fixture.store, [point.name: point.bytes])
            let said = scene.sentences(store)
            var wrong: [String] = []
            if !said.contains(where: Self.isNamed(point.name)) {
                wrong.append("\(point.name) \(point.what) is not named in \(said)")
            }
            // Restores cost more; each way of damage gets its share.
            if number % (CampaignScale.isFull ? 3 : 17) == 0 {
                for snapshot in scene.snapshots.indices { wrong += try scene.silentErrors(snapshot, store) }
            }
            return wrong
        }
    }
}
