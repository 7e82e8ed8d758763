internal import ArgumentParser
internal import VaultBackup

/// `vault drill list`
struct DrillListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the drills on record, the latest last.",
        discussion: """
            Asks nothing: what it shows is public to whoever can read the repository.

            Examples:
              vault drill list
              vault drill list --system web --json
            """)

    @Option(help: ArgumentHelp("Only those of this system.", valueName: "name"))
    var system: TextArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let drills = Drills.list(try context.repository(repository), system: system?.text)
        let console = context.console
        if console.isJSON {
            try console.result("drills", [("drills", .array(drills.map { .object(DrillText.json($0)) }))])
        } else if drills.isEmpty {
            console.notice("There is no drill on record\(system.map { " of '\($0.text.shown)'" } ?? "")")
        } else {
            for line in DrillText.table(drills).lines(width: console.width) { try console.line(line) }
        }
        return .done
    }
}

/// `vault drill show`
struct DrillShowCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a drill, after its evidence was checked.",
        discussion: """
            Needs no key. The evidence must be there, have the bytes that the log says, be signed by who ran the \
            drill, and be about the snapshot that the log says; otherwise the exit status is 23.

            Examples:
              vault drill show
              vault drill show latest --json
            """)

    @Argument(help: ArgumentHelp("A drill; without it the latest.", valueName: "drill"))
    var drill: TextArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let opened = try context.repository(repository)
        let proof = try Drills.show(drill?.text ?? "latest", in: opened)
        if context.console.isJSON {
            try context.console.result(
                "drill", DrillText.json(proof.info) + [("evidence", .object(DrillText.json(proof.evidence)))])
        } else {
            try context.console.write(DrillText.facts(proof))
        }
        return .done
    }
}

/// `vault drill export`
struct DrillExportCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the evidence of a drill, and what checking it takes, into files.",
        discussion: """
            Four files: the signed evidence (.intoto.jsonl), the public key of who signed it (.pem), and the records \
            of the drill and of its snapshot. docs/DRILLS.md says how openssl alone checks them. Nothing is replaced.

            Example:
              vault drill export latest --output .
            """)

    @Argument(help: ArgumentHelp("A drill; without it the latest.", valueName: "drill"))
    var drill: TextArgument?

    @Option(name: .shortAndLong, help: ArgumentHelp("The directory to write into.", valueName: "dir"))
    var output: PathArgument

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let opened = try context.repository(repository)
        let files = try Drills.export(drill?.text ?? "latest", in: opened)
        let paths = try NewFiles.write(files.map { ($0.name, $0.bytes) }, into: output.bytes)
        if context.console.isJSON {
            try context.console.result(
                "drill-export", [("files", .array(paths.map { .object(JSON.path("path", $0)) }))])
        } else if !context.console.isQuiet {
            for path in paths { try context.console.line(PathText.readable(path)) }
        }
        return .done
    }
}
