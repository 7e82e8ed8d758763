extension PolicyDecoder.Draft {
    /// Notes what does not fit together in a policy, as far as its words tell.
    func check(_ text: PolicyText) {
        checkSources(text)
        checkClassification(text)
        checkObjectives()
        checkRetention()
        checkCopies()
        checkDrill()
    }

    /// Notes something about the value of a key, such as `drill.script`.
    func note(_ severity: PolicyProblem.Severity, _ key: String, _ message: String, _ suggestion: String = "") {
        var key = key[...]
        // The nearest thing above it that is written.
        while log.places[String(key)] == nil, let dot = key.lastIndex(where: { $0 == "." || $0 == "[" }) {
            key = key[..<dot]
        }
        guard let place = log.places[String(key)] else { return }
        log.add(PolicyProblem(severity, place.file, place.place, message, suggestion))
    }

    private func checkSources(_ text: PolicyText) {
        if policy.sources.isEmpty, !log.problems.hasErrors {
            let place = text.entry("sources")?.keyPlace ?? .wholeFile
            log.add(
                PolicyProblem(
                    .error, text.file, place, "The policy saves nothing",
                    "Write 'sources:', and below it 'paths:' or 'databases:' with a list"))
        }
        var seen: Set<[UInt8]> = []
        let stores = Set(policy.copies.map(\.path) + [policy.repository].compactMap { $0 })
        for (index, path) in policy.sources.paths.enumerated() {
            if !seen.insert(path).inserted {
                note(
                    .warning, "sources.paths[\(index)]", "\(PathText.readable(path)) is named twice",
                    "Remove one of them")
            }
            if stores.contains(path) {
                note(
                    .error, "sources.paths[\(index)]", "\(PathText.readable(path)) is a source and a place of backups",
                    "Remove it from the sources")
            }
        }
    }

    private func checkClassification(_ text: PolicyText) {
        guard policy.classification == .restricted else { return }
        note(
            .warning, "classification",
            "State secrets must be protected by products of the government cipher authority; this program is none",
            "Keep only what the law allows here, on disks that no network reaches")
    }

    private func checkObjectives() {
        if let rpo = policy.objectives.rpo, rpo < policy.schedule.backup {
            note(
                .warning, "objectives.rpo",
                "An RPO of \(rpo) cannot be kept: backups are made every \(policy.schedule.backup)",
                "Let 'schedule.backup' be shorter than the RPO")
        }
        if let rto = policy.objectives.rto, policy.drill == nil {
            note(
                .warning, "objectives.rto", "An RTO of \(rto) is measured by drills, and there is no 'drill:'",
                "Add 'drill:', or run 'vault drill run' yourself from time to time")
        }
    }

    private func checkRetention() {
        guard let rules = policy.retention, rules.isByNumberAlone else { return }
        note(
            .warning, "retention.keep-last",
            "Only the last snapshots are kept: whoever makes many of them pushes out all others",
            "Add rules by time, such as 'keep-daily: 7' and 'keep-monthly: 12'")
    }

    private func checkCopies() {
        for (index, copy) in policy.copies.enumerated() {
            if copy.path == policy.repository {
                note(
                    .error, "copies[\(index)]", "The copy is at the same place as the repository",
                    "Name another directory")
            }
            if policy.copies[..<index].contains(where: { $0.path == copy.path }) {
                note(
                    .error, "copies[\(index)]", "Two copies are at \(PathText.readable(copy.path))",
                    "Keep one of them; disks that take turns at one place are one copy here")
            }
        }
    }

    private func checkDrill() {
        guard let drill = policy.drill else { return }
        if drill.checks.contains(.script), drill.script.isEmpty {
            note(
                .error, "drill.checks", "'drill.checks' asks for a script, and there is no 'drill.script'",
                "Write 'script: [/path/of/program]' below 'drill:'")
        }
        if !drill.script.isEmpty, !drill.checks.contains(.script) {
            note(
                .warning, "drill.script", "The script is never run, since 'drill.checks' does not name it",
                "Write 'checks: [files, databases, script]'")
        }
        if drill.validity < drill.frequency {
            note(
                .warning, "drill.validity",
                "A proof expires after \(drill.validity), before the next drill, which comes after \(drill.frequency)",
                "Let 'validity' be longer than 'frequency'")
        }
        if drill.selection == .oldestUnproven, drill.sample == 100 {
            note(
                .warning, "drill.selection",
                "Without 'sample' the whole snapshot is restored, whatever was proven before",
                "Write 'sample: 10', or another share")
        }
    }
}
