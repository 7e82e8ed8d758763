/// How a backup treats its sources.
public struct BackupOptions: Sendable {
    /// Do not go into directories on other file systems than that of the source.
    public var oneFileSystem = false
    /// How hard to compress.
    public var compression = CompressionLevel.auto
    /// Threads that read, cut, compress and seal; 0 means one for each processor.
    public var workers = 0
    /// Read every file, whatever the scan cache says.
    public var ignoreScanCache = false
    /// What to leave out by name and path.
    public var exclude = ExclusionRules()
    /// Keep only the tag of directories that hold a valid `CACHEDIR.TAG`, and nothing of caches of users and of package
    /// managers that have none. A source that is such a directory itself is kept whole.
    public var excludeCaches = true
    /// Keep only these entries of directories that hold one of them.
    public var excludeIfPresent: [[UInt8]] = []
    /// Leave out files of more bytes than this.
    public var excludeLargerThan: Int?
    /// Leave out files and directories with the file flag "no dump" (`chattr +d`).
    public var excludeNoDump = false
    /// Read a few files a second time, apart from the reading that makes their chunks, and seal their SHA-256 in the
    /// snapshot for restore drills. Without it nothing unchanged is opened.
    public var secondReading = true
    /// Keep the time of the last access of every entry. Each snapshot then has all directories anew, because these
    /// times change without anything else.
    public var accessTimes = false
    /// Make no snapshot when it would hold the same entries as the last one of the same sources.
    public var skipIfUnchanged = false
    /// Find out how much there is to do, for the totals of ``Progress``: from the last run of the same sources, else by
    /// counting beside the work.
    public var estimatesTotals = true
    /// How fast sources are read; the repository has its own (``Client/pace``), which may share the same counters.
    public var pace = Pace.free
    /// Most entries of a directory that are held at once.
    var namesPerWindow = DirectoryWindow.namesMax
    /// Raw bytes at which a segment of files or of names is closed. Tests that compact trees of a few kilobytes make
    /// small ones.
    var segmentBytes = Limits.segmentBytesTarget
    /// Told what is new or changed since the last backup, from any thread; must return quickly.
    public var changes: (@Sendable (BackupChange) -> Void)?

    /// The defaults.
    public init() {}
}

/// How an entry differs from what the last backup of the same sources by this client saw. Without that memory every
/// entry is new.
public struct BackupChange: Sendable, Equatable {
    /// What became of it.
    public enum Kind: String, Sendable {
        /// It is new, or was left out before.
        case added
        /// Its content or metadata may have changed: it is read again.
        case changed
        /// It is gone, or is left out now.
        case removed
    }

    /// What became of it.
    public var kind: Kind
    /// Its path from `/`, without the leading slash. What is gone has no name any more: then it is the path of its
    /// directory.
    public var path: [UInt8]
    /// How many entries: 1, but for those that are gone.
    public var count = 1
}

/// A directory of Vault itself, which is no part of any backup.
struct OwnFolder: Sendable {
    var device: UInt64
    var inode: UInt64
    /// What it is, for messages.
    var role: String

    /// The directory that `status` describes.
    init(_ status: FileStatus, role: String) {
        (device, inode) = (status.device, status.inode)
        self.role = role
    }
}
