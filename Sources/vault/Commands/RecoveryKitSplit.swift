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

            Example:
              vault recovery-kit split --shares 5 --needed 3 --output sheets
            """)

    @Option(help: ArgumentHelp("How many shares are made, 2 to 32.", valueName: "count"))
    var shares: Int

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
        guard KitShareFile.counts.contains(shares), (2...shares).contains(needed) else {
            throw ValidationError("Give 2 to 32 shares, and need at least 2 of them")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let console = context.console
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let access = try context.administerAccess(opened, repository, client)
        let kit = try ReplaceKit.prepare(
            opened, at: context.location(repository, client), language: .english, client: client)
        let sheets = try kit.shares(shares, needed: needed, client: client)
        let files = try KitShares.write(sheets, into: output.bytes)
        let new = try NewKit(
            kit, reason: change.text, with: access, client, console,
            doubt: "The shares in \(output.shown) may not be of a kit of the repository: keep them and the old kit")
        if console.isJSON {
            try console.result(
                "recovery-kit-split",
                new.json + [("shares", .integer(shares)), ("needed", .integer(needed))]
                    + JSON.path("output", output.bytes))
            return .done
        }
        if !console.isQuiet {
            try new.write(console)
            for file in files { try console.line(PathText.readable(file)) }
        }
        console.notice("Print each sheet for one trustee, and remove the files: \(needed) of them open everything")
        return .done
    }
}

/// `vault recovery-kit check`
struct RecoveryKitCheckCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check shares of a recovery kit, each alone.",
        discussion: """
            Asks nothing, and joins nothing: each share is compared with the public key of its kit in the repository. A \
            share that is mistyped, of another kit, or of one that was revoked is named, and the exit status is 12.

            Examples:
              vault recovery-kit split --shares 3 --needed 2 --output sheets
              vault recovery-kit check sheets/share-1.txt
            """)

    @Argument(help: ArgumentHelp("Text files with a share each.", valueName: "file"))
    var files: [PathArgument]

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let opened = try context.repository(repository)
        let console = context.console
        var rows: [JSON] = []
        for file in files {
            let sheet = try KitInput.sheet(file.bytes)
            let kit = try KitShares.check(sheet, in: opened, name: file.shown)
            let share = sheet.share
            rows.append(
                .object(
                    JSON.path("file", file.bytes) + [
                        ("number", .integer(share.number)), ("count", .integer(share.count)),
                        ("needed", .integer(share.needed)), ("kit", .string(kit.name)),
                        ("isProven", .bool(share.proof != nil)),
                    ]))
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
