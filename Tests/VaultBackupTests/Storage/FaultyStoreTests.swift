import Testing
import VaultBackup
import VaultTestSupport

@Suite struct FaultyStoreTests {
    private let lost = StorageError(.outcomeUnknown, "lost")

    @Test func failsTheCallBeforeOrAfterItsEffect() throws {
        for moment in FaultyStore.Fault.Moment.allCases {
            let store = FaultyStore(MemoryStore(), [.call(2, moment, lost)])
            #expect(try store.put(.record(0), [1]) == .created)
            #expect(throws: lost) { try store.put(.record(1), [1]) }
            #expect(try store.get(.record(1)) == (moment == .afterEffect ? [1] : nil))
            #expect(store.callCount == 3)
        }
    }

    @Test func failsFromACallOn() throws {
        let store = FaultyStore(MemoryStore(), [.from(2, only: [.put])])
        _ = try store.put(.record(0), [1])
        #expect(throws: StorageError(.io, "injected")) { try store.put(.record(1), [1]) }
        #expect(try store.get(.record(0)) == [1])
        #expect(throws: StorageError(.io, "injected")) { try store.put(.record(2), [1]) }
        store.heal()
        #expect(try store.put(.record(1), [1]) == .created)
    }

    @Test func aKilledStoreStaysDead() throws {
        for moment in FaultyStore.Fault.Moment.allCases {
            let base = MemoryStore()
            let store = FaultyStore(base, [.kill(in: 2, moment)])
            _ = try store.put(.record(0), [1])
            #expect(throws: FaultyStore.killed) { try store.put(.record(1), [1]) }
            #expect(throws: FaultyStore.killed) { try store.put(.record(2), [1]) }
            #expect(throws: FaultyStore.killed) { try store.get(.record(0)) }
            #expect(try base.get(.record(1)) == (moment == .afterEffect ? [1] : nil))
            #expect(try base.get(.record(2)) == nil)
        }
    }

    @Test func flipsABitOfWhatIsRead() throws {
        let base = MemoryStore()
        let store = FaultyStore(base)
        _ = try store.put(.record(0), [0, 0, 0])
        store.add(FaultyStore.BitFlip(.record(0), bit: 17))
        #expect(try store.get(.record(0)) == [0, 0, 2])
        var part: [UInt8] = [9, 9]
        #expect(try part.withUnsafeMutableBytes { try store.read(.record(0), offset: 1, into: $0) } == 2)
        #expect(part == [0, 2])
        #expect(try part.withUnsafeMutableBytes { try store.read(.record(0), offset: 0, into: $0) } == 2)
        #expect(part == [0, 0])
        #expect(try base.get(.record(0)) == [0, 0, 0])
    }

    @Test func recordsTheCalls() throws {
        let store = FaultyStore(MemoryStore())
        _ = try store.put(.record(0), [1, 2])
        _ = try store.size(.record(0))
        _ = try store.list("log")
        try store.delete(.record(0))
        #expect(
            store.calls.map(\.description) == [
                "1 put log/000000000/000000000000 2", "2 size log/000000000/000000000000 0", "3 list log 0",
                "4 delete log/000000000/000000000000 0",
            ])
    }
}
