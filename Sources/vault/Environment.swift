internal import VaultBackup

/// What the program takes from its surroundings, in one value; nothing else reads environment variables.
struct Environment: Sendable {
    var repository: [UInt8]?
    var identity: [UInt8]?
    var passphraseFile: [UInt8]?
    var passphraseCommand: [UInt8]?
    var keyFile: [UInt8]?
    var tokenModule: [UInt8]?
    var tokenPINFile: [UInt8]?
    var policies: [UInt8]?
    var cacheDirectory: [UInt8]?
    var configHome: [UInt8]?
    var cacheHome: [UInt8]?
    var home: [UInt8]?
    var credentialsDirectory: [UInt8]?
    var temporaryDirectory: [UInt8]?
    var isColourWanted = false
    /// Whether the terminal cannot move its cursor.
    var isTerminalDumb = false
    /// What the locale asks for.
    var language = Language.english
    /// Where scratch directories are made unless an option says otherwise.
    var scratchDirectory: [UInt8] { temporaryDirectory ?? Array("/var/tmp".utf8) }

    /// The variables and what they are for.
    static let documentation = [
        ("VAULT_REPOSITORY", "The repository; -r overrules it."),
        ("VAULT_IDENTITY", "An identity file or a recovery kit; --identity overrules it."),
        ("VAULT_PASSPHRASE_FILE", "A file with the passphrase in its first line."),
        ("VAULT_PASSPHRASE_COMMAND", "A command that writes the passphrase."),
        ("VAULT_KEY_FILE", "The key file of an identity that needs one; --key-file overrules it."),
        ("VAULT_TOKEN_MODULE", "The PKCS#11 module of a token; --token-module overrules it."),
        ("VAULT_TOKEN_PIN_FILE", "A file with the PIN of the token in its first line."),
        ("CREDENTIALS_DIRECTORY", "Set by systemd: its file vault-passphrase holds the passphrase."),
        ("VAULT_POLICIES", "Directory of policies; --policies overrules it."),
        ("VAULT_CACHE_DIR", "Directory of caches; --cache-dir overrules it."),
        ("XDG_CONFIG_HOME", "Identities and pins are in its directory vault; without it in ~/.config/vault."),
        ("XDG_CACHE_HOME", "Caches are in its directory vault; without it in ~/.cache/vault."),
        ("HOME", "The home directory; without it the one of the user database."),
        ("TMPDIR", "Where drills restore to; without it /var/tmp. A drill's --scratch overrules it."),
        ("NO_COLOR", "When it is set, nothing is coloured."),
        ("TERM", "With 'dumb', or without it, progress is written line by line."),
    ]

    /// Takes the variables that `value` knows; an empty one counts as not set.
    init(_ value: (String) -> [UInt8]?) {
        func variable(_ name: String) -> [UInt8]? { value(name).flatMap { $0.isEmpty ? nil : $0 } }
        repository = variable("VAULT_REPOSITORY")
        identity = variable("VAULT_IDENTITY")
        passphraseFile = variable("VAULT_PASSPHRASE_FILE")
        passphraseCommand = variable("VAULT_PASSPHRASE_COMMAND")
        keyFile = variable("VAULT_KEY_FILE")
        tokenModule = variable("VAULT_TOKEN_MODULE")
        tokenPINFile = variable("VAULT_TOKEN_PIN_FILE")
        policies = variable("VAULT_POLICIES")
        cacheDirectory = variable("VAULT_CACHE_DIR")
        // The XDG rules have relative paths ignored.
        configHome = variable("XDG_CONFIG_HOME").flatMap { $0.first == 0x2f ? $0 : nil }
        cacheHome = variable("XDG_CACHE_HOME").flatMap { $0.first == 0x2f ? $0 : nil }
        home = variable("HOME")
        credentialsDirectory = variable("CREDENTIALS_DIRECTORY")
        temporaryDirectory = variable("TMPDIR")
        isTerminalDumb = (variable("TERM") ?? Array("dumb".utf8)) == Array("dumb".utf8)
        isColourWanted = variable("NO_COLOR") == nil && !isTerminalDumb
        // In the order of the C library: the first that is set decides.
        let locale = variable("LC_ALL") ?? variable("LC_MESSAGES") ?? variable("LANG")
        language = locale.flatMap(Language.init(locale:)) ?? .english
    }

    /// The surroundings of this process.
    static func ofProcess() -> Environment {
        var environment = Environment(Host.environmentValue)
        // A system service may be started without HOME.
        if environment.home == nil { environment.home = Host.homeDirectory }
        return environment
    }

    /// Where policies are, unless an option says otherwise: of root those of the machine, of others their own.
    func policyFolder() throws -> [UInt8] {
        if let policies { return policies }
        return Host.isRoot ? Array("/etc/vault".utf8) : try folders(cache: nil).config
    }

    /// Where this client keeps things. `cache` overrules what the variables say about caches.
    func folders(cache: [UInt8]?) throws -> LocalFolders {
        let name = Array("/vault".utf8)
        guard let config = configHome ?? home.map({ $0 + Array("/.config".utf8) }),
            let cache = cache ?? cacheDirectory
                ?? (cacheHome ?? home.map { $0 + Array("/.cache".utf8) }).map({ $0 + name })
        else {
            throw VaultError(
                .usage, "There is no home directory to keep identities in",
                nextStep: "Set HOME, or XDG_CONFIG_HOME and XDG_CACHE_HOME")
        }
        return LocalFolders(config: config + name, cache: cache)
    }
}
