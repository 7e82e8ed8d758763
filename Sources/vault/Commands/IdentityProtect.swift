internal import ArgumentParser
internal import VaultBackup

/// `vault identity protect`
struct IdentityProtectCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "protect",
        abstract: "Let your identity file need a second factor: a key file, or a token.",
        discussion: """
            From then on the file opens only with passphrase and second factor together, and nothing in it tells \
            whether one of them alone is right. Copies of the old file still open as before. Commands find the factor \
            by --key-file or VAULT_KEY_FILE, and a token by --token-module or VAULT_TOKEN_MODULE. Whoever loses a \
            factor needs the recovery kit or another administrator.

            Examples:
              vault identity protect --new-key-file /tmp/usb.key
              vault identity protect --key-file /tmp/usb.key --no-factor
            """)

    @OptionGroup(title: "Second factor")
    var factor: FactorOptions

    @Flag(help: "Need the passphrase alone.")
    var noFactor = false

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if factor.isGiven == noFactor {
            throw ValidationError("Give one of --new-key-file, --token and --no-factor")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let (path, file) = try LockedIdentity.find(repository, context)
        guard file.isLocked else {
            throw VaultError(
                .usage,
                "The identity of '\(file.name.shown)' has no passphrase, so a second factor would be its only one",
                nextStep: "Give it a passphrase first: vault identity change-passphrase")
        }
        let passphrase = try context.passphrase("Passphrase of '\(file.name.shown)'")
        // Opened as it is before anything new is made.
        let identity = try file.unlock(factors: context.factors) { passphrase }
        let new = try factor.prepare(in: context)
        let changed = try IdentityFile.locked(
            identity, anchor: file.anchor, passphrase: passphrase, factor: new?.factor,
            factors: new?.factors ?? FactorSource(), random: SystemRandom())
        try LockedIdentity.replace(path, by: changed)
        let console = context.console
        if console.isJSON {
            try console.result(
                "identity-protect",
                JSON.path("file", path) + [("secondFactor", .string(ShownIdentity.word(changed.factor)))])
        } else if !console.isQuiet {
            try console.line(
                "\(PathText.readable(path)) is locked \(ShownIdentity.lock(isLocked: true, changed.factor))")
        }
        return .done
    }
}

/// `vault identity tokens`
struct IdentityTokensCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "List the tokens that are connected, by serial number.",
        discussion: """
            Asks nothing, and needs no repository.

            Example:
              vault identity tokens --token-module /usr/lib/softhsm/libsofthsm2.so
            """)

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        guard let module = context.factors.tokenModule else {
            throw VaultError(
                .usage, "It is not known which PKCS#11 module the tokens have",
                nextStep: "Name it with --token-module FILE or VAULT_TOKEN_MODULE")
        }
        let serials = try SecurityToken.serials(module: module)
        let console = context.console
        if console.isJSON {
            try console.result("identity-tokens", [("serials", .array(serials.map { .string($0) }))])
        } else if serials.isEmpty {
            console.notice("No token is connected")
        } else {
            for serial in serials { try console.line(serial.shown) }
        }
        return .done
    }
}

/// The identity file that a command is to lock anew.
enum LockedIdentity {
    /// The one that is named, else the first of this user that has a passphrase.
    static func find(_ repository: RepositoryOptions, _ context: Context) throws -> (path: [UInt8], file: IdentityFile)
    {
        if let path = context.identityFile(repository) {
            guard case .file(let file) = try IdentitySource.load(path) else {
                throw VaultError(
                    .usage, "\(PathText.readable(path)) is a recovery kit, which has no passphrase",
                    nextStep: "Name an identity file with --identity")
            }
            return (path, file)
        }
        let client = try context.client()
        for path in client.identityFiles(of: try context.repository(repository, client).id) {
            if case .file(let file) = try IdentitySource.load(path), file.isLocked { return (path, file) }
        }
        throw VaultError(
            .wrongIdentity, "This user has no identity with a passphrase for the repository",
            nextStep: "Name an identity file with --identity")
    }

    /// Writes the file. On return it is durable.
    static func replace(_ path: [UInt8], by file: IdentityFile) throws {
        do throws(SystemError) {
            try file.encode().withUnsafeBytes { (bytes) throws(SystemError) in try AtomicFile.write(path, bytes) }
        } catch {
            throw VaultError(
                .failed, "The identity file \(PathText.readable(path)) cannot be written",
                nextStep: "Check its permissions; the old file is unchanged", cause: error)
        }
    }
}
