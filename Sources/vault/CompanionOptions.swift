internal import ArgumentParser
internal import VaultBackup

/// What goes with a backup of files: databases in the same snapshot, and programs around it.
struct CompanionOptions: ParsableArguments {
    @Option(
        name: .customLong("database"), parsing: .singleValue,
        help: ArgumentHelp("A database that goes into the same snapshot, any number.", valueName: "engine:name"))
    var databases: [DatabaseArgument] = []

    @OptionGroup
    var server: DatabaseDumpOptions

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A shell command to run before, any number; if it fails, there is no snapshot.", valueName: "command"
        ))
    var before: [TextArgument] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A shell command to run after, any number, whatever came before.", valueName: "command"))
    var after: [TextArgument] = []

    /// Whether one of them was given.
    var isUsed: Bool { !databases.isEmpty || !before.isEmpty || !after.isEmpty }

    /// The commands, for the shell.
    var hooks: PolicyHooks {
        var hooks = PolicyHooks()
        hooks.before = before.map { Self.shell($0.text) }
        hooks.after = after.map { Self.shell($0.text) }
        return hooks
    }

    private static func shell(_ command: String) -> [[UInt8]] {
        ["/bin/sh", "-c", command].map { Array($0.utf8) }
    }

    func validate() throws {
        guard databases.isEmpty, server.isUsed else { return }
        throw ValidationError("--no-capture, --no-globals, --defaults-file and --silence go with --database")
    }
}
