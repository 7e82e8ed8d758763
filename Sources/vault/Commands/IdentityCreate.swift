internal import ArgumentParser
internal import VaultBackup

/// `vault identity create`
struct IdentityCreateCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make an identity of your own, and print the line that an administrator admits.",
        discussion: """
            The line on standard output holds no secret: send it to an administrator by any way, who admits it with \
            'vault access grant'. Let him read the id to you before he does. The identity of a person is locked with \
            a passphrase; that of a machine is not, so that it can work unattended.

            With a repository the file goes where every command finds it; --output names another place. The new \
            identity vouches for the repository only if this user, or --anchor, already does.

            Examples:
              vault identity create 'Tran An'
              vault identity create 'Le Cuong' --new-key-file /tmp/usb.key
              vault identity create web2 --machine --output /tmp/web2.identity
            """)

    @Argument(help: ArgumentHelp("Your name, or that of the machine.", valueName: "name"))
    var name: TextArgument

    @Flag(help: "The identity of a machine, without passphrase.")
    var machine = false

    @Option(help: ArgumentHelp("The identity file to make.", valueName: "file"))
    var output: PathArgument?

    @Option(help: ArgumentHelp("The anchor of the repository, from somebody you trust.", valueName: "digits"))
    var anchor: TextArgument?

    @OptionGroup(title: "Second factor")
    var factor: FactorOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if machine, factor.isGiven { throw ValidationError("A machine has no passphrase, and no second factor") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try openRepository(client, context)
        var request = NewIdentity.Request(
            name: name.text, kind: machine ? .machine : .person, file: output?.bytes, anchor: try vouched(opened))
        // Before anybody types a passphrase.
        try NewIdentity.place(request, opened?.id, client)
        if let chosen = try factor.prepare(in: context) {
            (request.factor, request.factors) = (chosen.factor, chosen.factors)
        }
        let passphrase = try machine ? nil : context.passphrase("New passphrase for '\(name.text.shown)'", isNew: true)
        let (file, line) = try NewIdentity.create(request, for: opened?.id, passphrase: passphrase, client: client)
        if let opened, let location = repository.repository?.bytes, client.rememberedRepository() == nil {
            try? client.remember(location, of: opened.id)
        }
        let console = context.console
        if console.isJSON {
            try console.result(
                "identity-create",
                [
                    ("line", .string(line.text)), ("id", .string(line.id.hex)), ("name", .string(line.name)),
                    ("kind", .string(line.kind.rawValue)), ("isAnchored", .bool(request.anchor != nil)),
                ] + JSON.path("file", file))
            return .done
        }
        try console.line(line.text)
        console.notice("The identity is in \(PathText.readable(file)), its id is \(AccessText.groups(line.id.hex))")
        console.notice("An administrator admits the line above: vault access grant LINE --role ROLE")
        return .done
    }

    /// The repository, if one is named or was used before; none where only a file is wanted.
    private func openRepository(_ client: Client, _ context: Context) throws -> Repository? {
        let isNamed = repository.repository != nil || context.environment.repository != nil
        guard isNamed || output == nil && client.rememberedRepository() != nil else { return nil }
        return try context.repository(repository, client)
    }

    /// The anchor that the new identity may vouch for: one that somebody vouched for.
    private func vouched(_ opened: Repository?) throws -> Digest? {
        guard let anchor else { return opened.flatMap { $0.isOnTrust ? nil : $0.state.anchor } }
        guard let digest = Digest(hex: anchor.text.lowercased()) else {
            throw VaultError(
                .usage, "The anchor is not 64 hexadecimal digits",
                nextStep: "Take it from 'vault log pin' of somebody who uses the repository")
        }
        if let opened, opened.state.anchor != digest {
            throw VaultError(
                .wrongIdentity, "The repository at \(opened.store.location) is another one: its anchor is not that",
                nextStep: "Check the path, and the anchor")
        }
        return digest
    }
}
