internal import ArgumentParser
internal import VaultBackup

/// Where policies are, for the commands that read them.
struct PolicyOptions: ParsableArguments {
    @Option(
        name: .customLong("policies"),
        help: ArgumentHelp(
            "Read policies from this directory; without it /etc/vault for root, ~/.config/vault for others.",
            valueName: "dir"))
    var directory: PathArgument?

    /// The directory.
    func folder(_ context: Context) throws -> [UInt8] { try directory?.bytes ?? context.environment.policyFolder() }

    /// All policies that can be carried out, and what is wrong with any.
    func load(in context: Context) throws -> (policies: [SystemPolicy], problems: [PolicyProblem]) {
        try PolicyFiles.load(folder(context), remembered: Self.remembered(context))
    }

    /// The policies, for commands that also work without any; what is wrong with one is a warning.
    func known(in context: Context) throws -> [SystemPolicy] {
        let loaded = try load(in: context)
        for problem in loaded.problems where problem.isError { context.console.warning(problem.description) }
        return loaded.policies
    }

    /// The systems that the repository at a place must have by these policies.
    func expected(_ known: [SystemPolicy], _ location: [UInt8], _ context: Context) -> [String] {
        known.systems(at: location, remembered: Self.remembered(context))
    }

    /// The same with where each comes from. Of the files, or without any of the directory.
    func read(_ files: [[UInt8]] = [], in context: Context) throws -> PolicySet {
        let folder = try folder(context)
        let remembered = Self.remembered(context)
        if files.isEmpty { return try PolicyFiles.read(folder, remembered: remembered) }
        return try PolicyFiles.read(files, folder, remembered: remembered)
    }

    /// The repository that is meant where a policy names none.
    private static func remembered(_ context: Context) -> [UInt8]? {
        context.environment.repository ?? ((try? context.client())?.rememberedRepository() ?? nil)
    }
}
