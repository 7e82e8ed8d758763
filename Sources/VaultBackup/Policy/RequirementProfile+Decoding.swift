extension RequirementProfile {
    /// Reads a profile; nil, with problems, when anything is wrong with it.
    init?(file: [UInt8], _ bytes: [UInt8], _ problems: inout [PolicyProblem]) {
        guard let text = PolicyText(file: file, bytes, &problems) else { return nil }
        let log = PolicyLog()
        let fields = PolicyFields(text, log)
        fields.expectKeys(Self.keys)
        for key in ["profile", "title", "version", "sources", "requirements"] where text.entry(key) == nil {
            fields.problem(.wholeFile, "The profile has no '\(key)'", "See the files in policies/profiles")
        }
        name = fields.text("profile", most: 64) ?? ""
        title = fields.phrase("title")
        version = fields.integer("version", 1...10_000) ?? 1
        effective = fields.text("effective", most: 10) ?? ""
        isOfficial = fields.bool("official") ?? false
        note = fields.phrase("note")
        sources = fields.texts("sources") ?? []
        requirements = fields.list("requirements")?.compactMap { Requirement(fields, $0) } ?? []
        if requirements.isEmpty {
            fields.note(.error, "requirements", "The profile asks for nothing", "Add a requirement")
        }
        for (index, requirement) in requirements.enumerated()
        where requirements[..<index].contains(where: { $0.id == requirement.id }) {
            fields.note(
                .error, "requirements", "Two requirements are called '\(requirement.id.shownInPolicy)'", "Rename one")
        }
        problems += log.problems
        if log.problems.hasErrors { return nil }
    }

    private static let keys = [
        "profile", "title", "title-vi", "version", "effective", "official", "note", "note-vi", "sources",
        "requirements",
    ]
}

extension RequirementProfile.Requirement {
    fileprivate init?(_ fields: PolicyFields, _ node: YAMLNode) {
        guard case .mapping(let entries) = node.content else {
            fields.problem(
                node.place, "A requirement is \(node.kind), and must be a section with keys", "Begin it with '- id:'")
            return nil
        }
        let item = fields.item("requirements", entries)
        item.expectKeys(["id", "text", "text-vi", "source"] + RequirementCondition.names)
        let found = entries.filter { RequirementCondition.names.contains($0.key) }
        guard found.count == 1, let condition = RequirementCondition(found[0].key, item) else {
            if found.count != 1 {
                item.problem(
                    node.place, "A requirement has \(found.count) conditions, and must have one",
                    "The conditions are: \(RequirementCondition.names.joined(separator: ", "))")
            }
            return nil
        }
        guard let id = item.text("id", most: 64), entries.contains(where: { $0.key == "text" }) else {
            item.problem(node.place, "A requirement has no 'id' or no 'text'", "Write both")
            return nil
        }
        self.init(id: id, text: item.phrase("text"), source: item.text("source") ?? "", condition: condition)
    }
}

extension RequirementCondition {
    /// Reads the value of the condition of this name; nil when it is wrong, which is noted.
    init?(_ name: String, _ fields: PolicyFields) {
        /// For a condition that can only be asked for.
        func asked(_ condition: RequirementCondition) -> RequirementCondition? {
            guard let value = fields.bool(name) else { return nil }
            if value { return condition }
            fields.note(.error, name, "'\(name)' can only be true", "Remove the requirement")
            return nil
        }
        let found: RequirementCondition? =
            switch name {
            case "backup-every": fields.span(name).map { .backupEvery($0) }
            case "restore-tested-within": fields.span(name).map { .restoreTestedWithin($0) }
            case "coverage": fields.integer(name, 1...100).map { .coverage($0) }
            case "restored-in": fields.span(name).map { .restoredIn($0) }
            case "verified-within": fields.span(name).map { .verifiedWithin($0) }
            case "backups": fields.integer(name, 1...100).map { .backups($0) }
            case "media": fields.integer(name, 1...100).map { .media($0) }
            case "readers": fields.integer(name, 1...1000).map { .readers($0) }
            case "administrators": fields.integer(name, 1...1000).map { .administrators($0) }
            case "offsite": asked(.offsite)
            case "offline": asked(.offline)
            case "encrypted": asked(.encrypted)
            case "access-logged": asked(.accessLogged)
            case "second-factor": asked(.secondFactor)
            case "no-damage": asked(.noDamage)
            default: asked(.byHand)
            }
        guard let found else { return nil }
        self = found
    }
}

extension PolicyFields {
    /// A text in both languages, from `key` and `key-vi`; where one is missing the other stands for it.
    fileprivate func phrase(_ key: String) -> Phrase {
        let english = text(key) ?? ""
        return Phrase(en: english, vi: text("\(key)-vi") ?? english)
    }
}
