/// Every bound of the stored form (`docs/FORMAT.md`, section 1) and of the program, in one place.
public enum Limits {
    /// Largest chunk or segment plaintext, in bytes.
    public static let segmentBytesMax = 16 << 20
    /// Raw size at which a segment is closed, in bytes.
    public static let segmentBytesTarget = 1 << 20
    /// The same for what is cut small: dumps and databases, which are restored as a whole.
    public static let databaseSegmentBytesTarget = 3 << 20
    /// Largest record, in stored bytes.
    public static let recordBytesMax = 1 << 20
    /// Largest pack, in stored bytes.
    public static let packBytesMax = 64 << 20
    /// Size of a full data pack, in stored bytes.
    public static let dataPackBytes = 32 << 20
    /// Size of a full names pack, in stored bytes.
    public static let namesPackBytes = 8 << 20
    /// Most packs that one PROGRESS record commits.
    public static let packsPerRecordMax = 2_048
    /// Most segments in one pack.
    public static let segmentsPerPackMax = 65_535
    /// Longest file name, in bytes.
    public static let nameBytesMax = 255
    /// Size above which a directory or list is cut into nodes, in bytes.
    public static let nodeBytesTarget = 256 << 10
    /// Largest node that a reader accepts, unless it has one entry, in bytes.
    public static let nodeBytesMax = 512 << 10
    /// Most levels of nodes of one directory or list.
    public static let nodeLevelsMax = 8
    /// Deepest nesting of runs in extent lists.
    public static let runDepthMax = 4
    /// Most extents in an entry itself.
    public static let inlineExtentsMax = 8
    /// Most problems listed in the private part of a snapshot.
    public static let problemsListedMax = 10_000
}
