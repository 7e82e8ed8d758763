internal import Synchronization

/// What all parts of a running restore share. Safe from any thread.
final class RestoreRun: Sendable {
    let options: RestoreOptions
    let target: RestoreTarget
    let problems: ProblemNotes
    let journal: RestoreJournal
    let metadata: MetadataWriter
    let progress: RestoreCounters
    let cancellation: Cancellation
    let remover: RestoreRemover
    /// What is kept for the next backup; nil when nothing is.
    let restored: RestoredEntries?
    /// The content of files that get more names, by the hash of their path, until they have them.
    let linkedContents = Mutex<[UInt64: RestoredEntries.Content]>([:])
    /// Hard-link groups whose first member is not as the snapshot has it, so that the others cannot be either.
    let unrestoredGroups = Mutex<[[UInt8]: Unrestored]>([:])

    /// Hard-link groups whose first member gives way to a new file. Only a dry run asks: else the files themselves tell.
    let replacedGroups = Mutex<Set<[UInt8]>>([])

    /// What there is of a file or special file that could not be restored.
    enum Unrestored: Sendable {
        /// All of it but for what is damaged.
        case inPart
        /// Nothing, or still what was there before.
        case entirely
    }

    init(
        _ options: RestoreOptions, target: RestoreTarget, problems: ProblemNotes, journal: RestoreJournal,
        metadata: MetadataWriter, progress: RestoreCounters, cancellation: Cancellation, protected: Set<HardLinks.Key>,
        restored: RestoredEntries? = nil
    ) {
        self.restored = restored
        self.options = options
        self.target = target
        self.problems = problems
        self.journal = journal
        self.metadata = metadata
        self.progress = progress
        self.cancellation = cancellation
        remover = RestoreRemover(
            isDryRun: options.dryRun, protected: protected, journal: journal, problems: problems,
            cancellation: cancellation)
    }

    /// Notes that what is there gives way to an entry.
    func noteReplaced(_ entry: TreeEntry) {
        if options.dryRun, let group = entry.hardLinkGroup { replacedGroups.withLock { _ = $0.insert(group) } }
    }

    /// Whether what is there gave way to an entry, in a dry run.
    func isReplaced(_ entry: TreeEntry) -> Bool {
        entry.hardLinkGroup.map { group in replacedGroups.withLock { $0.contains(group) } } ?? false
    }

    /// Notes that an entry could not be restored, which has been said, for the other names that it is to get.
    func noteUnrestored(_ entry: TreeEntry, _ what: Unrestored) {
        if let group = entry.hardLinkGroup { unrestoredGroups.withLock { $0[group] = what } }
    }
}

extension SystemError {
    /// Errors after which going on makes no sense: no space, no such device, read-only.
    func throwIfFatal(_ target: RestoreTarget) throws {
        if isFatalForWriting {
            throw VaultError(
                .failed, "The target \(target.location) cannot be written",
                nextStep: "Free space or choose another target, and restore again",
                cause: self)
        }
    }
}
