/// Lets go of objects that hold one another in a row, one after the other: releasing the first of a long row would
/// otherwise nest as deep as the row is long, and end the process.
enum DeepChain {
    /// Releases `first` and what hangs on it, as far as nobody else holds it. For a `deinit`.
    ///
    /// - Parameter takeNext: takes out of a link the one it holds, and returns that.
    static func release<Link: AnyObject>(_ first: inout Link?, takeNext: (Link) -> Link?) {
        var next = first
        first = nil
        // No other variable may hold the link here: it would never count as unique.
        while isKnownUniquelyReferenced(&next) { next = next.flatMap(takeNext) }
    }
}
