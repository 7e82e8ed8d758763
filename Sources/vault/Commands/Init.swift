internal import ArgumentParser
internal import VaultBackup

/// `vault init`
struct InitCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a repository, and the identities that open it.",
        discussion: """
            Asks for one passphrase and makes: the repository, your identity (all roles, with the passphrase), an \
            identity for this machine (adds snapshots only, without passphrase) and a recovery kit to print and keep \
            in a safe. With --new-key-file or --token your identity needs that too from the beginning; the recovery \
            kit opens the repository without it, for the day it is lost.

            Examples:
              vault init /mnt/backup
              vault init /mnt/backup --name "Jane Doe" --machine web1 --system web
              vault init /mnt/backup --passphrase-file passphrase.txt
              vault init /mnt/backup --language vi
              vault init /mnt/backup --new-key-file /tmp/usb.key
            """)

    @Argument(help: ArgumentHelp("An empty or new directory.", valueName: "dir"))
    var directory: PathArgument

    @Option(help: ArgumentHelp("Your name; without it your login name.", valueName: "person"))
    var name: TextArgument?

    @Option(help: ArgumentHelp("Name of this machine; without it the host name.", valueName: "machine"))
    var machine: TextArgument?

    @Option(
        name: .customLong("system"), parsing: .singleValue,
        help: ArgumentHelp("A system that this machine may back up, any number; without one, all.", valueName: "system")
    )
    var systems: [TextArgument] = []

    @Flag(help: "Refuse a directory on the same file system as /.")
    var requireMount = false

    @OptionGroup(title: "Second factor")
    var factor: FactorOptions

    @OptionGroup(title: "Recovery kit")
    var kit: LanguageOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        var request = Initialise.Request(
            location: directory.bytes, personName: name?.text ?? Self.loginName,
            machineName: machine?.text ?? Self.hostName)
        if !systems.isEmpty { request.systems = systems.map(\.text) }
        request.requiresMount = requireMount
        try Initialise.checkPlace(request)
        if Initialise.isDoubtful(directory.bytes) {
            context.console.warning(
                "\(PathText.readable(directory.bytes)) is on the same file system as /; if a disk belongs there, "
                    + "mount it first")
        }
        request.language = kit.language(in: context)
        // Before anybody thinks of a passphrase: a token that is not there is told first.
        if let chosen = try factor.prepare(in: context) {
            (request.factor, request.factors) = (chosen.factor, chosen.factors)
        }
        let passphrase = try context.passphrase("Passphrase for '\(request.personName.shown)'", isNew: true)
        let result = try Initialise.run(request, passphrase: passphrase, client: client)
        do { try client.remember(directory.bytes, of: result.repository) } catch {
            // The repository is there and must be shown; only the shortcut is missing.
            context.console.warning(
                "The place of the repository cannot be remembered (\(error)); name it with -r each time")
        }
        try render(result, request.factor, context.console)
        return .done
    }

    private static var loginName: String {
        Host.userName.flatMap { String(validating: $0, as: UTF8.self) } ?? "person"
    }

    private static var hostName: String { Host.name.isEmpty ? "machine" : Host.name }

    private func render(
        _ result: Initialise.Result, _ factor: IdentityFile.Factor?, _ console: Console
    ) throws {
        if console.isJSON {
            return try console.result(
                "init",
                [("repository", .string(result.repository.hex)), ("anchor", .string(result.anchor.hex))]
                    + JSON.path("location", directory.bytes) + JSON.path("personFile", result.personFile)
                    + JSON.path("machineFile", result.machineFile) + JSON.path("kitFile", result.kitFile)
                    + JSON.path("kitPage", result.kitPage)
                    + [
                        ("createOnly", .string(result.createOnly.rawValue)),
                        ("secondFactor", .string(ShownIdentity.word(factor))),
                    ])
        }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add("Repository", PathText.readable(directory.bytes))
        facts.add("Id", result.repository.hex)
        facts.add("You", PathText.readable(result.personFile))
        if factor != nil { facts.add("Locked", ShownIdentity.lock(isLocked: true, factor)) }
        facts.add("Machine", PathText.readable(result.machineFile))
        facts.add("Kit", PathText.readable(result.kitFile))
        facts.add("Kit page", PathText.readable(result.kitPage))
        try console.write(facts)
        try console.line("")
        try console.line("Print the kit, or the kit page in a browser, keep it in a")
        try console.line("safe, and remove both files: whoever has it can read every")
        let lost = factor == nil ? "passphrase" : "passphrase or second factor"
        try console.line("backup, and without it a lost \(lost) is a lost repository.")
        try console.line("Next: vault backup PATH")
    }
}
