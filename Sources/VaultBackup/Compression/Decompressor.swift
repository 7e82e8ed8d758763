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

    /// Largest window that the stored form allows (`docs/FORMAT.md`, section 1).
    private static let windowBytesMax = 16 << 20

    /// The window that the header of a frame asks for (RFC 8878, 3.1.1.1.2); 0 where it is the content, which is
    /// bounded already. The library looks at it only when it decompresses in pieces, another reader may have to make
    /// room for it.
    private static func windowBytes(_ frame: UnsafeRawBufferPointer) -> Int {
        guard frame.count > 5, frame[4] & 0x20 == 0 else { return 0 }
        let base = 1 << (10 + Int(frame[5] >> 3))
        return base + base / 8 * Int(frame[5] & 7)
    }

    /// Fills `target` from one frame. The output can never exceed `target`, whatever the frame claims.
    ///
    /// - Throws: ``CompressionError`` for a damaged frame, or one whose content is not exactly `target.count` bytes.
    public func decompress(
        _ frame: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) {
        guard ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count else {
            throw CompressionError(description: "not exactly one zstd frame")
        }
        guard Self.windowBytes(frame) <= Self.windowBytesMax else {
            throw CompressionError(description: "a zstd window of more than \(Self.windowBytesMax >> 20) MiB")
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
