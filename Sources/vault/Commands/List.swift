internal import ArgumentParser
internal import VaultBackup

/// `vault ls`
struct ListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List what is in a snapshot.",
        discussion: """
            A snapshot is 'latest', 'latest:SYSTEM', or at least four digits of an id. Bytes of names that cannot be \
            shown are written as \\xHH. With --json there is one line for each entry.

            Examples:
              vault ls latest
              vault ls latest:/etc --recursive
              vault ls latest:/etc --long --json
            """)

    @Argument(
        help: ArgumentHelp("A snapshot, or a path in one.", valueName: "snapshot[:path]"),
        completion: Completions.snapshot)
    var what: PathArgument

    @Flag(name: [.customShort("R"), .long], help: "Everything below the path.")
    var recursive = false

    @Flag(name: .shortAndLong, help: "With mode, owner, size and time.")
    var long = false

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let what = try SnapshotPath(self.what.bytes)
        let access = try context.readAccess(repository, .list, reading)
        let console = context.console
        try Listing.run(what, recursive: recursive, with: access) { path, entry in
            try context.cancellation.check()
            if console.isJSON {
                try console.result("ls", EntryText.json(path, entry))
            } else {
                try console.line(long ? EntryText.longLine(path, entry) : "/" + PathText.readable(path))
            }
        }
        return .done
    }
}
