internal import ArgumentParser
internal import VaultBackup

/// `vault report`
struct ReportCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a report, minutes of a drill or backup, or a journal.",
        discussion: """
            Needs no key: everything in it is public to whoever can read the repository. The report is one HTML page \
            that needs neither network nor script and prints on A4: for each system a timeline of backups and drills, \
            RPO and RTO against what was asked, what is proven since when; copies, holds, members, findings, and at \
            its foot how to check it. Minutes (bien ban) of a drill or of a backup, and the journal of backups, have \
            the fields of the archive circular; what only a person knows is a dotted line. With --output, \
            FILE.sha256 is written beside FILE, for 'sha256sum -c'. The exit status says whether it was written; what \
            it found is told by 'vault status'.

            Examples:
              vault report --output /tmp/report.html
              vault report --language vi --period 90d --output /tmp/bao-cao.html
              vault report --form minutes --language vi
              vault report --form backup-minutes --snapshot latest --language vi
              vault report --form journal --format html --output /tmp/journal.html
            """)

    /// What is written. The raw values are the words of the option.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case report, minutes, journal
        case backupMinutes = "backup-minutes"
    }
    /// How it is written.
    enum Format: String, ExpressibleByArgument, CaseIterable { case html, text }

    @Option(help: "What to write.")
    var form = Form.report

    @Option(help: "How to write minutes or a journal; a report is HTML. Without it, text.")
    var format: Format?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write into this file, and its digest beside it.", valueName: "file"))
    var output: PathArgument?

    @Option(help: ArgumentHelp("Only this system.", valueName: "name"))
    var system: TextArgument?

    @Option(help: ArgumentHelp("The drill of the minutes; without it the latest.", valueName: "drill"))
    var drill: TextArgument?

    @Option(help: ArgumentHelp("The snapshot of the backup minutes; without it the latest.", valueName: "snapshot"))
    var snapshot: TextArgument?

    @Option(
        help: ArgumentHelp(
            "How far back it goes, such as 90d or 52w; without it 365d, for a journal 31d.", valueName: "age"))
    var period: AgeArgument?

    @OptionGroup(title: "Policies")
    var policies: PolicyOptions

    @OptionGroup(title: "Language")
    var words: LanguageOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if form == .report, format == .text { throw ValidationError("A report is HTML; --format text is for forms") }
        if drill != nil, form != .minutes { throw ValidationError("--drill goes with --form minutes") }
        if snapshot != nil, form != .backupMinutes {
            throw ValidationError("--snapshot goes with --form backup-minutes")
        }
        if snapshot != nil, system != nil { throw ValidationError("A snapshot has its system: give one of the two") }
        if period != nil, form == .minutes || form == .backupMinutes {
            throw ValidationError("--period does not go with --form \(form.rawValue)")
        }
        if let period, period.seconds < 3_600 { throw ValidationError("--period is an hour at least") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let console = context.console
        guard !console.isJSON || output != nil else {
            throw VaultError(.usage, "The page itself is no JSON", nextStep: "Name a file with --output")
        }
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let language = words.language(in: context)
        let bytes = try content(opened, client, language, context)
        guard let output else {
            try console.line(String(decoding: bytes.last == 0x0a ? bytes.dropLast() : bytes[...], as: UTF8.self))
            return .done
        }
        let digest = SHA256.digest(bytes)
        let digestFile = PathArgument(bytes: output.bytes + Array(".sha256".utf8))
        try LocalFile.write(bytes, to: output)
        try LocalFile.write(
            Self.line(digest, output.bytes.split(separator: 0x2f).last.map(Array.init) ?? output.bytes), to: digestFile)
        if console.isJSON {
            try console.result(
                "report",
                [("form", .string(form.rawValue)), ("language", .string(language.rawValue))]
                    + JSON.path("file", output.bytes) + JSON.path("digestFile", digestFile.bytes)
                    + [
                        ("sha256", .string(digest.hex)), ("bytes", .integer(bytes.count)),
                        ("repository", .string(opened.id.hex)), ("position", .integer(opened.state.head)),
                        ("headSHA256", .string(opened.state.headDigest.hex)),
                    ])
        } else if !console.isQuiet {
            try console.line("\(output.shown): \(Units.bytes(bytes.count)), SHA-256 \(digest.hex)")
        }
        return .done
    }

    private func content(
        _ opened: Repository, _ client: Client, _ language: Language, _ context: Context
    ) throws -> [UInt8] {
        let zone = Host.localTimeZone
        let copies = Copy.list(opened, client: client)
        switch form {
        case .report:
            var request = RecoveryReportRequest()
            request.system = system?.text
            if let period { request.periodSeconds = period.seconds }
            let known = try policies.known(in: context)
            request.take(known)
            if system == nil {
                request.expected = try policies.expected(known, context.location(repository, client), context)
            }
            var report = try RecoveryReport(request, opened, client: client)
            try report.assess(known, profiles: policies.folder(context), language: language)
            return ReportPage(report, language, zone: zone).html()
        case .minutes:
            let proof = try Drills.show(try drillID(opened), in: opened)
            let office = try office(of: proof.evidence.system, context)
            return written(
                DrillMinutes.document(proof, in: opened, copies: copies, office: office, language, zone: zone))
        case .backupMinutes:
            let name = snapshot?.text ?? system.map { "latest:\($0.text)" } ?? "latest"
            let office = try office(of: Snapshots.find(name, in: opened).system, context)
            return written(
                try BackupMinutes.document(
                    of: name, in: opened, copies: copies, office: office, language, zone: zone))
        case .journal:
            let now = client.now
            let age = Int64(period?.seconds ?? 31 * 86_400) * 1_000
            let since = Timestamp(milliseconds: now.milliseconds - age)
            return written(
                try BackupJournal.document(
                    of: opened, since: since, system: system?.text, copies: copies, now: now,
                    office: office(of: system?.text, context), language, zone: zone))
        }
    }

    private func office(of system: String?, _ context: Context) throws -> FormOffice {
        FormOffice(try policies.known(in: context), system: system)
    }

    private func written(_ document: FormDocument) -> [UInt8] {
        format == .html ? document.html() : Array(document.text().utf8)
    }

    private func drillID(_ opened: Repository) throws -> String {
        if let drill { return drill.text }
        guard let system else { return "latest" }
        if let last = Drills.list(opened, system: system.text).last { return last.id.hex }
        throw VaultError(
            .usage, "There is no drill of the system '\(system.text.shown)' on record",
            nextStep: "See 'vault drill list'")
    }

    /// A line as sha256sum writes and reads it; it marks names with a line feed or a backslash.
    private static func line(_ digest: Digest, _ name: [UInt8]) -> [UInt8] {
        var shown: [UInt8] = []
        for byte in name {
            switch byte {
            case 0x0a: shown += Array("\\n".utf8)
            case 0x0d: shown += Array("\\r".utf8)
            case 0x5c: shown += Array("\\\\".utf8)
            default: shown.append(byte)
            }
        }
        return Array((shown == name ? "" : "\\").utf8) + Array("\(digest.hex)  ".utf8) + shown + [0x0a]
    }
}
