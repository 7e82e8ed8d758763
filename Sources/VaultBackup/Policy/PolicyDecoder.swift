/// Makes a policy of its file and the defaults (`docs/POLICIES.md`).
///
/// 1. A key at the margin of the system's file takes the place of the same key of the defaults, with all below it.
///    Lists and sections are never joined.
/// 2. All that is wrong is noted, not only the first.
/// 3. A policy of which anything is wrong is not given out.
struct PolicyDecoder {
    /// A policy, and where its values are.
    struct Draft {
        var policy: SystemPolicy
        /// Keys at the margin that come from the defaults.
        var inherited: [String]
        var log: PolicyLog
    }

    /// Notes what is wrong with the defaults, for which no system is needed.
    static func check(defaults: PolicyText) -> [PolicyProblem] {
        let log = PolicyLog()
        let fields = PolicyFields(defaults, log)
        fields.expectKeys(PolicyKeys.top)
        if let entry = defaults.entry("system") {
            fields.problem(entry.keyPlace, "The defaults cannot name a system", "Name it in its own file")
        }
        for entry in defaults.entries where entry.key != "system" {
            var policy = SystemPolicy(system: "")
            decode(entry.key, PolicyFields(defaults, log), into: &policy)
        }
        return log.problems
    }

    /// Reads a system's file.
    ///
    /// - Parameter name: the name of the system where the file does not say one.
    /// - Returns: what was read, and all problems of both files, but not whether values fit together.
    static func decode(_ text: PolicyText, defaults: PolicyText?, name: String) -> Draft {
        let log = PolicyLog()
        let own = PolicyFields(text, log)
        own.expectKeys(PolicyKeys.top)
        var policy = SystemPolicy(system: name)
        if text.entry("system") != nil { policy.system = own.text("system", most: 255) ?? name }
        checkName(policy.system, own)
        var inherited: [String] = []
        for key in PolicyKeys.top where key != "system" {
            if text.entry(key) != nil {
                decode(key, own, into: &policy)
            } else if let defaults, defaults.entry(key) != nil {
                inherited.append(key)
                decode(key, PolicyFields(defaults, log), into: &policy)
            }
        }
        checkSourceStore(of: policy, log)
        return Draft(policy: policy, inherited: inherited, log: log)
    }

    private static func checkName(_ name: String, _ fields: PolicyFields) {
        let isRefused =
            name.utf8.contains { [0x2f, 0x3a].contains($0) } || name == "*" || name.isEmpty
            || name.unicodeScalars.contains { $0.properties.generalCategory == .control }
            || name.first?.isWhitespace == true || name.last?.isWhitespace == true
        if isRefused {
            fields.note(
                .error, "system", "'\(name.shownInPolicy)' cannot be the name of a system",
                "Choose a name without '/' and ':', such as 'web' or 'mail.ward5'")
        }
    }

    private static func decode(_ key: String, _ fields: PolicyFields, into policy: inout SystemPolicy) {
        switch key {
        case "owner": policy.owner = fields.text(key, most: 1024) ?? ""
        case "level": policy.level = fields.integer(key, 1...5)
        case "classification": policy.classification = fields.choice(key) ?? .ordinary
        case "repository": policy.repository = fields.store(key)
        case "sources": if let section = fields.section(key) { policy.sources = PolicySources(section) }
        case "schedule": if let section = fields.section(key) { policy.schedule = PolicySchedule(section) }
        case "objectives": if let section = fields.section(key) { policy.objectives = PolicyObjectives(section) }
        case "retention":
            if let node = fields.node(key, unless: "none") ?? nil {
                policy.retention = fields.section(key, node).map(RetentionRules.init)
            }
        case "copies": policy.copies = fields.list(key)?.compactMap { PolicyCopy(fields, $0) } ?? []
        case "drill":
            if let node = fields.node(key, unless: "none") ?? nil {
                policy.drill = fields.section(key, node).map(PolicyDrill.init)
            }
        case "notification": if let section = fields.section(key) { policy.notification = PolicyNotification(section) }
        case "hooks": if let section = fields.section(key) { policy.hooks = PolicyHooks(section) }
        case "profile":
            if let node = fields.node(key, unless: "none") ?? nil {
                policy.profile = fields.text(node, "'profile'", most: 64)
            }
        default: break
        }
    }

    /// A drill restores from a copy of the policy: `drill: from` may stand in another file than `copies`.
    private static func checkSourceStore(of policy: SystemPolicy, _ log: PolicyLog) {
        guard let from = policy.drill?.from, !policy.copies.contains(where: { $0.path == from }) else { return }
        if let place = log.places["drill.from"] {
            let known = policy.copies.map { PathText.readable($0.path) }
            log.add(
                PolicyProblem(
                    .error, place.file, place.place,
                    "'drill.from' is \(PathText.readable(from)), which is no copy of this policy",
                    known.isEmpty
                        ? "Add the copy below 'copies:', or remove 'from'"
                        : "The copies are at: \(known.joined(separator: ", "))"))
        }
    }
}

extension PolicyFields {
    /// A place of a repository: an absolute path. What looks like a place on the network has an error of its own.
    func store(_ key: String) -> [UInt8]? {
        guard let node = node(key) else { return nil }
        return store(node, "'\(name.isEmpty ? key : "\(name).\(key)")'")
    }

    func store(_ node: YAMLNode, _ what: String) -> [UInt8]? {
        if case .scalar(let text, _) = node.content, text.utf8.first != 0x2f, text.contains(":") {
            problem(
                node.place,
                "\(what) is '\(text.shownInPolicy)', a place on the network, and there is no such store yet",
                "Write the absolute path of a directory on a disk")
            return nil
        }
        return path(node, what)
    }
}
