/// What a rule book asks of backups, as data with a version: one file of `policies/profiles`.
///
/// A profile claims nothing about the law: it says where it comes from, and whether that is the official text.
public struct RequirementProfile: Sendable, Equatable {
    /// One thing that is asked.
    public struct Requirement: Sendable, Equatable {
        /// Its number in the rule book.
        public var id: String
        /// What is asked, in a sentence.
        public var text: Phrase
        /// Where it stands; may be empty.
        public var source: String
        /// What tells whether it is met.
        public var condition: RequirementCondition
    }

    /// Its name, as policies name it.
    public var name: String
    /// What it is, for people.
    public var title: Phrase
    /// Its own version.
    public var version: Int
    /// Since when what it says holds, as `YYYY-MM-DD`; empty when nobody says.
    public var effective: String
    /// Whether it was made from the official text.
    public var isOfficial: Bool
    /// What the reader must know of it, such as that a text could not be had; may be empty.
    public var note: Phrase
    /// What it was made from.
    public var sources: [String]
    /// What is asked.
    public var requirements: [Requirement]
}

/// What can be measured, or that nothing can. The names in files are in ``names``.
public enum RequirementCondition: Sendable, Equatable {
    /// No two backups are further apart.
    case backupEvery(PolicySpan)
    /// The last proven restore is not older.
    case restoreTestedWithin(PolicySpan)
    /// So much of the newest snapshot is proven, in percent.
    case coverage(Int)
    /// The last proven restore took no longer.
    case restoredIn(PolicySpan)
    /// All stored bytes were read not longer ago, without damage.
    case verifiedWithin(PolicySpan)
    /// So many sets of backups, the repository and its copies.
    case backups(Int)
    /// So many kinds of media.
    case media(Int)
    /// At least so many people can read content.
    case readers(Int)
    /// At least so many people can administer.
    case administrators(Int)
    /// A copy is in another building.
    case offsite
    /// A copy is off-line or cannot be changed.
    case offline
    /// Content is encrypted.
    case encrypted
    /// Each reading of content is on record.
    case accessLogged
    /// Every person who may read has a second factor.
    case secondFactor
    /// Nothing is damaged.
    case noDamage
    /// A person must show it.
    case byHand

    /// The words that stand for the conditions in a file.
    static let names = [
        "backup-every", "restore-tested-within", "coverage", "restored-in", "verified-within", "backups", "media",
        "readers", "administrators", "offsite", "offline", "encrypted", "access-logged", "second-factor", "no-damage",
        "by-hand",
    ]
}

/// What became of a requirement.
public struct RequirementFinding: Sendable, Equatable {
    /// Whether it is met. The raw values are the words in JSON.
    public enum Outcome: String, Sendable, CaseIterable {
        case met
        case gap
        case notMeasured = "not-measured"
    }

    /// What was asked.
    public var requirement: RequirementProfile.Requirement
    /// Whether it is met.
    public var outcome: Outcome
    /// What shows it, or what is missing, in a sentence.
    public var evidence: String
}
