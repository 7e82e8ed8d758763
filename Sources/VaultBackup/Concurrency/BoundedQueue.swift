/// Items handed from producers to consumers, oldest first, with a bound on the bytes that wait.
public final class BoundedQueue<Item: Sendable>: Sendable {
    private struct State {
        var items: [(item: Item, byteCount: Int)] = []
        var waitingBytes = 0
        var isClosed = false
        var failure: (any Error)?
    }

    private let monitor = Monitor(State())
    private let bytesMax: Int

    /// A queue in which at most `bytesMax` bytes wait, or one item if it is larger.
    public init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Adds an item; waits while the queue is full.
    /// - Throws: the error given to ``fail(_:)``.
    public func push(_ item: Item, byteCount: Int) throws {
        try monitor.wait { state -> Void? in
            if let failure = state.failure { throw failure }
            guard state.items.isEmpty || state.waitingBytes + byteCount <= bytesMax else { return nil }
            state.items.append((item, byteCount))
            state.waitingBytes += byteCount
            return ()
        }
        monitor.signal()
    }

    /// Takes the oldest item; waits for one. Nil after ``close()`` once the queue is empty, or after ``fail(_:)``.
    public func pop() -> Item? {
        let item = monitor.wait { state -> Item?? in
            if state.failure != nil { return .some(nil) }
            guard !state.items.isEmpty else { return state.isClosed ? .some(nil) : nil }
            let (item, byteCount) = state.items.removeFirst()
            state.waitingBytes -= byteCount
            return .some(item)
        }
        monitor.signal()
        return item
    }

    /// No more items will come.
    public func close() {
        monitor.withLock { $0.isClosed = true }
        monitor.signal()
    }

    /// Makes every push throw `error` and every pop return nil.
    public func fail(_ error: any Error) {
        monitor.withLock { if $0.failure == nil { $0.failure = error } }
        monitor.signal()
    }
}
