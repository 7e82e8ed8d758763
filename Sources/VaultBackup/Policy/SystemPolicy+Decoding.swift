// Sections of a policy file. What is wrong with one is noted by its fields.

extension PolicySources {
    init(_ fields: PolicyFields) {
        self.init()
        fields.expectKeys(PolicyKeys.sections["sources"] ?? [])
        paths = fields.paths("paths") ?? []
        databases = fields.texts("databases") ?? []
        exclude = fields.list("exclude")?.compactMap { Self.pattern($0, fields) } ?? []
        excludeIfPresent = fields.texts("exclude-if-present", most: Limits.nameBytesMax)?.map { Array($0.utf8) } ?? []
        excludeLargerThan = fields.size("exclude-larger-than")
        excludeCaches = fields.bool("exclude-caches") ?? true
        oneFileSystem = fields.bool("one-file-system") ?? false
        defaultsFile = fields.path("defaults-file")
        silence = fields.span("silence")
    }

    private static func pattern(_ node: YAMLNode, _ fields: PolicyFields) -> [UInt8]? {
        guard let text = fields.text(node, "A value of 'sources.exclude'") else { return nil }
        do {
            _ = try PathPattern(Array(text.utf8))
            return Array(text.utf8)
        } catch {
            let failure = error as? VaultError
            fields.problem(node.place, failure?.message ?? "A pattern cannot be used", failure?.nextStep ?? "")
            return nil
        }
    }
}

extension PolicySchedule {
    init(_ fields: PolicyFields) {
        self.init()
        fields.expectKeys(PolicyKeys.sections["schedule"] ?? [])
        backup = fields.span("backup") ?? backup
        copy = fields.span("copy")
        if let node = fields.node("verify", unless: "never") {
            verify = node.map { fields.span($0, "'schedule.verify'") ?? .week }
        }
        if let node = fields.node("prune", unless: "never") {
            prune = node.map { fields.span($0, "'schedule.prune'") ?? .week }
        }
        if let node = fields.node("window") {
            if case .scalar(let text, _) = node.content { window = PolicyWindow(text) }
            if window == nil {
                fields.problem(
                    node.place, "'schedule.window' is no stretch of the day", "Write it like 22:00-05:30, in local time"
                )
            }
        }
        timeout = fields.span("timeout") ?? timeout
    }
}

extension PolicyObjectives {
    init(_ fields: PolicyFields) {
        self.init()
        fields.expectKeys(PolicyKeys.sections["objectives"] ?? [])
        rpo = fields.span("rpo")
        rto = fields.span("rto")
    }
}

extension RetentionRules {
    init(_ fields: PolicyFields) {
        self.init()
        fields.expectKeys(PolicyKeys.sections["retention"] ?? [])
        last = Self.count("keep-last", fields) ?? last
        for period in Period.allCases {
            counts[period] = Self.count("keep-\(period.rawValue)", fields)
            periodsWithin[period] = Self.span("keep-within-\(period.rawValue)", fields)
        }
        within = Self.span("keep-within", fields)
        tags = fields.list("keep-tag")?.compactMap { Self.tags($0, fields) } ?? []
        if isEmpty {
            fields.note(
                .error, "keep-last", "'retention' keeps nothing",
                "Write what is kept, such as 'keep-daily: 7', or 'retention: none' to forget nothing")
        }
    }

    private static func count(_ key: String, _ fields: PolicyFields) -> Count? {
        guard let node = fields.node(key) else { return nil }
        if case .scalar("unlimited", _) = node.content { return .unlimited }
        if let number = node.plainWord.flatMap(PolicyKeys.integer), number >= 0 { return .upTo(number) }
        fields.problem(node.place, "'retention.\(key)' must be a number from 0, or unlimited")
        return nil
    }

    private static func span(_ key: String, _ fields: PolicyFields) -> CalendarSpan? {
        guard let node = fields.node(key) else { return nil }
        if case .scalar(let text, _) = node.content, let span = CalendarSpan(text) { return span }
        fields.problem(
            node.place, "'retention.\(key)' is no length of time",
            "Write it as restic does, such as 14d, 1y6m (m: months) or 36h")
        return nil
    }

