internal import ArgumentParser
internal import VaultBackup

/// `vault recovery-kit`
struct RecoveryKitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery-kit",
        abstract: "Print the recovery kit again, replace it, or share it out.",
        subcommands: [
            RecoveryKitPrintCommand.self, RecoveryKitReplaceCommand.self, RecoveryKitSplitCommand.self,
            RecoveryKitCheckCommand.self,
        ])
}

/// `vault recovery-kit print`
struct RecoveryKitPrintCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "print",
        abstract: "Make the page of the recovery kit again, with how far the repository goes now.",
        discussion: """
            Takes the kit from its text file or from standard input (-); without either, from the file that init \
            left, or typed from the paper. Writes the text to standard output unless a file is named. Only the page \
            is new: the secret is the same, and the old paper stays valid; 'recovery-kit replace' revokes it.

            Examples:
              vault recovery-kit print
              vault recovery-kit print kit.txt --html /tmp/kit.html --language vi
            """)

    @Argument(help: ArgumentHelp("A text file of the kit, or -.", valueName: "kit"))
    var kit: PathArgument?

    @Option(help: ArgumentHelp("Write the text to this new file.", valueName: "file"))
    var text: PathArgument?

    @Option(
        help: ArgumentHelp("Write a page with a QR code to this new file, for a browser to print.", valueName: "file"))
    var html: PathArgument?

    @OptionGroup(title: "Language")
    var words: LanguageOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let console = context.console
        guard !console.isJSON || text != nil || html != nil else {
            throw VaultError(.usage, "The page itself is no JSON", nextStep: "Name a file with --text or --html")
        }
        let language = words.language(in: context)
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let page = try ReprintKit.run(
            secret(opened, language, client, context), in: opened, location: location(client, context),
            language: language, client: client)
        if let text { try ReprintKit.write(page.text(), to: text.bytes) }
        if let html { try ReprintKit.write(page.html(), to: html.bytes) }
        if console.isJSON {
            try console.result(
                "recovery-kit-print",
                [("repository", .string(opened.id.hex)), ("head", .integer(page.file.head?.position ?? 0))]
                    + (text.map { JSON.path("text", $0.bytes) } ?? [])
                    + (html.map { JSON.path("html", $0.bytes) } ?? []))
        } else if text == nil, html == nil {
            try console.flush()
            // Straight from the bytes that wipe themselves: a buffer of the output would keep a copy.
            try page.text().withUnsafeBytes { bytes in
                do throws(SystemError) { try StandardStreams.write(bytes, to: .output) } catch {
                    throw OutputError(cause: error)
                }
            }
        } else {
            console.notice("Whoever has the file can read every backup: print it, and remove it")
        }
        return .done
    }

    private func location(_ client: Client, _ context: Context) -> [UInt8] {
        repository.repository?.bytes ?? context.environment.repository ?? client.rememberedRepository() ?? []
    }

    private func secret(
        _ opened: Repository, _ language: Language, _ client: Client, _ context: Context
    ) throws -> RecoveryKit {
        if let kit { return try KitInput.paper(kit.bytes, context.cancellation).kit }
        if let left = try ReprintKit.leftover(opened, client) { return left }
        return try KitDialogue(language: language).kit()
    }
}
