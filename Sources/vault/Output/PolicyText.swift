internal import VaultBackup

/// Policies for people and programs.
enum PolicyText {
    // MARK: List

    /// Writes the systems that have a policy.
    static func write(list set: PolicySet, _ console: Console) throws {
        if console.isJSON {
            return try console.result("system-list", [("systems", .array(set.entries.map { .object(json($0)) }))])
        }
        var table = Table([
            .init(title: "SYSTEM", widthMin: 8), .init(title: "BACKUP EVERY"), .init(title: "DRILL EVERY"),
            .init(title: "RPO", isRight: true), .init(title: "RTO", isRight: true),
            .init(title: "PROFILE", isOptional: true), .init(title: "OWNER", isOptional: true, widthMin: 8),
            .init(title: "FILE", isOptional: true, widthMin: 12),
        ])
        for entry in set.entries {
            let policy = entry.policy
            table.add([
                policy.system.shown, policy.schedule.backup.description,
                policy.drill?.frequency.description ?? "by hand",
                policy.objectives.rpo?.description ?? "-", policy.objectives.rto?.description ?? "-",
                policy.profile?.shown ?? "-", policy.owner.shown, PathText.readable(entry.file),
            ])
        }
        for line in table.lines(width: console.width) { try console.line(line) }
    }

    // MARK: Show

    /// Writes one policy as YAML.
    static func write(_ entry: PolicySet.Entry, _ console: Console) throws {
        var comments = Dictionary(uniqueKeysWithValues: entry.inherited.map { ($0, ["from defaults.yaml"]) })
        comments[""] = ["Policy of \(entry.policy.system.shown), from \(PathText.readable(entry.file))"]
        let writer = PolicyWriter(entry.policy, comments: comments)
        if console.isJSON {
            return try console.result("system-show", json(entry) + [("yaml", .string(writer.text))])
        }
        for line in writer.lines { try console.line(line) }
    }

    /// Members that a system has in JSON.
    private static func json(_ entry: PolicySet.Entry) -> [(name: String, value: JSON)] {
        let policy = entry.policy
        var members: [(name: String, value: JSON)] = [("system", .string(policy.system))]
        members += JSON.path("file", entry.file)
        members += [
            ("inherited", .array(entry.inherited.map { .string($0) })), ("owner", .string(policy.owner)),
            ("classification", .string(policy.classification.rawValue)),
        ]
        if let level = policy.level { members.append(("level", .integer(level))) }
        if let repository = policy.repository { members += JSON.path("repository", repository) }
        members += [
            ("sources", .array(policy.sources.paths.map { .object(JSON.path("path", $0)) })),
            ("databases", .array(policy.sources.databases.map { .string($0) })),
            ("backupEvery", .integer(policy.schedule.backup.seconds)),
        ]
        let spans: [(String, PolicySpan?)] = [
            ("verifyEvery", policy.schedule.verify), ("pruneEvery", policy.schedule.prune),
            ("rpo", policy.objectives.rpo),
            ("rto", policy.objectives.rto), ("drillEvery", policy.drill?.frequency),
        ]
        members += spans.compactMap { name, span in span.map { (name, .integer($0.seconds)) } }
        members.append(
            (
                "copies",
                .array(
                    policy.copies.map { copy in
                        .object(
                            JSON.path("path", copy.path) + [
                                ("isOffsite", .bool(copy.isOffsite)), ("isOffline", .bool(copy.isOffline)),
                                ("medium", .string(copy.medium)),
                            ])
                    })
            ))
        if let profile = policy.profile { members.append(("profile", .string(profile))) }
        return members
    }

    // MARK: Lint

    /// Writes what is wrong, a line each, as compilers do.
    static func write(lint set: PolicySet, _ console: Console) throws {
        let errors = set.problems.count(where: \.isError)
        let warnings = set.problems.count - errors
        if console.isJSON {
            return try console.result(
                "system-lint",
                [
                    ("files", .integer(set.fileCount)), ("systems", .integer(set.entries.count)),
                    ("errors", .integer(errors)), ("warnings", .integer(warnings)),
                    ("problems", .array(set.problems.map { .object(json($0)) })),
                ])
        }
        for problem in set.problems { try console.line(problem.description) }
        if console.isQuiet { return }
        let unused = set.fileCount - set.entries.count
        try console.line(
            "\(Units.count(set.fileCount, "policy", "policies")), \(Units.count(errors, "error", "errors")), "
                + Units.count(warnings, "warning", "warnings")
                + (unused > 0 ? "; \(Units.count(unused, "policy is", "policies are")) not used" : ""))
    }

    private static func json(_ problem: PolicyProblem) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [("severity", .string(problem.severity.rawValue))]
        members += JSON.path("file", problem.file)
        if problem.place != .wholeFile {
            members += [("line", .integer(problem.place.line)), ("column", .integer(problem.place.column))]
        }
        return members + [("message", .string(problem.message)), ("suggestion", .string(problem.suggestion))]
    }
}
