/// How the snapshot of a drill was chosen. The raw values are the stored words.
public enum DrillSelection: String, Sendable, CaseIterable {
    /// Somebody named it.
    case named
    /// The last of its system.
    case newest
    /// The one with the byte that is without proof for longest.
    case oldestUnproven = "oldest-unproven"
    /// Any live one of its system, by the seed.
    case random
}

/// What was seen of how a drill is kept apart from everything else. The raw values are the stored words.
public enum DrillIsolation: String, Sendable, CaseIterable {
    /// The directory was made by this drill, and was empty.
    case newDirectory = "new-directory"
    /// What ran saw no interface of a network that is up.
    case noNetwork = "no-network"
    /// What ran saw no process but its own.
    case ownProcesses = "own-processes"
    /// The directory is open to nobody but who ran the drill.
    case privateDirectory = "private-directory"
    /// What ran was not root.
    case unprivileged
}

extension DrillEvidence {
    /// What evidence says from version 1 on.
    public struct Circumstances: Sendable, Equatable {
        /// The copy whose objects were read; nil for those of the repository.
        public var copy: CopyID?
        /// What was seen of the isolation.
        public var isolation: Set<DrillIsolation>
        /// The age that data may have, in seconds, as it was asked for; 0 for none.
        public var rpoSeconds: Int
        /// The time that bringing it back may take, in seconds, as it was asked for; 0 for none.
        public var rtoSeconds: Int
        /// How the snapshot was chosen.
        public var selection: DrillSelection
        /// Of how many.
        public var candidates: Int

        /// Circumstances as given.
        public init(
            copy: CopyID? = nil, isolation: Set<DrillIsolation> = [], rpoSeconds: Int = 0, rtoSeconds: Int = 0,
            selection: DrillSelection = .named, candidates: Int = 1
        ) {
            self.copy = copy
            self.isolation = isolation
            self.rpoSeconds = rpoSeconds
            self.rtoSeconds = rtoSeconds
            self.selection = selection
            self.candidates = candidates
        }
    }

    /// Something that was to be reached, and was not.
    public enum MissedObjective: String, Sendable, CaseIterable {
        /// The data is older than it may be, or nobody knows how old it is.
        case rpo
        /// Bringing it back took longer than it may.
        case rto
    }

    /// The objectives that were asked for and not reached. What is no proof of a restore keeps no objective either; the
    /// time of a sample can only show that one is missed.
    public var missedObjectives: [MissedObjective] {
        guard let asked = circumstances else { return [] }
        var missed: [MissedObjective] = []
        let isAgeKnown = checks.contains { $0.name == .clock && $0.verdict == .proven }
        if asked.rpoSeconds > 0, !isAgeKnown || rpoSeconds > asked.rpoSeconds { missed.append(.rpo) }
        if asked.rtoSeconds > 0, rtoMilliseconds > asked.rtoSeconds * 1_000 { missed.append(.rto) }
        return missed
    }
}

extension DrillEvidence.Circumstances {
    private static let secondsMax = 1 << 40

    var members: [String: JSONValue] {
        [
            "copy": .string(copy?.hex ?? ""),
            "isolation": .array(isolation.map(\.rawValue).sorted().map { .string($0) }),
            "objectives": .object(["rpo": .integer(rpoSeconds), "rto": .integer(rtoSeconds)]),
            "selection": .object(["candidates": .integer(candidates), "method": .string(selection.rawValue)]),
        ]
    }

    init(_ detail: JSONFields) throws(FormatError) {
        var isolation: Set<DrillIsolation> = []
        var last = ""
        for value in try detail.array("isolation", most: DrillIsolation.allCases.count) {
            guard case .string(let text) = value, let word = DrillIsolation(rawValue: text), text > last else {
                throw detail.error("the words of the isolation are unknown, or not in order")
            }
            last = text
            isolation.insert(word)
        }
        let objectives = try detail.object("objectives", "objectives")
        let selection = try detail.object("selection", "selection")
        self.init(
            copy: try detail.string("copy").isEmpty ? nil : try detail.id("copy"), isolation: isolation,
            rpoSeconds: try objectives.integer("rpo", 0...Self.secondsMax),
            rtoSeconds: try objectives.integer("rto", 0...Self.secondsMax), selection: try selection.word("method"),
            candidates: try selection.integer("candidates", 1...Int(Int32.max)))
        guard self.selection != .named || candidates == 1 else {
            throw detail.error("a snapshot that was named was not chosen of several")
        }
    }
}
