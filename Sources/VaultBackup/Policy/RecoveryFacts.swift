/// What is known of the backups of one system, as a requirement profile asks about it. Times are ages in seconds before
/// the moment of the report; nil where there is nothing.
public struct RecoveryFacts: Sendable, Equatable {
    /// Age of the newest data that can be brought back.
    public var newestAge: Int?
    /// The longest gap between two snapshots in the last 90 days.
    public var longestGap: Int?
    /// Age of the last drill that was proven and still counts.
    public var provenAge: Int?
    /// How much of the newest snapshot is proven, in percent.
    public var provenPercent: Double = 0
    /// How long bringing back took in the last drill that was proven, in seconds.
    public var measuredRTO: Int?
    /// Age of the last reading of all stored bytes without damage.
    public var verifiedAge: Int?
    /// Copies beside the repository that are up to date.
    public var copies = 0
    /// Different media, the repository's own included.
    public var media = 1
    /// Whether a copy is in another building.
    public var hasOffsiteCopy = false
    /// Whether a copy is off-line or cannot be changed.
    public var hasOfflineCopy = false
    /// Whether content is encrypted. Always so.
    public var isEncrypted = true
    /// Whether each opening of content is on record. Always so.
    public var isAccessLogged = true
    /// People who can read content now.
    public var readers = 0
    /// People who can administer now.
    public var administrators = 0
    /// Whether every person's identity that may read has a second factor, as far as the register says.
    public var hasSecondFactors = false
    /// Faults in the log or the store.
    public var damage = 0

    /// Nothing is known.
    public init() {}
}
