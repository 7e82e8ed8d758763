internal import ArgumentParser
internal import VaultBackup

/// `vault drill`
struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Prove that a restore works, and keep signed evidence of it.",
        subcommands: [
            DrillRunCommand.self, DrillListCommand.self, DrillShowCommand.self, DrillExportCommand.self,
        ])
}

/// How the snapshot of a drill is chosen.
struct DrillSelectArgument: ExpressibleByArgument, Sendable {
    let selection: DrillSelection

    init?(argument: String) {
        guard let selection = DrillSelection(rawValue: argument), selection != .named else { return nil }
        self.selection = selection
    }

    static var allValueStrings: [String] { DrillSelection.allCases.filter { $0 != .named }.map(\.rawValue) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// A length of time: `90d`, `36h`, `4w`, `30min`.
struct DurationArgument: ExpressibleByArgument, Sendable {
    let seconds: Int

    init?(argument: String) {
        let units = [("min", 60), ("h", 3_600), ("d", 86_400), ("w", 7 * 86_400)]
        guard let (suffix, factor) = units.first(where: { argument.hasSuffix($0.0) }),
            let count = Int(argument.dropLast(suffix.count)), (1...100_000).contains(count)
        else { return nil }
        seconds = count * factor
    }
}
