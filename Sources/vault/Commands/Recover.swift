internal import ArgumentParser
internal import VaultBackup

/// `vault recover`
struct RecoverCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Open a repository on a fresh machine with the recovery kit on paper.",
        discussion: """
            Asks for what stands on the paper: where the repository is, the anchor, the head, and the rows of the \
            seed, each of which has check letters. Or takes the text of the kit, or of its QR code, from a file or \
            from standard input (-). Compares all of it with the repository, then keeps an identity on this machine \
            under a new passphrase, with which snapshots, ls and restore work.

            Of a kit that was shared out with 'vault recovery-kit split', as many sheets as are needed are given with \
            --share each; those that are sealed open with the identities of their trustees, --trustee each, whose \
            passphrases are asked one after another.

            Examples:
              vault recover kit.txt -r /mnt/backup
              vault recover - < kit.txt
            """)

    @Argument(help: ArgumentHelp("A text file of the kit, or -; without it the kit is typed.", valueName: "kit"))
    var kit: PathArgument?

    @Option(
        name: .customLong("share"), parsing: .singleValue,
        help: ArgumentHelp("A text file with a share of the kit, as many as are needed.", valueName: "file"))
    var shares: [PathArgument] = []

    @OptionGroup(title: "Sealed shares")
    var trustees: TrusteeOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The repository; without it where the kit says.", valueName: "dir"))
    var repository: PathArgument?

    @Flag(help: "Go on although the repository is older than the paper.")
    var acceptOlder = false

    @OptionGroup(title: "Language")
    var words: LanguageOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if shares.isEmpty, !trustees.files.isEmpty { throw ValidationError("--trustee goes with --share") }
        if kit != nil, !shares.isEmpty { throw ValidationError("Give the kit or shares of one, not both") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let language = words.language(in: context)
        let (paper, location) = try source(language, context)
        let client = try context.client()
        let opened = try Recover.open(paper, at: location, acceptsOlder: acceptOlder, client: client)
        for sentence in opened.repository.damage { context.console.warning(sentence) }
        switch opened.head {
        case .older: context.console.warning(RecoverPhrase.older.text(language))
        case .altered: context.console.warning(RecoverPhrase.altered.text(language))
        case .same, .unknown: break
        }
        let passphrase = try context.passphrase(
            RecoverPhrase.passphrase.text(language), isNew: true, again: RecoverPhrase.passphraseAgain.text(language))
        let file = try Recover.keep(opened, at: location, passphrase: passphrase, client: client)
        let console = context.console
        try Recover.putOnRecord(opened) { console.warning($0) }
        // Whoever had an identity here before is not asked for its passphrase unexpectedly.
        let isDefault = try client.defaultFile(opened.repository, .read) == file
        try render(opened, location, file, isDefault, language, context.console)
        return .done
    }

    private func source(_ language: Language, _ context: Context) throws -> (RecoveryPaper, [UInt8]) {
        if let kit { return try located(KitInput.paper(kit.bytes, context.cancellation), context) }
        guard shares.isEmpty else {
            let paper = try KitInput.paper(shares: shares.map(\.bytes), trustees.identities(in: context))
            return try located(paper, context)
        }
        return try typed(language, context)
    }

    private func located(_ paper: RecoveryPaper, _ context: Context) throws -> (RecoveryPaper, [UInt8]) {
        let chosen = repository?.bytes ?? context.environment.repository ?? paper.location.map(PathText.bytes)
        guard let location = chosen else {
            throw VaultError(
                .usage, "The recovery kit does not say where the repository is", nextStep: "Give its place with -r DIR")
        }
        return (paper, location)
    }

    private func typed(_ language: Language, _ context: Context) throws -> (RecoveryPaper, [UInt8]) {
        let dialogue = KitDialogue(language: language)
        let location: [UInt8]
        if let known = repository?.bytes ?? context.environment.repository {
            try Recover.expectRepository(at: known)
            location = known
        } else {
            location = try dialogue.place { try Recover.expectRepository(at: $0) }
        }
        let anchor = try dialogue.anchor { try Recover.compare(anchor: $0, head: nil, at: location) }
        let head = try dialogue.head()
        // What is wrong with the repository is told before the seed is typed.
        try Recover.compare(anchor: anchor, head: head, at: location, acceptsOlder: acceptOlder)
        return (RecoveryPaper(kit: try dialogue.kit(), anchor: anchor, location: nil, head: head), location)
    }

    private func render(
        _ opened: Recover.Opened, _ location: [UInt8], _ file: [UInt8], _ isDefault: Bool, _ language: Language,
        _ console: Console
    ) throws {
        let snapshots = Snapshots.list(opened.repository)
        if console.isJSON {
            return try console.result(
                "recover",
                [
                    ("repository", .string(opened.repository.id.hex)),
                    ("head", .integer(opened.repository.state.head)), ("isOlderThanKit", .bool(opened.head == .older)),
                    ("snapshotCount", .integer(snapshots.count)),
                ] + JSON.path("location", location) + JSON.path("identityFile", file))
        }
        if console.isQuiet { return }
        func text(_ phrase: RecoverPhrase) -> String { phrase.text(language) }
        var facts = Facts()
        facts.add(text(.factRepository), PathText.readable(location))
        facts.add(text(.factId), opened.repository.id.hex)
        facts.add(text(.factHead), Units.count(opened.repository.state.head))
        facts.add(
            text(.factSnapshots),
            snapshots.last.map { "\(Units.count(snapshots.count)) (\(Units.minute($0.time)) UTC, \($0.system.shown))" }
                ?? text(.factSnapshotsNone))
        facts.add(text(.factIdentity), PathText.readable(file))
        try console.write(facts)
        try console.line("")
        try console.line("\(text(.next)) vault snapshots")
        let option = isDefault ? "" : " --identity \(PathText.readable(file))"
        try console.line(
            String(repeating: " ", count: text(.next).count) + " vault restore latest --target DIR\(option)")
        // In an older repository it would make another history.
        if opened.head != .older { try console.line(text(.afterwards)) }
    }
}
