internal import ArgumentParser

/// A number of bytes as an argument: digits, and perhaps K, M, G or T for powers of 1024, such as `500M`.
struct SizeArgument: ExpressibleByArgument, Sendable {
    private static let units = [
        "": 1, "B": 1, "K": 1 << 10, "KIB": 1 << 10, "M": 1 << 20, "MIB": 1 << 20, "G": 1 << 30, "GIB": 1 << 30,
        "T": 1 << 40, "TIB": 1 << 40,
    ]

    /// The number of bytes.
    let byteCount: Int

    init?(argument: String) {
        guard let byteCount = Quantity.parse(argument.uppercased(), Self.units) else { return nil }
        self.byteCount = byteCount
    }
}
