internal import Glibc

/// A file mapped for reading, for as long as the object lives.
///
/// For files that are never changed in place: cutting a mapped file off ends every process that reads the lost part
/// with `SIGBUS`. `@unchecked Sendable` because the memory is only read, and is set up and given back by one owner.
final class MappedFile: @unchecked Sendable {
    /// The content.
    let bytes: UnsafeRawBufferPointer

    /// Maps the whole of `file`, which may be closed afterwards.
    init(_ file: OpenFile) throws(SystemError) {
        let byteCount = Int(clamping: try file.status().size)
        if byteCount == 0 {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, file.fd, 0), start != MAP_FAILED else {
            throw SystemError(errno: errno, operation: "mmap")
        }
        bytes = UnsafeRawBufferPointer(start: start, count: byteCount)
    }

    /// Gives back the memory that the content takes; what is used again is mapped again. Safe at any time.
    func letGo() {
        guard let start = bytes.baseAddress else { return }
        _ = madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
