import Testing

@testable import VaultBackup

/// Routine expiry, holds and orders: whose clock decides, and what no clock decides.
@Suite struct ForgettingTests {
    private static let day: Int64 = 86_400_000

    /// A log with a snapshot of system `a` on each of so many days, by a machine; the keyring keeps three days and lets
    /// nothing go that is younger than two.
    private func chain(days: Int) throws -> Chain {
        var chain = try Chain()
        chain.state.keyring.expiryKeep = 3
        chain.state.keyring.expiryAge = 2 * 86_400
        for day in 0..<days {
            chain.time = at(day)
            try backUp(&chain, day)
        }
        return chain
    }

    private func at(_ day: Int) -> Timestamp {
        Timestamp(milliseconds: 1_700_000_000_000 + Int64(day) * Self.day)
    }

    private func backUp(_ chain: inout Chain, _ n: Int, _ writer: TestMember = Cast.machine) throws {
        try chain.apply(Cast.open(n), writer)
        try chain.apply(Cast.progress(n, packs: [n * 10]), writer)
        let effect = try chain.apply(Cast.snapshot(n, packs: [chain.state.packs.count - 1]), writer)
        #expect(effect == .effective)
    }

    private func forget(_ chain: inout Chain, _ places: Int..., by writer: TestMember = Cast.keeper) throws
        -> RecordEffect
    {
        try chain.apply(.forget(ForgetBody(snapshots: places.map { chain.state.snapshots[$0].id })), writer)
    }

