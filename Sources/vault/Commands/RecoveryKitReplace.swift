internal import ArgumentParser
internal import VaultBackup

/// `vault recovery-kit replace`
struct RecoveryKitReplaceCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "replace",
        abstract: "Make a new recovery kit, and revoke the old ones.",
        discussion: """
            Needs an administrator who holds all keys. The new page is written first; then the old kits are revoked \
            and new keys are drawn: what is written from now on, an old paper cannot read. It still reads what was \
            written before. Print the new page, put it into the safe, and destroy the old paper.

            Example:
              vault recovery-kit replace --text kit-new.txt --html kit-new.html
            """)

    @Option(help: ArgumentHelp("Write the text to this new file.", valueName: "file"))
    var text: PathArgument?

    @Option(
        help: ArgumentHelp("Write a page with a QR code to this new file, for a browser to print.", valueName: "file"))
    var html: PathArgument?

    @OptionGroup var change: ChangeOptions

    @OptionGroup(title: "Language")
    var words: LanguageOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if text == nil, html == nil { throw ValidationError("Name a new file for the page with --text or --html") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let console = context.console
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let access = try context.administerAccess(opened, repository, client)
        let kit = try ReplaceKit.prepare(
            opened, at: context.location(repository, client), language: words.language(in: context), client: client)
        if let text { try ReprintKit.write(kit.page.text(), to: text.bytes) }
        if let html { try ReprintKit.write(kit.page.html(), to: html.bytes) }
        let files = [text, html].compactMap { $0?.shown }.joined(separator: ", ")
        let new = try NewKit(
            kit, reason: change.text, with: access, client, console,
            doubt: "The kit in \(files) may not be one of the repository: keep it and the old one")
        if console.isJSON {
            try console.result(
                "recovery-kit-replace",
                new.json + (text.map { JSON.path("text", $0.bytes) } ?? [])
                    + (html.map { JSON.path("html", $0.bytes) } ?? []))
            return .done
        }
        if !console.isQuiet { try new.write(console) }
        console.notice("Whoever has the file can read every backup: print it, and remove it")
        return .done
    }
}
