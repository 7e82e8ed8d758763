/// How hard to compress new segments. A reader does not need to know.
public enum CompressionLevel: String, Sendable, CaseIterable {
    /// Store as it is.
    case off
    /// zstd 1: for a slow machine.
    case fast
    /// zstd 3, and no attempt on data that looks random.
    case auto
    /// zstd 12: smaller, several times slower.
    case max

    /// The zstd level; 0 when nothing is compressed.
    public var zstdLevel: Int32 {
        switch self {
        case .off: 0
        case .fast: 1
        case .auto: 3
        case .max: 12
        }
    }
}

/// How the body of a segment is stored (`docs/FORMAT.md`, section 8).
public enum SegmentCodec: UInt8, Sendable {
    /// As it is.
    case raw = 0
    /// One zstd frame.
    case zstd = 1
}