    @Test func routineKeepsDaysAndAges() throws {
        var chain = try chain(days: 5)
        let ids = chain.state.snapshots.map(\.id)
        #expect(try forget(&chain, 3) == .withoutEffect(.snapshotTooYoung(ids[3])))
        #expect(try forget(&chain, 0, 1, 2) == .withoutEffect(.tooFewRemain(system: "a", days: 2)))
        #expect(chain.state.liveSnapshots.count == 5)
        #expect(try forget(&chain, 0, 2) == .effective)
        #expect(chain.state.liveSnapshots.map(\.id) == [ids[1], ids[3], ids[4]])
        #expect(try forget(&chain, 0) == .withoutEffect(.snapshotNotLive(ids[0])))
        #expect(try chain.apply(.recall(ForgetBody(snapshots: [ids[0]])), Cast.keeper) == .effective)
        #expect(try chain.apply(.recall(ForgetBody(snapshots: [ids[0]])), Cast.keeper)
            == .withoutEffect(.snapshotNotForgotten(ids[0])))
        #expect(chain.state.liveSnapshots.count == 4)
    }

    /// Many snapshots of one night, whatever their clocks say, do not stand for the days of real ones.
    @Test func plantedSnapshotsPushNothingOut() throws {
        for shift: Int64 in [0, -3 * Self.day, 9 * Self.day] {
            var chain = try chain(days: 4)
            for n in 10..<20 {
                chain.time = Timestamp(milliseconds: at(3).milliseconds + shift * Int64(n) / 10 + Int64(n))
                try backUp(&chain, n)
            }
            chain.time = at(3)
            try chain.apply(Cast.open(99), Cast.other)
            let effect = try forget(&chain, 0, 1)
            #expect(effect == .withoutEffect(.tooFewRemain(system: "a", days: 2)), "shifted by \(shift)")
        }
    }

    /// A maintainer whose clock runs ahead lets nothing young go: the last record of somebody else says how late it is.
    @Test func oneClockDoesNotDecide() throws {
        var chain = try chain(days: 5)
        chain.time = at(400)
        let ids = chain.state.snapshots.map(\.id)
        #expect(try forget(&chain, 3) == .withoutEffect(.snapshotTooYoung(ids[3])))
        #expect(try forget(&chain, 0) == .effective)
        // One whose own clock is a year behind forgets nothing either.
        chain.time = at(-365)
        #expect(try forget(&chain, 1) == .withoutEffect(.snapshotTooYoung(ids[1])))
        // Where nobody else has written since, there is only the one clock.
        var alone = try Chain()
        alone.state.keyring.expiryKeep = 1
        for day in 0..<2 {
            alone.time = at(day)
            try backUp(&alone, day, Cast.admin)
        }
        alone.time = at(40)
        #expect(try forget(&alone, 0, by: Cast.admin) == .effective)
    }

    /// A snapshot from the future counts for nothing, and neither clock nor number brings it into play.
    @Test func futureSnapshotsCountForNothing() throws {
        var chain = try chain(days: 3)
        chain.time = at(500)
        try backUp(&chain, 50)
        chain.time = at(3)
        try backUp(&chain, 51, Cast.other)
        let ids = chain.state.snapshots.map(\.id)
        #expect(try forget(&chain, 3) == .withoutEffect(.snapshotTooYoung(ids[3])))
        // Days 1, 2 and 3 remain: the one from the future is none of the three.
        #expect(try forget(&chain, 0) == .effective)
        #expect(try forget(&chain, 1) == .withoutEffect(.tooFewRemain(system: "a", days: 2)))
    }

    @Test func holds() throws {
        var chain = try chain(days: 6)
        let ids = chain.state.snapshots.map(\.id)
        let hold = HoldBody(snapshot: ids[0], reason: "court", until: at(10))
        #expect(try chain.apply(.hold(hold), Cast.machine) == .effective)
        let id = chain.state.headDigest
        #expect(try forget(&chain, 0) == .withoutEffect(.snapshotHeld(ids[0])))
        // Its keeper's clock alone does not end it.
        chain.time = at(100)
        #expect(try chain.apply(.release(ReleaseBody(hold: id)), Cast.admin) == .withoutEffect(.holdNotOver(id)))
        chain.time = at(11)
        try backUp(&chain, 60)
        #expect(try chain.apply(.release(ReleaseBody(hold: id)), Cast.keeper) == .effective)
        #expect(try chain.apply(.release(ReleaseBody(hold: id)), Cast.keeper) == .withoutEffect(.noHold(id)))
        #expect(try forget(&chain, 0) == .effective)
        #expect(try chain.apply(.hold(hold), Cast.machine) == .withoutEffect(.snapshotNotLive(ids[0])))
        let elsewhere = TestMember(3, "other machine", roles: [.write], systems: ["b"])
        chain.state.keyring = Keyring(
            epoch: 1, expiryAge: 0, expiryKeep: 0, indexCommitments: [:], members: [elsewhere.member],
            readKey: Sample.digest(8).bytes, slots: [])
        let foreign = RecordBody.hold(HoldBody(snapshot: ids[1], reason: ""))
        #expect(try chain.apply(foreign, elsewhere) == .withoutEffect(.systemNotAllowed("a")))
    }

    @Test func ordersNeedTheirQuorum() throws {
        var chain = try chain(days: 2)
        chain.state.keyring = Keyring(
            epoch: 1, expiryAge: 86_400, expiryKeep: 7, indexCommitments: [:],
            members: [Cast.admin, Cast.machine, Cast.keeper, Cast.other].map(\.member)
                + [TestMember(9, "second", roles: [.administer]).member],
            administratorQuorum: 2, readKey: Sample.digest(8).bytes, slots: [])
        let second = TestMember(9, "second", roles: [.administer])
        let id = chain.state.snapshots[1].id
        let order = Order.forget(ForgetBody(snapshots: [id], reason: "holds what it should not"))
        #expect(try chain.apply(.propose(ProposeBody(order: order)), Cast.admin) == .effective)
        let approve = RecordBody.approve(ApproveBody(proposal: chain.state.headDigest))
        #expect(try chain.apply(approve, Cast.keeper) == .void(.roleNotAllowed(kind: "approve")))
        #expect(try chain.apply(approve, Cast.admin) == .effective)
        #expect(chain.state.liveSnapshots.count == 2)
        let again = try chain.apply(approve, Cast.admin)
        #expect(again == .withoutEffect(.approvedBefore(chain.state.proposals[0].id)))
        // What the order wants must be possible when the last one approves.
        #expect(try chain.apply(.hold(HoldBody(snapshot: id, reason: "")), Cast.machine) == .effective)
        let hold = chain.state.headDigest
        #expect(try chain.apply(approve, second) == .withoutEffect(.snapshotHeld(id)))
        let release = Order.release(ReleaseBody(hold: hold))
        #expect(try chain.apply(.propose(ProposeBody(order: release)), second) == .effective)
        let agree = RecordBody.approve(ApproveBody(proposal: chain.state.headDigest))
        #expect(try chain.apply(agree, second) == .effective)
        #expect(try chain.apply(agree, Cast.admin) == .effective)
        #expect(chain.state.liveHolds.isEmpty)
        #expect(try chain.apply(approve, second) == .effective)
        #expect(chain.state.liveSnapshots.map(\.id) == [chain.state.snapshots[0].id])
        #expect(try chain.apply(approve, second) == .withoutEffect(.noProposal(chain.state.proposals[0].id)))
    }
}
