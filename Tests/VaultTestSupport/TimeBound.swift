internal import Foundation
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

/// Tries until a body gives something, for at most ten seconds.
///
/// A lock of flock(2) that was just given up is held for a moment longer by each child that another test is starting, until
/// that child has become its program.
public func eventually<Result>(_ body: () throws -> Result?) rethrows -> Result? {
    let end = ContinuousClock.now + .seconds(10)
    while true {
        if let result = try body() { return result }
        if ContinuousClock.now > end { return nil }
        Thread.sleep(forTimeInterval: 0.005)
    }
}
