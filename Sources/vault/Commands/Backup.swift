internal import ArgumentParser
internal import VaultBackup

/// `vault backup`
struct BackupCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Make a snapshot of files, of a stream or of a program's output.",
        discussion: """
            Asks nothing: this machine's identity has no passphrase. What could not be read is named, the rest is in \
            the snapshot, and the exit status is 3. A run that was interrupted is taken up by the next one.

            Examples:
              vault backup /etc
              vault backup /etc --system web --tag nightly
              vault backup /etc --description "before the merger" --one-file-system
              echo hello | vault backup --stdin-name hello.txt
              vault backup --command kernel.txt -- uname -a
            """)

    @Argument(help: ArgumentHelp("Files and directories, or the program and its arguments.", valueName: "path"))
    var paths: [PathArgument] = []

    @Option(help: ArgumentHelp("The system that the snapshot is of; without it the host name.", valueName: "name"))
    var system: TextArgument?

    @Option(name: .customLong("tag"), parsing: .singleValue, help: "A public word to find it by, any number.")
    var tags: [TextArgument] = []

    @Option(help: ArgumentHelp("Your words about it, for readers of the content only.", valueName: "text"))
    var description: TextArgument?

    @Option(help: ArgumentHelp("Save the input as a file of this name.", valueName: "name"))
    var stdinName: PathArgument?

    @Option(help: ArgumentHelp("Save the output of a program as a file of this name.", valueName: "name"))
    var command: PathArgument?

    @Option(help: "How hard to compress; auto without it.")
    var compression: CompressionArgument?

    @Flag(help: "Do not go into other file systems.")
    var oneFileSystem = false

    @Flag(help: "Read every file, also those that look unchanged.")
    var rescan = false

    @Option(help: ArgumentHelp("Threads; without it one for each processor.", valueName: "count"))
    var workers: Int?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if stdinName != nil, command != nil { throw ValidationError("Give --stdin-name or --command, not both") }
        if stdinName != nil, !paths.isEmpty { throw ValidationError("With --stdin-name there are no paths") }
        if stdinName == nil, command == nil, paths.isEmpty { throw ValidationError("Give the paths to back up") }
        if command != nil, paths.isEmpty { throw ValidationError("Give the program after '--command NAME --'") }
        if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers is a number from 1 to 1024") }
        if stdinName != nil || command != nil, oneFileSystem || rescan {
            throw ValidationError("--one-file-system and --rescan are for paths")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let access = try context.writeAccess(repository)
        let progress = ProgressRenderer(context.console, "Saving")
        let system = system?.text ?? Self.defaultSystem(access.member)
        let result: BackupResult
        do {
            defer { progress.end() }
            result = try Backup.run(
                request(system), with: access, events: progress, cancellation: context.cancellation)
        }
        try render(result, system, context.console)
        return result.problemCount == 0 ? .done : .incompleteSources
    }

    /// The one system that a machine is for, else the name of this host.
    private static func defaultSystem(_ member: Member) -> String {
        if member.systems.count == 1, member.systems[0] != Member.anySystem { return member.systems[0] }
        return Host.name.isEmpty ? "host" : Host.name
    }

    private func request(_ system: String) throws -> BackupRequest {
        var request =
            if let stdinName {
                try BackupRequest.standardInput(name: stdinName.bytes, system: system)
            } else if let command {
                try BackupRequest.command(
                    name: command.bytes, program: paths[0].bytes, arguments: paths.dropFirst().map(\.bytes),
                    system: system)
            } else {
                BackupRequest(paths: paths.map(\.bytes), system: system)
            }
        request.tags = tags.map(\.text)
        request.description = description?.text ?? ""
        request.options.compression = compression?.level ?? .auto
        request.options.oneFileSystem = oneFileSystem
        request.options.ignoreScanCache = rescan
        request.options.workers = workers ?? 0
        return request
    }

    private func render(_ result: BackupResult, _ system: String, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "backup",
                [
                    ("snapshot", .string(result.snapshot.hex)), ("position", .integer(result.position)),
                    ("system", .string(system)), ("entries", .integer(result.entries)),
                    ("bytes", .integer(result.bytes)),
                    ("newBytes", .integer(result.newBytes)), ("storedBytes", .integer(result.storedBytes)),
                    ("seconds", .seconds(result.nanoseconds)), ("problemCount", .integer(result.problemCount)),
                    ("problems", .problems(result.problems)),
                ])
        }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add("Snapshot", String(result.snapshot.hex.prefix(8)))
        facts.add("System", system.shown)
        facts.add("Entries", Units.count(result.entries))
        facts.add("Content", "\(Units.bytes(result.bytes)), \(Units.bytes(result.newBytes)) of it new")
        facts.add("Stored", Units.bytes(result.storedBytes))
        let rate = Units.rate(result.bytes, result.nanoseconds).map { ", " + $0 } ?? ""
        facts.add("Time", Units.duration(result.nanoseconds) + rate)
        if result.problemCount > 0 { facts.add("Problems", Units.count(result.problemCount)) }
        try console.write(facts)
    }
}

/// A compression level as an argument.
struct CompressionArgument: ExpressibleByArgument, Sendable {
    let level: CompressionLevel

    init?(argument: String) {
        guard let level = CompressionLevel(rawValue: argument) else { return nil }
        self.level = level
    }

    static var allValueStrings: [String] { CompressionLevel.allCases.map(\.rawValue) }
}
