internal import ArgumentParser
internal import VaultBackup

/// How prune goes about it.
struct PruneOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Compact packs until no more than this part, or so many bytes, is unused; 5% if not given.",
            valueName: "limit"))
    var maxUnused: UnusedArgument?

    @Option(help: ArgumentHelp("Read at most so many bytes of packs to compact them.", valueName: "bytes"))
    var maxRepackSize: SizeArgument?

    @Option(
        help: ArgumentHelp(
            "Delete packs only this long after they were given up, by a later run; for restores of snapshots that are "
                + "forgotten meanwhile.", valueName: "age"))
    var delay: AgeArgument?

    @Option(
        help: ArgumentHelp(
            "Keep what a backup stored that did not end, for its next run, up to this age; 7d if not given.",
            valueName: "age"))
    var keepUnfinished: AgeArgument?

    /// The request that they are.
    var request: PruneRequest {
        var request = PruneRequest()
        if let maxUnused { request.maxUnused = maxUnused.limit }
        request.maxRepackBytes = maxRepackSize?.byteCount
        if let delay { request.delay = delay.seconds }
        if let keepUnfinished { request.keepUnfinished = keepUnfinished.seconds }
        return request
    }

    /// Whether one of them was given.
    var isUsed: Bool { maxUnused != nil || maxRepackSize != nil || delay != nil || keepUnfinished != nil }
}

/// What may stay unused as an argument: `10%`, or bytes such as `500M`.
struct UnusedArgument: ExpressibleByArgument, Sendable {
    let limit: UnusedLimit

    init?(argument: String) {
        if argument.hasSuffix("%") {
            guard let percent = Double(argument.dropLast()), (0...100).contains(percent) else { return nil }
            limit = .percent(percent)
        } else {
            guard let size = SizeArgument(argument: argument) else { return nil }
            limit = .bytes(size.byteCount)
        }
    }
}
