/// A whole number with a unit behind it, such as `36h` or `500M`.
enum Quantity {
    /// The number in the smallest unit; nil for another form, for a unit that is none of `units`, and above `most`.
    static func parse(_ text: String, _ units: [String: Int], most: Int = .max) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), let unit = units[String(text.dropFirst(digits.count))], number <= most / unit
        else { return nil }
        return number * unit
    }
}
