internal import CZstd

/// Why a frame was refused.
public struct CompressionError: Error, Sendable, CustomStringConvertible {
    /// What the library said.
    public let description: String
}

/// Opens zstd frames of a known raw length. Holds a context, so one thread uses one decompressor for many segments.
public final class Decompressor {
    private let context: OpaquePointer

    /// Makes a decompressor that refuses windows above 16 MiB.
    public init() {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("no memory for a decompression context") }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 24)
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Fills `target` from one frame. The output can never exceed `target`, whatever the frame claims.
    ///
    /// - Throws: ``CompressionError`` for a damaged frame, or one whose content is not exactly `target.count` bytes.
    public func decompress(
        _ frame: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) {
        guard ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count else {
            throw CompressionError(description: "not exactly one zstd frame")
        }
        let length = ZSTD_decompressDCtx(context, target.baseAddress, target.count, frame.baseAddress, frame.count)
        guard ZSTD_isError(length) == 0 else {
            throw CompressionError(description: String(cString: ZSTD_getErrorName(length)))
        }
        guard length == target.count else {
            throw CompressionError(description: "\(length) bytes instead of \(target.count)")
        }
    }
}
