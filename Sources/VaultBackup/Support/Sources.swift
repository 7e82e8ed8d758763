/// Where the time comes from; tests bring their own.
public protocol TimeSource: Sendable {
    /// The wall clock. Decides nothing about deletion; it is only recorded.
    func now() -> Timestamp
    /// Nanoseconds of a clock that never goes back, for durations.
    func monotonicNanoseconds() -> UInt64
}

/// Where random bytes come from; tests bring their own with a printed seed.
public protocol RandomSource: Sendable {
    /// Fills `buffer`. A generator that cannot do so ends the process: there is no way to go on safely.
    func fill(_ buffer: UnsafeMutableRawBufferPointer)
}

extension RandomSource {
    /// `count` random bytes that are not secret (ids, salts).
    public func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { fill($0) }
        return bytes
    }
}
