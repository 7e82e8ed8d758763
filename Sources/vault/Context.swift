internal import VaultBackup

/// What a running command works with: its surroundings, its options and its console.
struct Context {
    let environment: Environment
    let options: GlobalOptions
    let console: Console
    /// Set by a signal.
    let cancellation: Cancellation
    /// How fast the command may work.
    var pace = Pace.free

    /// This user's client.
    func client() throws -> Client {
        Client(folders: try environment.folders(cache: options.cacheDir?.bytes), pace: pace, factors: factors)
    }

    /// Where second factors of identities are. An option overrules its variable.
    var factors: FactorSource {
        let file = options.tokenPinFile?.bytes ?? environment.tokenPINFile
        let console = console
        let keyFiles = options.keyFiles.map(\.bytes)
        return FactorSource(
            keyFiles: keyFiles.isEmpty ? [environment.keyFile].compactMap(\.self) : keyFiles,
            tokenModule: options.tokenModule?.bytes ?? environment.tokenModule
        ) { serial in
            let source = PassphraseSource(
                file: file,
                prompt: {
                    try PassphraseSource.ask(
                        "PIN of the token \(serial.shown)",
                        otherWays: "Give --token-pin-file FILE, or set VAULT_TOKEN_PIN_FILE")
                })
            let found = try source.find()
            if let warning = found.warning { console.warning(warning) }
            return found.passphrase
        }
    }

    /// Opens the repository for what needs no identity.
    func repository(_ which: RepositoryOptions) throws -> Repository { try repository(which, client()) }

    /// Opens the repository that option, variable or memory name, in this order.
    func repository(_ which: RepositoryOptions, _ client: Client) throws -> Repository {
        let location = try location(which, client)
        let repository = try client.open(location, identityFile: identityFile(which))
        let behind = client.recordsBehind(repository)
        if behind > 0, let copy = repository.copy {
            console.notice(
                "This is the copy '\(copy.name.shown)': \(Units.count(behind, "newer record", "newer records")) that this "
                    + "user has seen in the repository \(behind == 1 ? "is" : "are") not in it")
        }
        if repository.isFirstUse {
            console.notice(
                "This user sees the repository at \(PathText.readable(location)) for the first time, so it cannot be "
                    + "told whether it is an older state of itself")
        }
        return repository
    }

    /// The place that option, variable or memory name, in this order.
    func location(_ which: RepositoryOptions, _ client: Client) throws -> [UInt8] {
        let chosen = which.repository?.bytes ?? environment.repository ?? client.rememberedRepository()
        if let chosen { return chosen }
        throw VaultError(
            .usage, "No repository is named, and none was made by this user",
            nextStep: "Give -r DIR, set VAULT_REPOSITORY, or make a repository with 'vault init DIR'")
    }

    /// The identity file that option or variable name.
    func identityFile(_ which: RepositoryOptions) -> [UInt8]? { which.identity?.bytes ?? environment.identity }

    /// Opens the repository to add to it. A machine's identity has no passphrase, so nothing is asked.
    func writeAccess(_ which: RepositoryOptions) throws -> WriteAccess {
        let client = try client()
        let repository = try repository(which, client)
        return try WriteAccess(repository, identity(for: repository, .write, which, client))
    }

    /// Opens the repository to read content, which is put on record with its purpose.
    func readAccess(
        _ which: RepositoryOptions, _ purpose: ReadingPurpose, _ reading: ReadingOptions
    ) throws -> ReadAccess {
        let client = try client()
        let repository = try repository(which, client)
        return try readAccess(repository, which, client, purpose, reason: reading.reason?.text ?? "")
    }

    /// Opens the content of an open repository, which is put on record with its purpose.
    func readAccess(
        _ repository: Repository, _ which: RepositoryOptions, _ client: Client, _ purpose: ReadingPurpose,
        reason: String = ""
    ) throws -> ReadAccess {
        let console = console
        let note = try ReadingNote(purpose, reason: reason) { console.warning($0) }
        return try ReadAccess(repository, identity(for: repository, .read, which, client), noting: note)
    }

    /// Opens the repository to sign records, if `check`, which is asked before a passphrase is, throws nothing.
    func signingAccess(
        _ which: RepositoryOptions, _ purpose: Client.Purpose, check: (Repository) throws -> Void = { _ in }
    ) throws -> SigningAccess {
        let client = try client()
        let repository = try repository(which, client)
        try check(repository)
        return try signingAccess(repository, purpose, which, client)
    }

    /// Opens an open repository to sign records.
    func signingAccess(
        _ repository: Repository, _ purpose: Client.Purpose, _ which: RepositoryOptions, _ client: Client
    ) throws -> SigningAccess {
        try SigningAccess(repository, identity(for: repository, purpose, which, client))
    }

    /// Opens an open repository to change who may do what.
    func administerAccess(
        _ repository: Repository, _ which: RepositoryOptions, _ client: Client
    ) throws -> AdministerAccess {
        try AdministerAccess(repository, identity(for: repository, .administer, which, client))
    }

    /// Opens an identity of the open repository: the one that is named, else the one for this purpose.
    func identity(
        for repository: Repository, _ purpose: Client.Purpose, _ which: RepositoryOptions, _ client: Client
    ) throws -> Identity {
        try client.identity(for: repository, purpose, file: identityFile(which)) { try passphrase("Passphrase") }
    }

    /// Whether a passphrase can be had without asking anybody.
    var hasPassphraseSource: Bool {
        options.passphraseFile != nil || options.passphraseCommand != nil || environment.passphraseFile != nil
            || environment.passphraseCommand != nil || environment.credentialsDirectory != nil
    }

    /// The passphrase from the first of its sources. An option overrules every variable.
    ///
    /// - Parameter subject: how the prompt calls it; asked twice when it `isNew`, then called `again`.
    func passphrase(_ subject: String, isNew: Bool = false, again: String? = nil) throws -> SecretBytes {
        var file = options.passphraseFile?.bytes
        var command = options.passphraseCommand?.bytes
        if file == nil, command == nil {
            file = environment.passphraseFile
            command = environment.passphraseCommand
        }
        let source = PassphraseSource(
            file: file,
            command: command.map { command in
                { try PassphraseSource.output(ofCommand: command, cancellation.check) }
            },
            credentialsDirectory: environment.credentialsDirectory,
            prompt: {
                try PassphraseSource.ask(
                    subject, isNew: isNew, again: again,
                    otherWays:
                        "Give --passphrase-file FILE or --passphrase-command COMMAND, or set VAULT_PASSPHRASE_FILE "
                        + "or VAULT_PASSPHRASE_COMMAND")
            })
        return try find(source)
    }

    /// A new passphrase where the usual sources hold the old one: from `file`, else from the terminal.
    func newPassphrase(file: [UInt8]?) throws -> SecretBytes {
        try find(
            PassphraseSource(
                file: file,
                prompt: {
                    try PassphraseSource.ask(
                        "New passphrase", isNew: true, otherWays: "Give --new-passphrase-file FILE")
                }))
    }

    private func find(_ source: PassphraseSource) throws -> SecretBytes {
        let found = try source.find()
        if let warning = found.warning { console.warning(warning) }
        return found.passphrase
    }
}
