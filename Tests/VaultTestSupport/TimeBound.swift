public import Testing

/// Runs a body and expects that it takes less than `limit`, counted from its own begin.
///
/// The trait `.timeLimit` counts from when a test is handed to the pool, where it may wait for minutes behind others.
public func within<Result>(
    _ limit: Duration, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) rethrows -> Result {
    let start = ContinuousClock.now
    defer {
        let taken = ContinuousClock.now - start
        #expect(taken < limit, "took \(taken)", sourceLocation: sourceLocation)
    }
    return try body()
}
