internal import ArgumentParser
internal import VaultBackup

/// `vault audit`
struct AuditCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Judge the repository by public keys only.",
        discussion: """
            Needs no secret and no identity. Every record is verified against the roster of its position, every pack \
            of every snapshot is looked for and read, and the log is compared with what is known of it: a trust file \
            (from 'vault log pin --export'), the page of a recovery kit, kept checkpoints, an earlier bundle, or what \
            this user has seen. Without any of these the answer is "not anchored". What was not checked is no pass.

            Exit status: 0 passed, 14 older or other than what was seen, or too old, 21 not proven, 23 damage.

            Examples:
              vault log pin --export vault.trust
              vault audit --trust vault.trust
              vault audit --sample 10 --max-age 36h
              vault audit --bundle audit.tar
              vault audit --previous audit.tar --json
            """)

    @Option(help: ArgumentHelp("What is trusted: a trust file, or the page of a recovery kit.", valueName: "file"))
    var trust: PathArgument?

    @Option(help: ArgumentHelp("A checkpoint that was kept; may be given several times.", valueName: "file"))
    var checkpoint: [PathArgument] = []

    @Option(help: ArgumentHelp("A bundle of an earlier audit that the log must extend.", valueName: "file"))
    var previous: PathArgument?

    @Option(help: ArgumentHelp("Read only this part of the packs, chosen at random.", valueName: "percent"))
    var sample: Double?

    @Option(help: ArgumentHelp("Draw the sample of an earlier audit again.", valueName: "hex"))
    var seed: String?

    @Option(help: ArgumentHelp("Oldest age of the newest snapshot of each system, such as 36h.", valueName: "age"))
    var maxAge: AgeArgument?

    @Option(help: ArgumentHelp("Only snapshots of this system.", valueName: "name"))
    var system: TextArgument?

    @Option(help: ArgumentHelp("Only this snapshot.", valueName: "snapshot"))
    var snapshot: TextArgument?

    @Option(help: ArgumentHelp("Write log and sets, without data, for an audit elsewhere.", valueName: "file"))
    var bundle: PathArgument?

    @Option(help: ArgumentHelp("Judge a bundle instead of a repository.", valueName: "file"))
    var fromBundle: PathArgument?

    @Option(help: ArgumentHelp("Where to write the proof if two histories are found.", valueName: "file"))
    var forkProof: PathArgument?

    @OptionGroup
    var threads: WorkerOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if let sample, !(sample >= 0 && sample <= 100) {
            throw ValidationError("--sample is a number from 0 to 100")
        }
        if let seed, Digest(hex: seed) == nil { throw ValidationError("--seed is 64 hexadecimal digits") }
        if seed != nil, sample == nil { throw ValidationError("--seed needs --sample") }
        if fromBundle != nil, repository.repository != nil {
            throw ValidationError("Give -r or --from-bundle, not both")
        }
        if fromBundle != nil, bundle != nil { throw ValidationError("Give --bundle or --from-bundle, not both") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let request = try request()
        let store: any ObjectStore
        var location: [UInt8]?
        if let fromBundle {
            store = try AuditBundle.open(
                try LocalFile.read(fromBundle, most: PlainArchive.byteCountMax), name: fromBundle.shown)
        } else {
            let named = try context.location(repository, client)
            store = try client.store(at: named)
            location = named
        }
        let progress = ProgressRenderer(context.console, "Auditing")
        let (report, history) = try progress.ending {
            try Audit.run(
                request, store, at: location, client: client, events: progress,
                cancellation: context.cancellation)
        }
        if let bundle { try LocalFile.write(try AuditBundle.make(history, store), to: bundle) }
        var proofFile: PathArgument?
        if let forkProof, let proof = report.forkProof {
            try LocalFile.write(proof, to: forkProof)
            proofFile = forkProof
        }
        if context.console.isJSON {
            try context.console.result("audit", AuditText.json(report, store.location, proofFile))
        } else {
            try AuditText.write(report, store.location, proofFile, isQuiet: context.console.isQuiet, context.console)
        }
        return report.verdict.code.map { ExitStatus($0) } ?? .done
    }

    private func request() throws -> AuditRequest {
        var request = AuditRequest()
        if let trust {
            do {
                request.trust = try TrustFile(decoding: try LocalFile.read(trust, most: TrustFile.byteCountMax))
            } catch let error as FormatError {
                throw VaultError(
                    .usage, "\(trust.shown) is no trust file",
                    nextStep: "Make one with 'vault log pin --export FILE', or name the page of a recovery kit",
                    cause: error)
            }
        }
        request.checkpoints = try checkpoint.map {
            ($0.shown, try LocalFile.read($0, most: SignedNote.byteCountMax))
        }
        if let previous {
            request.previous = try AuditBundle.open(
                try LocalFile.read(previous, most: PlainArchive.byteCountMax), name: previous.shown)
        }
        request.samplePercent = sample
        request.seed = seed.flatMap { Digest(hex: $0) }
        request.ageMax = maxAge?.seconds
        request.system = system?.text
        request.snapshot = snapshot?.text
        request.isBundle = fromBundle != nil
        request.workers = threads.workers ?? 0
        return request
    }
}
