internal import ArgumentParser
internal import VaultBackup

/// `vault hold`
struct HoldCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Keep a snapshot from being forgotten.",
        discussion: """
            A held snapshot is not forgotten, by no rule and by nobody, until the hold is released: after the time of \
            --until by a record (vault release), before it by an order of the administrators. No clock ends a hold by \
            itself. A machine may hold snapshots of its own systems, without a passphrase.

            Example:
              vault hold latest --reason 'case 17/26' --until 2036-12-31
            """)

    @Argument(help: ArgumentHelp("The snapshot.", valueName: "snapshot"), completion: Completions.snapshot)
    var snapshot: TextArgument

    @Option(help: ArgumentHelp("Why; everybody can read it.", valueName: "text"))
    var reason: TextArgument

    @Option(
        help: ArgumentHelp(
            "When it may be released without an order: a date (UTC), or from now, such as 90d; never without it.",
            valueName: "date"))
    var until: UntilArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if reason.text.isEmpty { throw ValidationError("--reason must not be empty") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        _ = try Snapshots.find(snapshot.text, in: opened)
        let access = try context.signingAccess(opened, .write, repository, client)
        let (snapshot, hold) = try Holds.hold(
            snapshot.text, reason: reason.text, until: until?.time, with: access)
        if context.console.isJSON {
            try context.console.result(
                "hold",
                [("snapshot", .object(SnapshotText.json(snapshot))), ("hold", .object(SnapshotText.json(hold)))])
        } else {
            let end = hold.until.map { "until \(Units.minute($0)) UTC" } ?? "until an order releases it"
            try context.console.line("Held \(snapshot.id.hex.prefix(8)) of \(snapshot.system.shown) \(end)")
        }
        return .done
    }
}

/// `vault release`
struct ReleaseCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "End what holds a snapshot.",
        discussion: """
            Ends all holds of the snapshot. One whose time is over ends by a record of a maintainer, another by an order \
            of the administrators.

            Examples:
              vault hold latest --reason 'case 17/26'
              vault release latest --reason 'case closed'
            """)

    @Argument(help: ArgumentHelp("The snapshot.", valueName: "snapshot"), completion: Completions.snapshot)
    var snapshot: TextArgument

    @Option(help: ArgumentHelp("Why; everybody can read it.", valueName: "text"))
    var reason: TextArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        _ = try Snapshots.find(snapshot.text, in: opened)
        let access = try context.signingAccess(opened, .maintain, repository, client)
        let (snapshot, released) = try Holds.release(snapshot.text, reason: reason?.text ?? "", with: access)
        if context.console.isJSON {
            let holds = released.map { released in
                JSON.object(SnapshotText.json(released.hold) + ForgetText.json(released.approvals))
            }
            try context.console.result(
                "release", [("snapshot", .object(SnapshotText.json(snapshot))), ("holds", .array(holds))])
            return .done
        }
        for released in released {
            let order = released.approvals.map { ", by order: \(ForgetText.words($0))" } ?? ""
            let isReleased = released.approvals?.isCarriedOut ?? true
            try context.console.line(
                "\(isReleased ? "Released" : "Not yet released") \(snapshot.id.hex.prefix(8)), held for "
                    + "'\(released.hold.reason.shown)'\(order)")
        }
        return .done
    }
}
