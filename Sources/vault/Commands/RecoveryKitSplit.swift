internal import ArgumentParser
internal import VaultBackup

/// `vault recovery-kit split`
struct RecoveryKitSplitCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Make a new recovery kit that several people hold in shares, and revoke the old ones.",
        discussion: """
            Of the shares, as many as --needed open everything together, with 'vault recover --share'; fewer tell \
            nothing. The kit itself is never written anywhere. The sheets are written first; then the old kits are \
            revoked and new keys are drawn. Print each sheet, give it to its trustee, and remove the files. Whoever \
            holds a sheet can check it alone with 'vault recovery-kit check'.

            With --to each share is sealed to a trustee, a member or whoever made the public line. Then a sheet is no \
            secret by itself, and opens only with the identity of its trustee. Compare the ids that are shown with \
            the trustees.

            Examples:
              vault recovery-kit split --shares 5 --needed 3 --output sheets
              vault identity create 'Tran An' --output a.identity > a.line
              vault identity create 'Le Cuong' --output c.identity > c.line
              vault recovery-kit split --to a.line --to c.line --needed 2 --output sealed
            """)

    @Option(help: ArgumentHelp("How many shares are made, 2 to 32.", valueName: "count"))
    var shares: Int?

    @Option(
        name: .customLong("to"), parsing: .singleValue,
        help: ArgumentHelp(
            "Seal a share to this trustee instead: a member, a public line, or a file that holds one; 2 to 32.",
            valueName: "who"))
    var trustees: [PathArgument] = []

    @Option(help: ArgumentHelp("How many of them are needed, 2 or more.", valueName: "count"))
    var needed: Int

    @Option(help: ArgumentHelp("Write the sheets into this directory.", valueName: "dir"))
    var output: PathArgument

    @OptionGroup var change: ChangeOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        guard shares == nil || trustees.isEmpty else {
            throw ValidationError("Give --shares or trustees with --to, not both: each trustee has one share")
        }
        guard KitShareFile.counts.contains(count), (2...count).contains(needed) else {
            throw ValidationError("Give 2 to 32 shares, and need at least 2 of them")
        }
    }

    private var count: Int { shares ?? trustees.count }

    func run(in context: Context) throws -> ExitStatus {
        let console = context.console
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let trustees = try trustees.map { try LineInput.trustee($0, opened.state, context) }
        let access = try context.administerAccess(opened, repository, client)
        let kit = try ReplaceKit.prepare(
            opened, at: context.location(repository, client), language: .english, client: client)
        let sheets = try kit.shares(count, needed: needed, to: trustees, client: client)
        let files = try KitShares.write(sheets, into: output.bytes)
        let new = try NewKit(
            kit, reason: change.text, with: access, client, console,
            doubt: "The shares in \(output.shown) may not be of a kit of the repository: keep them and the old kit")
        if console.isJSON {
            try console.result(
                "recovery-kit-split",
                new.json + [
                    ("shares", .integer(count)), ("needed", .integer(needed)),
                    ("sealedTo", .array(trustees.map { .string($0.id.hex) })),
                ] + JSON.path("output", output.bytes))
            return .done
        }
        if !console.isQuiet {
            try new.write(console)
            for file in files { try console.line(PathText.readable(file)) }
        }
        for (trustee, file) in zip(trustees, files) {
            console.notice(
                "\(PathText.readable(file)) is sealed to '\(trustee.name.shown)', "
                    + "\(AccessText.groups(trustee.id.hex)): compare the id")
        }
        console.notice(
            trustees.isEmpty
                ? "Print each sheet for one trustee, and remove the files: \(needed) of them open everything"
                : "Give each sheet to its trustee: with their identities \(needed) of them open everything")
        return .done
    }
}

/// `vault recovery-kit check`
struct RecoveryKitCheckCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check shares of a recovery kit, each alone.",
        discussion: """
            Joins nothing: each share is compared with the public key of its kit in the repository, which asks \
            nothing. A sealed one is opened for that, with the identity of its trustee. A share that is mistyped, of \
            another kit, or of one that was revoked is named, and the exit status is 12.

            Examples:
              vault recovery-kit split --shares 3 --needed 2 --output sheets
              vault recovery-kit check sheets/share-1.txt
            """)

    @Argument(help: ArgumentHelp("Text files with a share each.", valueName: "file"))
    var files: [PathArgument]

    @OptionGroup(title: "Sealed shares")
    var trustees: TrusteeOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let opened = try context.repository(repository)
        let console = context.console
        var rows: [JSON] = []
        for file in files {
            let sheet = try KitInput.sheet(file.bytes, trustees.identities(in: context))
            let kit = try KitShares.check(sheet, in: opened, name: file.shown)
            let share = sheet.share
            rows.append(
                .object(
                    JSON.path("file", file.bytes) + [
                        ("number", .integer(share.number)), ("count", .integer(share.count)),
                        ("needed", .integer(share.needed)), ("kit", .string(kit.name)),
                        ("isProven", .bool(share.proof != nil)),
                    ] + (sheet.sealed.map { [("sealedTo", .string($0.trustee.hex))] } ?? [])))
            guard !console.isJSON, !console.isQuiet else { continue }
            let proof = share.proof == nil ? "; its proof was left out, so only its checksum is right" : ""
            try console.line(
                "\(file.shown): share \(share.number) of \(share.count) of '\(kit.name.shown)', \(share.needed) are needed"
                    + proof)
        }
        if console.isJSON { try console.result("recovery-kit-check", [("shares", .array(rows))]) }
        return .done
    }
}