    /// One tag, or a list of tags that a snapshot must all have.
    private static func tags(_ node: YAMLNode, _ fields: PolicyFields) -> [String]? {
        if case .sequence(let items) = node.content, !items.isEmpty {
            return items.compactMap { fields.text($0, "A tag of 'retention.keep-tag'", most: 255) }
        }
        return fields.text(node, "A value of 'retention.keep-tag'", most: 255).map { [$0] }
    }
}

extension PolicyCopy {
    init?(_ fields: PolicyFields, _ node: YAMLNode) {
        guard case .mapping(let entries) = node.content else {
            fields.problem(
                node.place, "A value of 'copies' is \(node.kind), and must be a section with keys",
                "Write it as '- path: /mnt/usb/vault'")
            return nil
        }
        let item = fields.item("copies", entries)
        item.expectKeys(PolicyKeys.sections["copies"] ?? [])
        let path = item.store("path")
        self.init(path: path ?? [])
        isOffsite = item.bool("offsite") ?? false
        isOffline = item.bool("offline") ?? false
        medium = item.text("medium", most: 32) ?? medium
        every = item.span("every")
        if path == nil {
            if !entries.contains(where: { $0.key == "path" }) {
                fields.problem(node.place, "A copy has no 'path'", "Write 'path:' and the directory of the copy")
            }
            return nil
        }
    }
}

extension PolicyDrill {
    init(_ fields: PolicyFields) {
        self.init()
        fields.expectKeys(PolicyKeys.sections["drill"] ?? [])
        frequency = fields.span("frequency") ?? frequency
        selection = fields.choice("selection") ?? selection
        if let node = fields.node("sample") {
            let isNumber = node.plainWord?.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e } ?? false
            if isNumber, let number = node.plainWord.flatMap(Double.init), number >= 0.01, number <= 100 {
                sample = number
            } else {
                fields.problem(
                    node.place, "'drill.sample' must be a number of percent from 0.01 to 100", "Write it without '%'")
            }
        }
        if let items = fields.list("checks") {
            // Files are always compared: without them nothing else is there to be checked.
            checks = Set(items.compactMap { fields.choice($0, "A value of 'drill.checks'") as Check? }).union([.files])
        }
        script = fields.node("script").flatMap { fields.command($0, "'drill.script'") } ?? []
        validity = fields.span("validity") ?? validity
        scratch = fields.path("scratch")
        scratchLimit = fields.size("scratch-limit")
        from = (fields.node("from", unless: "repository") ?? nil).flatMap { fields.store($0, "'drill.from'") }
    }
}

extension PolicyNotification {
    init(_ fields: PolicyFields) {
        self.init()
        fields.expectKeys(PolicyKeys.sections["notification"] ?? [])
        mail = fields.list("mail")?.compactMap { Self.address($0, fields) } ?? []
        textfile = fields.path("textfile")
        command = fields.node("command").flatMap { fields.command($0, "'notification.command'") } ?? []
        on = fields.choice("when") ?? on
    }

    /// An address that a mail program takes for nothing else.
    private static func address(_ node: YAMLNode, _ fields: PolicyFields) -> String? {
        guard let text = fields.text(node, "A value of 'notification.mail'", most: 254) else { return nil }
        let isFit = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
                || "@.+-_".utf8.contains($0)
        }
        if isFit, text.first != "-", text.count(where: { $0 == "@" }) <= 1 { return text }
        fields.problem(
            node.place, "'\(text.shownInPolicy)' is no mail address", "Write it like root or backup@example.org")
        return nil
    }
}

extension PolicyHooks {
    init(_ fields: PolicyFields) {
        self.init()
        fields.expectKeys(PolicyKeys.sections["hooks"] ?? [])
        before = fields.list("before")?.compactMap { fields.command($0, "A value of 'hooks.before'") } ?? []
        after = fields.list("after")?.compactMap { fields.command($0, "A value of 'hooks.after'") } ?? []
    }
}
