internal import Glibc

extension UnsafeRawBufferPointer {
    /// Where the first such byte is; nil where there is none.
    func firstOffset(of byte: UInt8) -> Int? {
        guard let base = baseAddress, let found = memchr(base, Int32(byte), count) else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
