/// A fixed number of equal buffers. Waiting for a buffer is what holds fast producers back, so memory stays bounded.
public final class BufferPool: Sendable {
    private struct State {
        var free: [RawBuffer] = []
        var made = 0
        var failure: (any Error)?
    }

    private let monitor = Monitor(State())
    /// Bytes of each buffer.
    let capacity: Int
    private let countMax: Int

    /// At most `count` buffers of `capacity` bytes; they are made when first needed.
    public init(count: Int, capacity: Int) {
        countMax = count
        self.capacity = capacity
    }

    /// An empty buffer; waits until one is given back.
    /// - Throws: the error given to ``fail(_:)``.
    public func take() throws -> RawBuffer {
        try monitor.wait { state -> RawBuffer? in
            if let failure = state.failure { throw failure }
            if let buffer = state.free.popLast() { return buffer }
            guard state.made < countMax else { return nil }
            state.made += 1
            return RawBuffer(capacity: capacity)
        }
    }

    /// An empty buffer if one is free now.
    public func takeIfFree() -> RawBuffer? {
        monitor.withLock { state in
            if let buffer = state.free.popLast() { return buffer }
            guard state.made < countMax else { return nil }
            state.made += 1
            return RawBuffer(capacity: capacity)
        }
    }

    /// Gives a buffer back.
    public func give(_ buffer: RawBuffer) {
        buffer.count = 0
        monitor.withLock { $0.free.append(buffer) }
        monitor.signal()
    }

    /// Makes every waiting and later ``take()`` throw.
    public func fail(_ error: any Error) {
        monitor.withLock { if $0.failure == nil { $0.failure = error } }
        monitor.signal()
    }
}
