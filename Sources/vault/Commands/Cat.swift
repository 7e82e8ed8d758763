internal import ArgumentParser
internal import VaultBackup

/// `vault cat`
struct CatCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "Write the content of a file in a snapshot to the output.",
        discussion: """
            Every piece is checked before it is written. At the first that is damaged the output ends, and the exit \
            status is 23.

            Examples:
              vault cat latest:/etc/passwd
              vault cat latest:/etc/passwd | sha256sum
            """)

    @Argument(help: ArgumentHelp("A file in a snapshot.", valueName: "snapshot:path"), completion: Completions.snapshot)
    var what: PathArgument

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let what = try SnapshotPath(self.what.bytes)
        let access = try context.readAccess(repository, .cat, reading)
        let output = try RawOutput(console: context.console, isText: true)
        do {
            try Content.read(what, with: access, cancellation: context.cancellation, output.write)
        } catch let error as VaultError {
            // What came before is right.
            try output.flush()
            throw error
        }
        try output.flush()
        return .done
    }
}
