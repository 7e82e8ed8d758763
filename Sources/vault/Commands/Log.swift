internal import ArgumentParser
internal import VaultBackup

/// `vault log`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show the signed log, and vouch for its head.",
        subcommands: [
            LogShowCommand.self, LogCheckpointCommand.self, LogCosignCommand.self, LogProofCommand.self,
            LogPinCommand.self,
        ])
}

/// `vault log show`
struct LogShowCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "List the records of the log, or show one.",
        discussion: """
            Asks nothing: the log is public to whoever can read the repository. Every record is verified anew. With \
            --raw the stored bytes of one record are written, as docs/VERIFY.md wants them.

            Whoever opens content leaves a record of the kind access, before he reads, where he can write to the \
            repository. Members come and go by records of the kinds propose and approve, tokens by token; drills leave \
            a drill. Times are days such as 2026-11-21, moments such as 2026-11-21T18:30 (UTC), or ages such as 36h, \
            7d, 4w, and are those that the writers state.

            Examples:
              vault log show
              vault log show --kind snapshot --last 5
              vault log show --kind access --kind drill --since 30d
              vault log show --member 'Jane Doe' --until 2030-12-31
              vault log show 0
              vault log show 0 --raw
            """)

    @Argument(help: ArgumentHelp("Only the record at this position, from 0.", valueName: "position"))
    var position: Int?

    @Flag(help: "Write the stored bytes of the record.")
    var raw = false

    @Option(
        name: .customLong("kind"), parsing: .singleValue,
        help: ArgumentHelp("Only records of this kind, such as snapshot or access; any number.", valueName: "kind"))
    var kinds: [TextArgument] = []

    @Option(
        help: ArgumentHelp(
            "Only records by this member, or about it; a name or the beginning of an id.", valueName: "member"))
    var member: TextArgument?

    @Option(help: ArgumentHelp("Only records by this member.", valueName: "name"))
    var writer: TextArgument?

    @Option(
        help: ArgumentHelp("Only records about this system.", valueName: "name"), completion: Completions.system)
    var system: TextArgument?

    @Option(help: ArgumentHelp("Only records from this time on.", valueName: "time"))
    var since: TimeArgument?

    @Option(help: ArgumentHelp("Only records up to this time.", valueName: "time"))
    var until: TimeArgument?

    @Flag(help: "Only records that do not have the effect of their kind.")
    var irregular = false

    @Option(help: ArgumentHelp("Only so many, the newest ones.", valueName: "count"))
    var last: Int?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if raw, position == nil { throw ValidationError("--raw needs the position of a record") }
        if let position, position < 0 { throw ValidationError("A position is 0 or more") }
        if let last, last < 1 { throw ValidationError("--last is a number from 1 on") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let opened = try context.repository(repository)
        let console = context.console
        if let position, raw {
            let output = try RawOutput(console: console, isText: true)
            try LogRecords.stored(position, in: opened).withUnsafeBytes { try output.write($0) }
            try output.flush()
            return .done
        }
        let history = try LogReader(store: opened.store).history()
        var filter = RecordFilter()
        filter.kinds = Set(kinds.map(\.text))
        (filter.member, filter.system) = (member?.text, system?.text)
        (filter.since, filter.until) = (since?.time, until?.time)
        filter.isIrregular = irregular
        var records = LogRecords.list(history, position == nil ? filter : RecordFilter())
        if let position {
            guard records.indices.contains(position) else {
                throw VaultError(
                    .usage, "There is no record \(position)",
                    nextStep: "The log has the records 0 to \(records.count - 1)")
            }
            records = [records[position]]
        }
        if let writer { records = records.filter { $0.writer == writer.text } }
        if let last { records = records.suffix(last) }
        if console.isJSON {
            try console.result("log-show", [("records", .array(records.map { .object(LogText.json($0)) }))])
        } else if position != nil, let record = records.first {
            try console.write(LogText.facts(record))
        } else if records.isEmpty {
            console.notice("There is no such record")
        } else {
            for line in LogText.table(records).lines(width: console.width) { try console.line(line) }
        }
        let damaged = history.state.irregularities.first { $0.kind == .missingRecord || $0.kind == .alteredRecord }
        if let damaged { console.warning("Record \(damaged.position): \(damaged.reason)") }
        return damaged == nil ? .done : .damaged
    }
}

/// `vault log pin`
struct LogPinCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Show what this user has seen of the log, and export it.",
        discussion: """
            A log that does not go on from the pin is refused with exit status 14 by every command, and so is a \
            repository that this user has never seen at a place where he knows another one. --accept says, by its id, \
            that what stands at this place is meant: this repository, in the state that it is in, and that it is here \
            and not where it was seen last. The exported \
            file holds no secret; an auditor who got it from you needs nothing else for 'vault audit --trust'.

            Examples:
              vault log pin
              vault log pin --export vault.trust
            """)

    @Option(help: ArgumentHelp("Write a trust file.", valueName: "file"))
    var export: PathArgument?

    @Option(
        help: ArgumentHelp(
            "Take the repository with this id as it stands here, whatever was seen here or elsewhere.",
            valueName: "id"))
    var accept: TextArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if let accept, accept.text.count < Client.acceptedDigitsMin {
            throw ValidationError("--accept takes at least \(Client.acceptedDigitsMin) digits of the id")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        if let accept, let givenUp = try client.accept(accept.text, at: context.location(repository, client)) {
            context.console.warning(givenUp)
        }
        let opened = try context.repository(repository, client)
        let trust = try opened.trust()
        guard let head = trust.head else { throw VaultError(.failed, "This user has no pin of the repository") }
        if let export {
            guard !opened.isOnTrust else {
                throw VaultError(
                    .notProven,
                    "This user took the repository on trust, so that nothing vouches for what would be exported",
                    nextStep: "Give --identity FILE of a member, or export the pin where the repository was made")
            }
            try LocalFile.write(trust.encode(), to: export)
        }
        let console = context.console
        if console.isJSON {
            try console.result(
                "log-pin",
                [
                    ("repository", .string(opened.id.hex)), ("anchor", .string(trust.anchor.hex)),
                    ("position", .integer(head.position)), ("digest", .string(head.digest.hex)),
                    ("isOnTrust", .bool(opened.isOnTrust)),
                ] + (export.map { JSON.path("file", $0.bytes) } ?? []))
        } else if !console.isQuiet {
            var facts = Facts()
            facts.add("Repository", opened.id.hex)
            facts.add("Anchor", trust.anchor.hex)
            facts.add("Record", String(head.position))
            facts.add("Digest", head.digest.hex)
            facts.add("Known by", opened.isOnTrust ? "first look only: nothing vouches for it" : "an anchor")
            if let export { facts.add("Exported", export.shown) }
            try console.write(facts)
        }
        return .done
    }
}
