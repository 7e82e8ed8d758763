internal import ArgumentParser
internal import VaultBackup

/// `vault copy promote`
struct CopyPromoteCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Make a copy the repository, when the original is lost.",
        discussion: """
            From then on the copy may be written, and this user takes it for the repository; a signed record says so. \
            The original must not be written any more: the two are different histories from then on, and who has seen \
            newer records of the original is refused (exit status 14) until they promote it too, which needs an \
            identity with the role administer.

            Examples:
              vault copy --to /tmp/disk
              vault copy promote -r /tmp/disk --reason 'fire in the server room'
            """)

    @Option(help: ArgumentHelp("Why, for the log.", valueName: "text"))
    var reason: TextArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if repository.repository == nil { throw ValidationError("Name the copy with -r") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let location = try context.location(repository, client)
        let report = try Promote.run(location, reason: reason?.text ?? "", client: client) { opened in
            try context.identity(for: opened, .administer, repository, client)
        }
        let console = context.console
        if report.recordsLost > 0 {
            console.warning(
                "\(Units.count(report.recordsLost, "record", "records")) that this user has seen in the original "
                    + "\(report.recordsLost == 1 ? "is" : "are") not in it")
        }
        if report.packsMissing > 0 {
            console.warning(
                "\(Units.count(report.packsMissing, "pack is", "packs are")) missing in it: see 'vault verify'")
        }
        console.warning("The original must not be written any more: from now on it is another history")
        if console.isJSON {
            try console.result(
                "copy-promote",
                JSON.path("location", location) + [
                    ("copy", .string(report.copy.id.hex)), ("name", .string(report.copy.name)),
                    ("position", .integer(report.position)), ("snapshots", .integer(report.snapshots)),
                    ("recordsLost", .integer(report.recordsLost)), ("packsMissing", .integer(report.packsMissing)),
                ])
            return .done
        }
        if console.isQuiet { return .done }
        var facts = Facts()
        facts.add("Promoted", "'\(report.copy.name.shown)' at \(PathText.readable(location))")
        facts.add("Record", String(report.position))
        facts.add("Snapshots", Units.count(report.snapshots))
        try console.write(facts)
        return .done
    }
}
