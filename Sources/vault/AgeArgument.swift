internal import ArgumentParser

/// An age as an argument: digits and s, m, h, d or w, such as `36h`.
struct AgeArgument: ExpressibleByArgument, Sendable {
    private static let units = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400]
    // Times of records end with the year 9999.
    private static let most = 300_000_000_000

    /// In seconds.
    let seconds: Int

    init?(argument: String) {
        guard let seconds = Quantity.parse(argument, Self.units, most: Self.most) else { return nil }
        self.seconds = seconds
    }
}
