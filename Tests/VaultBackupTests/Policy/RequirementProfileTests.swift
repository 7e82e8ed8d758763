import Foundation
import Testing

@testable import VaultBackup

@Suite struct RequirementProfileTests {
    private static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func profile(_ condition: String) throws -> RequirementProfile {
        var problems: [PolicyProblem] = []
        let text =
            "profile: x\ntitle: X\nversion: 1\nsources: [s]\nrequirements:\n  - {id: a, text: t, text-vi: v, \(condition)}\n"
        return try #require(RequirementProfile(file: [], Array(text.utf8), &problems), "\(problems)")
    }

    private func outcome(_ condition: String, _ change: (inout RecoveryFacts) -> Void) throws
        -> RequirementFinding.Outcome
    {
        var facts = RecoveryFacts()
        change(&facts)
        return try #require(try profile(condition).assess(facts).first).outcome
    }

    /// The files and what is built into the program are one.
    @Test func builtInProfilesAreTheFiles() throws {
        let folder = Self.top.appendingPathComponent("policies/profiles")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
            .sorted()
        #expect(files == BuiltInProfiles.all.map { $0.name + ".yaml" }, "run scripts/make-profiles")
        for (name, text) in BuiltInProfiles.all {
            let file = try String(contentsOf: folder.appendingPathComponent(name + ".yaml"), encoding: .utf8)
            #expect(file == text + "\n", "run scripts/make-profiles")
        }
    }

    @Test(arguments: BuiltInProfiles.all.map(\.name)) func builtInProfilesAreWhole(_ name: String) throws {
        let profile = try RequirementProfiles.find(name, Array("/nowhere".utf8))
        #expect(profile.name == name && !profile.isOfficial && !profile.sources.isEmpty)
        #expect(profile.requirements.count >= 6)
        for language in Language.allCases { #expect(!profile.title[language].isEmpty) }
        // Nothing is met of what nobody knows; what always holds is.
        let findings = profile.assess(RecoveryFacts(), language: .vietnamese)
        for finding in findings where finding.outcome == .met {
            #expect([.encrypted, .accessLogged].contains(finding.requirement.condition), "\(finding)")
        }
        #expect(findings.allSatisfy { !$0.evidence.isEmpty && !$0.requirement.text[.vietnamese].isEmpty })
        // And with everything in place there is no gap.
        var best = RecoveryFacts()
        (best.newestAge, best.longestGap, best.provenAge, best.provenPercent, best.measuredRTO) = (60, 60, 60, 100, 60)
        (best.verifiedAge, best.copies, best.media, best.hasOffsiteCopy, best.hasOfflineCopy) = (60, 2, 2, true, true)
        (best.readers, best.administrators, best.hasSecondFactors) = (3, 3, true)
        #expect(profile.assess(best).allSatisfy { $0.outcome != .gap })
        if name.hasPrefix("vn-") {
            #expect(profile.title[.english].contains("unofficial") && !profile.effective.isEmpty)
        }
    }

    @Test func unknownFactsNeverMeet() throws {
        #expect(try outcome("backup-every: 26 hours") { _ in } == .gap)
        #expect(try outcome("restore-tested-within: 3 months") { _ in } == .gap)
        #expect(try outcome("restored-in: 1 hour") { _ in } == .notMeasured)
        #expect(try outcome("no-damage: true") { _ in } == .notMeasured)
        #expect(try outcome("no-damage: true") { $0.damage = 1 } == .gap)
        #expect(try outcome("no-damage: true") { $0.verifiedAge = 5 } == .met)
        #expect(try outcome("by-hand: true") { _ in } == .notMeasured)
        // A copy of nothing is no backup.
        #expect(try outcome("backups: 1") { $0.copies = 3 } == .gap)
    }

    @Test func boundsAreExact() throws {
        #expect(try outcome("restore-tested-within: 1 day") { $0.provenAge = 86_400 } == .met)
        #expect(try outcome("restore-tested-within: 1 day") { $0.provenAge = 86_401 } == .gap)
        #expect(try outcome("coverage: 100") { $0.provenPercent = 99.99 } == .gap)
        #expect(try outcome("backups: 2") { ($0.newestAge, $0.copies) = (1, 1) } == .met)
        // A system that has stopped long ago had short gaps before.
        #expect(try outcome("backup-every: 1 day") { ($0.newestAge, $0.longestGap) = (900_000, 3_600) } == .gap)
        #expect(try outcome("backup-every: 1 day") { ($0.newestAge, $0.longestGap) = (10, 90_000) } == .gap)
        #expect(Amounts.words(86_401 * 3, .english) == "4 days")
        #expect(Amounts.words(60, .english) == "1 minute")
    }

    @Test(arguments: [
        ("by-hand: true, offsite: true", "2 conditions"), ("source: x", "0 conditions"),
        ("offsite: false", "can only be true"),
        ("backup-every: soon", "length of time"), ("copies: 3", "There is no key 'copies'"),
    ])
    func wrongConditionsAreRefused(_ condition: String, _ words: String) {
        var problems: [PolicyProblem] = []
        let text = "profile: x\ntitle: X\nversion: 1\nsources: [s]\nrequirements:\n  - {id: a, text: t, \(condition)}\n"
        #expect(RequirementProfile(file: [], Array(text.utf8), &problems) == nil)
        #expect(problems.contains { $0.message.contains(words) }, "\(problems)")
    }
}
