internal import ArgumentParser
internal import VaultBackup

/// `vault dump`
struct DumpCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Write a snapshot, or a part of it, as a tar archive to the output.",
        discussion: """
            Names in the archive begin with './' and count from the path. Owners, times, links, devices and extended \
            attributes are in it; sockets are not. What is damaged is named, and the exit status is 23.

            Examples:
              vault dump latest:/etc > /tmp/etc.tar
              vault dump latest:/etc | tar --list
            """)

    /// Forms of archives.
    enum Archive: String, ExpressibleByArgument, CaseIterable { case tar }

    @Argument(
        help: ArgumentHelp("A snapshot, or a path in one.", valueName: "snapshot[:path]"),
        completion: Completions.snapshot)
    var what: PathArgument

    @Option(help: "The form of the archive.")
    var archive = Archive.tar

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let what = try SnapshotPath(self.what.bytes)
        let console = context.console
        // Before a passphrase is asked for.
        let output = try RawOutput(console: console, isText: false)
        let access = try context.readAccess(repository, .dump, reading)
        let progress = ProgressRenderer(console, "Writing")
        let result = try progress.ending {
            let result = try Dump.tar(
                what, with: access, events: progress, cancellation: context.cancellation, output.write)
            try output.flush()
            return result
        }
        if console.isJSON {
            // The output belongs to the archive.
            console.message(
                "dump",
                [
                    ("snapshot", .string(result.snapshot.hex)), ("entries", .integer(result.entries)),
                    ("bytes", .integer(result.bytes)), ("sockets", .integer(result.sockets)),
                    ("problemCount", .integer(result.problemCount)), ("problems", .problems(result.problems)),
                ])
        }
        if result.sockets > 0 {
            console.notice(
                "\(Units.count(result.sockets, "socket is", "sockets are")) not in the archive, which cannot hold them")
        }
        guard result.problemCount > 0 else { return .done }
        console.warning("The archive is not complete: \(Units.count(result.problemCount, "problem", "problems"))")
        return .damaged
    }
}
