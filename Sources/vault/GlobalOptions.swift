internal import ArgumentParser
internal import VaultBackup

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Flag(help: "Write the result as JSON, and progress and errors as JSON lines.")
    var json = false

    @Flag(name: .shortAndLong, help: "Write only what was asked for, warnings and errors.")
    var quiet = false

    @Option(help: ArgumentHelp("Keep caches in this directory.", valueName: "dir"))
    var cacheDir: PathArgument?

    @Option(help: ArgumentHelp("Take the passphrase from the first line of this file.", valueName: "file"))
    var passphraseFile: PathArgument?

    @Option(
        help: ArgumentHelp(
            "Take the passphrase from the output of this command, which has ten minutes.", valueName: "command"))
    var passphraseCommand: PathArgument?

    @Option(
        name: .customLong("key-file"), parsing: .singleValue,
        help: ArgumentHelp(
            "The key file that your identity needs besides a passphrase; one for each trustee.", valueName: "file"))
    var keyFiles: [PathArgument] = []

    @Option(help: ArgumentHelp("The PKCS#11 module of the token that your identity needs.", valueName: "file"))
    var tokenModule: PathArgument?

    @Option(help: ArgumentHelp("Take the PIN of the token from the first line of this file.", valueName: "file"))
    var tokenPinFile: PathArgument?
}

/// What every command takes that works on a repository.
struct RepositoryOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The repository; without it the one that 'vault init' made.", valueName: "dir"))
    var repository: PathArgument?

    @Option(help: ArgumentHelp("An identity file or a recovery kit to use.", valueName: "file"))
    var identity: PathArgument?
}

/// What commands take that show or restore content.
struct ReadingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Why you read; it stands in the log and is public.", valueName: "text"))
    var reason: TextArgument?
}

/// What commands take that do their work on several threads.
struct WorkerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Threads; without it one for each processor.", valueName: "count"))
    var workers: Int?

    func validate() throws {
        if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers is a number from 1 to 1024") }
    }
}

/// What commands take that write or ask in the language of their user.
struct LanguageOptions: ParsableArguments {
    @Option(
        name: .customLong("language"),
        help: ArgumentHelp("en or vi; without it the one of LC_ALL, LC_MESSAGES or LANG.", valueName: "language"))
    var chosen: LanguageArgument?

    /// The language to use.
    func language(in context: Context) -> Language { chosen?.language ?? context.environment.language }
}

/// A language by its code.
struct LanguageArgument: ExpressibleByArgument {
    let language: Language

    init?(argument: String) {
        guard let language = Language(rawValue: argument) else { return nil }
        self.language = language
    }

    static var allValueStrings: [String] { Language.allCases.map(\.rawValue) }
}
