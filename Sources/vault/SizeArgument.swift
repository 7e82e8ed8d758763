internal import ArgumentParser

/// A number of bytes as an argument: digits, and perhaps K, M, G or T for powers of 1024, such as `500M`.
struct SizeArgument: ExpressibleByArgument, Sendable {
    /// The number of bytes.
    let byteCount: Int

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let shift: Int
        switch argument.dropFirst(digits.count).uppercased() {
        case "", "B": shift = 0
        case "K", "KIB": shift = 10
        case "M", "MIB": shift = 20
        case "G", "GIB": shift = 30
        case "T", "TIB": shift = 40
        default: return nil
        }
        guard number <= Int.max >> shift else { return nil }
        byteCount = number << shift
    }
}
