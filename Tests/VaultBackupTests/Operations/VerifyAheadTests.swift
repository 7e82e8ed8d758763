import Testing
import VaultTestSupport

@testable import VaultBackup

/// Packs that are hashed while the keys are being opened, and what that must not hide.
@Suite struct VerifyAheadTests {
    private let scene: DamageScene

    init() throws { scene = try DamageScene(seed: 119) }

    private func hashed(_ store: any ObjectStore) throws -> Set<Int> {
        Verify.hashAhead(try scene.fixture.open(client: "reader").state, store, until: Cancellation()).hashed
    }

    private func findings(_ store: any ObjectStore, _ ahead: Verify.Ahead) throws -> [String] {
        let repository = try scene.fixture.open(store, client: "reader")
        let access = try ReadAccess(repository, scene.fixture.person)
        return try Verify.run(VerifyRequest(readDataPercent: 100), repository, with: access, ahead: ahead).findings
    }

    @Test func onlyWhatIsRightCounts() throws {
        let packs = scene.objects("packs")
        #expect(try hashed(scene.fixture.store).count == packs.count && packs.count > 1)
        let state = try scene.fixture.open(client: "reader").state
        for name in packs {
            let ordinal = try #require(name.contentDigest.flatMap { state.ordinals[$0] })
            for kind in [Damage.Kind.removed, .truncated(9), .flipped(byte: scene.byteCount(name) - 1)] {
                let damaged = try Damage(name: name, kind: kind).apply(to: scene.fixture.store)
                let expected = Set(state.packs.indices).subtracting([ordinal])
                #expect(try hashed(damaged) == expected, "\(name) \(kind)")
            }
        }
    }

    @Test func endsWhenTheKeysAreThere() throws {
        let end = Cancellation()
        end.cancel()
        let state = try scene.fixture.open().state
        #expect(Verify.hashAhead(state, scene.fixture.store, until: end).hashed.isEmpty)
    }

    /// A pack that is damaged after it was hashed: whatever can be opened is found by what opens it.
    @Test func laterDamageIsFound() throws {
        let ahead = Verify.Ahead(hashed: try hashed(scene.fixture.store))
        #expect(try findings(scene.fixture.store, ahead) == [])
        var found = 0
        for name in scene.objects("packs") {
            for byte in stride(from: 0, to: scene.byteCount(name), by: 331) {
                let damaged = try Damage(name: name, kind: .flipped(byte: byte)).apply(to: scene.fixture.store)
                let said = try findings(damaged, ahead)
                if said.contains(where: { $0.contains(name.text) }) { found += 1 }
                let whole = try findings(damaged, Verify.Ahead())
                #expect(whole.contains { $0.contains(name.text) }, "\(name), byte \(byte)")
                // What is in no segment can be told by the hash alone.
                let isBetween = whole.contains { $0.contains("but every segment is right") }
                #expect(isBetween || said == whole, "\(name), byte \(byte): \(said)")
            }
        }
        #expect(found > 10)
    }

    /// Without keys the hash is all there is.
    @Test func withoutKeysAllIsHashed() throws {
        let ahead = Verify.Ahead(hashed: try hashed(scene.fixture.store))
        let name = try #require(scene.objects("packs").first)
        let damaged = try Damage(name: name, kind: .flipped(byte: scene.byteCount(name) / 2)).apply(
            to: scene.fixture.store)
        let repository = try scene.fixture.open(damaged, client: "reader")
        let report = try Verify.run(VerifyRequest(readDataPercent: 100), repository, with: nil, ahead: ahead)
        #expect(report.findings.contains { $0.contains(name.text) }, "\(report.findings)")
    }

    @Test func whatOpeningThrowsIsThrown() throws {
        let repository = try scene.fixture.open(client: "reader")
        let request = VerifyRequest(readDataPercent: 100)
        let refused = #expect(throws: VaultError.self) {
            try Verify.opening(request, repository) { throw VaultError(.wrongIdentity, "no") }
        }
        #expect(refused?.code == .wrongIdentity)
        let opened = try Verify.opening(request, repository) { try ReadAccess(repository, scene.fixture.person) }
        let report = try Verify.run(request, repository, with: opened.access, ahead: opened.ahead)
        #expect(report.findings.isEmpty && report.packsRead == scene.objects("packs").count)
        #expect(report.isContentChecked)
    }
}
