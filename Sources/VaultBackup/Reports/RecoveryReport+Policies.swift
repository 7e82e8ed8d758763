extension RecoveryReportRequest {
    /// Takes from policies what must be reached and where copies are.
    public mutating func take(_ policies: [SystemPolicy]) {
        for policy in policies {
            objectives[policy.system] = policy.objectives
            for copy in policy.copies where !places.contains(where: { $0.path == copy.path }) { places.append(copy) }
        }
    }
}

extension RecoveryReport {
    /// Holds each system against the requirement profile that its policy names.
    ///
    /// - Parameter profiles: folder of the policies, which may have profiles of its own.
    /// - Throws: ``VaultError`` for a profile that is not there or cannot be read.
    public mutating func assess(
        _ policies: [SystemPolicy], profiles: [UInt8], language: Language = .english
    ) throws {
        for index in systems.indices {
            guard let policy = policies.first(where: { $0.system.hasSameBytes(as: systems[index].name) }),
                let name = policy.profile
            else { continue }
            let profile = try RequirementProfiles.find(name, profiles)
            systems[index].assessments = Assessments(
                profile: "\(profile.title[language]) (\(profile.name), \(profile.version))",
                items: profile.assess(systems[index].facts, language: language).map { finding in
                    Assessment(
                        text: "\(finding.requirement.id): \(finding.requirement.text[language])",
                        state: Assessment.State(finding.outcome), evidence: finding.evidence)
                })
        }
    }
}

extension RecoveryReport.Assessment.State {
    fileprivate init(_ outcome: RequirementFinding.Outcome) {
        switch outcome {
        case .met: self = .met
        case .gap: self = .gap
        case .notMeasured: self = .unknown
        }
    }
}
