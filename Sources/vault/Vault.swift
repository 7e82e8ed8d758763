internal import ArgumentParser
internal import Glibc
internal import VaultBackup

/// The program `vault`.
@main
struct Vault: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract: "Encrypted backups that are proven to restore.",
        discussion: """
            Examples:
              vault init /mnt/backup
              vault backup /etc
              vault snapshots
              vault restore latest:/etc --target /tmp/etc

            \(ExitStatus.help)
            """,
        version: Version.text,
        subcommands: [
            InitCommand.self, BackupCommand.self, SnapshotsCommand.self, RestoreCommand.self, VerifyCommand.self,
            DrillCommand.self, StatusCommand.self,
        ],
        groupedSubcommands: [
            CommandGroup(
                name: "More",
                subcommands: [
                    ListCommand.self, FindCommand.self, DiffCommand.self, CatCommand.self, DumpCommand.self,
                    IdentityCommand.self,
                ])
        ])

    static func main() {
        Host.prepareProcess()
        Signals.install()
        Glibc.exit(run(ArgumentText.ofProcess(), .ofProcess()).rawValue)
    }

    /// Parses, runs and reports; returns the exit status.
    private static func run(_ arguments: [String], _ environment: Environment) -> ExitStatus {
        var console = Console(isColourWanted: environment.isColourWanted)
        let cancellation = Cancellation(or: { Signals.received != nil })
        do {
            var command = try parse(arguments, console)
            if let command = command as? any VaultCommand {
                console.isJSON = command.global.json
                console.isQuiet = command.global.quiet
                let context = Context(
                    environment: environment, options: command.global, console: console, cancellation: cancellation)
                let status = try command.run(in: context)
                try console.flush()
                return status
            }
            try command.run()
            return .done
        } catch let exit as ParserExit {
            return exit.status
        } catch {
            // A command that only groups others answers with its help page.
            if exitCode(for: error) == .success { return console.page(fullMessage(for: error)) }
            // What a signal breaks (a command that gets it too, a wait) is a consequence, not the cause.
            let shown = cancellation.isCancelled ? interrupted(error) : error
            return console.report(shown)
        }
    }

    private static func interrupted(_ error: any Error) -> any Error {
        if let error = error as? VaultError, error.code == .interrupted { return error }
        return VaultError(.interrupted, "The work was interrupted", nextStep: "Run the same command again to go on")
    }

    private struct ParserExit: Error {
        let status: ExitStatus
    }

    /// The command that the arguments mean. Help pages and wrong arguments are dealt with here.
    private static func parse(_ arguments: [String], _ console: Console) throws -> any ParsableCommand {
        do { return try parseAsRoot(arguments) } catch {
            if exitCode(for: error) == .success { throw ParserExit(status: console.page(fullMessage(for: error))) }
            // The parser ends its text with the name of the help page.
            let lines = fullMessage(for: error).split(separator: "\n").map(String.init)
            let page = lines.last { $0.contains("--help") }?.split(separator: "'").dropFirst().first ?? "vault --help"
            var console = console
            console.isJSON = arguments.contains("--json")
            throw ParserExit(
                status: console.report(
                    VaultError(
                        .usage, ArgumentText.readable(message(for: error)).withoutFullStop,
                        nextStep: "See '\(page)'")))
        }
    }
}

/// A command: parse, make a request, run one operation, render its result.
protocol VaultCommand: ParsableCommand {
    /// The options that all commands have.
    var global: GlobalOptions { get }
    /// Does it; what it throws is reported by the caller.
    func run(in context: Context) throws -> ExitStatus
}
