import Testing
import VaultTestSupport

@testable import VaultBackup

/// Samples add up to everything, and nothing counts as proven that was not.
@Suite struct CoverageTests {
    @Test(arguments: [1, 7, 33.4, 99.9]) func samplesTakeWhatWasLeftOut(_ percent: Double) {
        let packs = (0..<40).map { (ordinal: $0 * 3, length: 1_000 + $0 * 100) }
        let total = packs.reduce(0) { $0 + $1.length }
        var proven: [Int: Int] = [:]
        var random = SplitMix(seed: 7)
        var order: [[Int]] = []
        for round in 0..<400 where proven.count < packs.count {
            let chosen = PackDraw.choose(packs, percent: percent, seed: random.bytes(16)) { proven[$0] }
            let bytes = packs.filter { chosen.contains($0.ordinal) }.reduce(0) { $0 + $1.length }
            #expect(!chosen.isEmpty && Double(bytes) >= Double(total) * percent / 100)
            // Nothing is proven a second time before everything was proven once.
            let isRepeated = chosen.contains { proven[$0] != nil }
            if isRepeated { #expect(packs.allSatisfy { proven[$0.ordinal] != nil || chosen.contains($0.ordinal) }) }
            for ordinal in chosen { proven[ordinal] = round }
            order.append(chosen)
        }
        #expect(proven.count == packs.count)
        if let last = order.last, let first = order.first, first.count < packs.count {
            #expect(
                first != PackDraw.choose(packs, percent: percent, seed: random.bytes(16)) { _ in nil } || last.isEmpty)
        }
    }

    @Test func drillsOfSamplesProveEverything() throws {
        let script = "cd src; for i in 1 2 3 4; do head -c 34000000 /dev/urandom > $i; mkdir d$i; ln -s $i l$i; done"
        let fixture = try DrillFixture(script)
        var entries = 0
        var rounds = 0
        while try Status.run(fixture.repository).systems[0].coverage.percent < 100, rounds < 20 {
            let report = try fixture.drill { $0.percent = 20 }
            #expect(report.verdict == .proven && report.evidence.scope == .sample, "\(report.findings)")
            #expect(report.evidence.compared.packs < report.evidence.total.packs)
            let status = try Status.run(fixture.repository)
            #expect(status.verdict == (status.systems[0].coverage.percent == 100 ? .proven : .notProven))
            #expect(status.systems[0].coverage.isOldestNeverProven == (status.systems[0].coverage.percent < 100))
            entries += report.evidence.compared.entries
            rounds += 1
        }
        #expect((2...6).contains(rounds) && entries >= 12)
        // What is added since is not proven, and does not undo what is.
        try fixture.shell("echo more > src/more")
        try fixture.backup()
        let status = try Status.run(fixture.repository)
        #expect(status.verdict == .proven && status.systems[0].coverage.newerBytes > 0)
        fixture.clock.set(days: 80)
        #expect(try Status.run(fixture.repository).verdict == .proven)
        fixture.clock.set(days: 91)
        #expect(try Status.run(fixture.repository).verdict == .expired)
    }

    @Test func aDamagedSampleFailsAndADifferentOneMayNot() throws {
        let fixture = try DrillFixture("cd src; for i in 1 2 3; do head -c 34000000 /dev/urandom > $i; done")
        let sound = try fixture.drill(alter: "rm -f ?") { $0.percent = 10 }
        #expect(sound.verdict == .failed, "what was chosen is missed")
    }

    @Test func statusOfSystemsApart() throws {
        let fixture = try DrillFixture("echo web > src/file")
        try fixture.drill()
        try fixture.shell("head -c 100000 /dev/urandom > src/mail")
        try fixture.backup(system: "mail")
        let status = try Status.run(fixture.repository)
        #expect(status.systems.map(\.snapshot.system) == ["mail", "web"] && status.verdict == .notProven)
        #expect(status.systems.map(\.verdict) == [.notProven, .proven])
        #expect(try Status.run(fixture.repository, system: "web").verdict == .proven)
        #expect(thrownCode { _ = try Status.run(fixture.repository, system: "none") } == .usage)
        #expect(status.readers == ["Jane", "recovery kit"])
    }

    /// Names that look alike are equal to Swift; they are two systems all the same.
    @Test func systemsAreToldApartByBytes() throws {
        let fixture = try DrillFixture("echo web > src/file")
        let names = ["caf\u{e9}", "cafe\u{301}"]
        for name in names { try fixture.backup(system: name) }
        #expect(try Status.run(fixture.repository).systems.count == 3)
        for name in names {
            let listed = Snapshots.list(fixture.repository, system: name)
            #expect(listed.count == 1 && listed[0].system.hasSameBytes(as: name))
            #expect(try Snapshots.find("latest:" + name, in: fixture.repository).id == listed[0].id)
            #expect(try Status.run(fixture.repository, system: name).systems.map(\.snapshots) == [1])
        }
    }
}
