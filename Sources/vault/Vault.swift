internal import ArgumentParser
internal import Glibc
internal import VaultBackup

/// The program `vault`.
@main
struct Vault: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract: "Encrypted backups that are proven to restore.",
        version: Version.text,
        // These stand on the first page, in this order.
        subcommands: [
            InitCommand.self, BackupCommand.self, SnapshotsCommand.self, RestoreCommand.self, VerifyCommand.self,
            DrillCommand.self, StatusCommand.self, ScheduleCommand.self,
        ],
        groupedSubcommands: [
            CommandGroup(name: "Databases", subcommands: [DatabaseCommand.self]),
            CommandGroup(name: "Policies", subcommands: [SystemCommand.self, RunCommand.self]),
            CommandGroup(
                name: "Looking into snapshots",
                subcommands: [
                    ListCommand.self, FindCommand.self, DiffCommand.self, CatCommand.self, DumpCommand.self,
                ]),
            CommandGroup(
                name: "Letting go",
                subcommands: [ForgetCommand.self, HoldCommand.self, ReleaseCommand.self, PruneCommand.self]),
            CommandGroup(name: "Proof", subcommands: [ReportCommand.self, AuditCommand.self, LogCommand.self]),
            CommandGroup(
                name: "Administration",
                subcommands: [
                    RepairCommand.self, AccessCommand.self, ApproveCommand.self, CopyCommand.self,
                    IdentityCommand.self, RecoverCommand.self, RecoveryKitCommand.self,
                    CompletionCommand.self,
                ]),
        ])

    static func main() {
        Host.prepareProcess()
        Scrypt.useHugePages()
        Signals.install()
        Glibc.exit(run(ArgumentText.ofProcess(), .ofProcess()).rawValue)
    }

    /// Parses, runs and reports; returns the exit status.
    private static func run(_ arguments: [String], _ environment: Environment) -> ExitStatus {
        var console = Console(isColourWanted: environment.isColourWanted, isDumb: environment.isTerminalDumb)
        let cancellation = Cancellation(or: { Signals.received != nil })
        do {
            try ArgumentText.expectArguments()
            if let page = HelpPages.page(arguments, columns: console.width) { return console.page(page) }
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
            if let command = command as? any PageCommand { return console.page(try command.page()) }
            try command.run()
            return .done
        } catch let exit as ParserExit {
            return exit.status
        } catch {
            // A command that only groups others answers with its help page.
            if exitCode(for: error) == .success { return help(error, console) }
            // What a signal breaks (a command that gets it too, a wait) is a consequence, not the cause.
            let shown = cancellation.isCancelled ? interrupted(error) : error
            return console.report(shown)
        }
    }

    private static func help(_ error: any Error, _ console: Console) -> ExitStatus {
        console.page(HelpPages.fitting(fullMessage(for: error), columns: console.width))
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
        do {
            // The parser shows the first page for a name that it does not know.
            if arguments.first == "help", let failure = NearMatch.unknownCommand(arguments) { throw failure }
            return try parseAsRoot(arguments)
        } catch let failure as VaultError {
            throw failure
        } catch {
            if exitCode(for: error) == .success { throw ParserExit(status: help(error, console)) }
            // The parser ends its text with the name of the help page.
            let lines = fullMessage(for: error).split(separator: "\n").map(String.init)
            let page = lines.last { $0.contains("--help") }?.split(separator: "'").dropFirst().first ?? "vault --help"
            var console = console
            console.isJSON = arguments.prefix { $0 != "--" }.contains("--json")
            let failure = NearMatch.unknownCommand(arguments) ?? usage(ArgumentText.readable(message(for: error)), page)
            throw ParserExit(status: console.report(failure))
        }
    }

    /// The parser's sentence; what it thinks was meant belongs to the next step.
    private static func usage(_ message: String, _ page: some StringProtocol) -> VaultError {
        let mark = ". Did you mean "
        guard let place = message.firstRange(of: mark) else {
            return VaultError(.usage, message.withoutFullStop, nextStep: "See '\(page)'")
        }
        let meant = message[place.lowerBound...].dropFirst(2)
        return VaultError(.usage, String(message[..<place.lowerBound]), nextStep: "\(meant) See '\(page)'")
    }
}

/// A command that writes a page for the user or for another program, and does nothing.
protocol PageCommand: ParsableCommand {
    /// The page.
    func page() throws -> String
}

/// A command: parse, make a request, run one operation, render its result.
protocol VaultCommand: ParsableCommand {
    /// The options that all commands have.
    var global: GlobalOptions { get }
    /// Does it; what it throws is reported by the caller.
    func run(in context: Context) throws -> ExitStatus
}
