internal import CZstd

/// Makes zstd frames. Holds a compression context, so one thread uses one compressor for many segments.
public final class Compressor {
    /// Version number of the zstd library, which goes into the hedge of a segment.
    public static let zstdVersion = UInt32(ZSTD_versionNumber())

    /// How hard it tries.
    public let level: CompressionLevel
    /// The zstd level of its frames.
    private let zstdLevel: Int32
    private let context: OpaquePointer?

    /// Makes a compressor; nothing is allocated for `.off`.
    public convenience init(level: CompressionLevel) { self.init(level: level, zstdLevel: level.zstdLevel) }

    /// A compressor for what prune seals anew: zstd 2.
    static func forThinning() -> Compressor { Compressor(level: .fast, zstdLevel: 2) }

    private init(level: CompressionLevel, zstdLevel: Int32) {
        self.level = level
        self.zstdLevel = zstdLevel
        guard level != .off else {
            context = nil
            return
        }
        context = ZSTD_createCCtx()
        precondition(context != nil, "no memory for a compression context")
        set(ZSTD_c_compressionLevel, zstdLevel)
        set(ZSTD_c_contentSizeFlag, 1)
        set(ZSTD_c_checksumFlag, 0)
    }

    deinit { ZSTD_freeCCtx(context) }

    /// Compresses `source` into the start of `target` and returns the length of the frame; nil when it is not worth it:
    /// it does not fit, or would not save at least one part in 64.
    public func compress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        guard let context, source.count > 0 else { return nil }
        if level != .max, Self.looksRandom(source) { return nil }
        set(ZSTD_c_chainLog, hasSmallTable(source.count) ? Self.smallTableLog : 0)
        let bound = min(target.count, source.count - source.count / 64)
        let length = ZSTD_compress2(context, target.baseAddress, bound, source.baseAddress, source.count)
        return ZSTD_isError(length) != 0 ? nil : length
    }

    // A parameter that silently stayed as it was would make other frames than the hedge says.
    private func set(_ parameter: ZSTD_cParameter, _ value: Int32) {
        precondition(ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)) == 0, "zstd refuses a parameter")
    }

    /// What goes into the hedge for a frame of so many raw bytes: the zstd level, plus 128 where the frame is made with
    /// other parameters than those of the level. One value always means one frame for the same content.
    public func levelCode(rawBytes: Int) -> UInt8 {
        UInt8(zstdLevel) + (hasSmallTable(rawBytes) ? 128 : 0)
    }

    /// Segments of databases are larger than others. At level 3 half of the usual second table costs them under one
    /// percent, and leaves more of the processor's cache to their content: a tenth faster.
    private func hasSmallTable(_ rawBytes: Int) -> Bool { level == .auto && rawBytes > Limits.segmentBytesTarget }

    private static let smallTableLog: Int32 = 15

    /// Whether the distribution of byte values over a sample is so even that compression cannot gain: encrypted,
    /// compressed or random data.
    ///
    /// Collision statistic: among m sampled bytes of random data about m²/512 pairs are equal; text and code have
    /// several times as many.
    static func looksRandom(_ source: UnsafeRawBufferPointer) -> Bool {
        let blocks = 16, blockBytes = 256
        guard source.count >= 4 * blocks * blockBytes else { return false }
        let stride = (source.count - blockBytes) / (blocks - 1)
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            for block in 0..<blocks {
                for k in 0..<blockBytes { counts[Int(source[block * stride + k])] &+= 1 }
            }
            var sum: UInt64 = 0
            for value in 0..<256 { sum += UInt64(counts[value]) * UInt64(counts[value]) }
            let m = UInt64(blocks * blockBytes)
            // Random bytes: sum is about m²/256 + m = 69,632, with a deviation of about 360.
            return sum < m * m / 256 + m + m / 2
        }
    }
}
