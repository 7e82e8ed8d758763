internal import ArgumentParser

/// An age as an argument: digits and s, m, h, d or w, such as `36h`.
struct AgeArgument: ExpressibleByArgument, Sendable {
    /// In seconds.
    let seconds: Int

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let unit: Int
        switch argument.dropFirst(digits.count) {
        case "s": unit = 1
        case "m": unit = 60
        case "h": unit = 3_600
        case "d": unit = 86_400
        case "w": unit = 7 * 86_400
        default: return nil
        }
        // Times of records end with the year 9999.
        guard number <= 300_000_000_000 / unit else { return nil }
        seconds = number * unit
    }
}
