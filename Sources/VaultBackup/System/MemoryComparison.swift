internal import Glibc

extension UnsafeRawBufferPointer {
    /// Whether both hold the same bytes. Stops at the first difference, so it is not for secrets; many bytes at a time,
    /// which the standard library's comparison of elements is not.
    func holdsSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let own = baseAddress, let others = other.baseAddress else { return true }
        return memcmp(own, others, count) == 0
    }
}
