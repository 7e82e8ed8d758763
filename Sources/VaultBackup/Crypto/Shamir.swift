/// Shamir's secret sharing over GF(2⁸) with the polynomial 0x11B, byte by byte: of n shares any m give the secret, and
/// fewer tell nothing of it.
enum Shamir {
    /// Numbers of shares that are made.
    static let counts: ClosedRange<Int> = 2...32

    /// The shares number 1 to `count`.
    ///
    /// - Parameter needed: how many give the secret back, 2 to `count`.
    static func split(
        _ secret: SecretBytes, count: Int, needed: Int, random: some RandomSource
    ) -> [SecretBytes] {
        split(
            secret, count: count,
            coefficients: (1..<needed).map { _ in SecretBytes.random(secret.count, from: random) })
    }

    /// With given coefficients, of x, x² and so on, for known answers.
    static func split(_ secret: SecretBytes, count: Int, coefficients: [SecretBytes]) -> [SecretBytes] {
        precondition(
            counts.contains(count) && (1..<count).contains(coefficients.count), "2 to 32 shares, and no more needed")
        return (1...count).map { x in
            SecretBytes(count: secret.count) { output in
                for place in output.indices {
                    var sum: UInt8 = 0
                    for coefficient in coefficients.reversed() {
                        sum = multiply(sum ^ coefficient.byte(place), UInt8(x))
                    }
                    output[place] = sum ^ secret.byte(place)
                }
            }
        }
    }

    /// The value at a place of the polynomial that goes through the shares: the secret at 0, other shares elsewhere.
    ///
    /// - Precondition: the numbers are different, none is 0, and the shares have one length.
    static func value(at place: UInt8, of shares: [(number: UInt8, value: SecretBytes)]) -> SecretBytes {
        precondition(Set(shares.map(\.number)).count == shares.count && !shares.contains { $0.number == 0 }, "numbers")
        let weights = shares.map { share in
            // Products of what is public; what is secret is only multiplied with them.
            shares.filter { $0.number != share.number }.reduce(UInt8(1)) { product, other in
                multiply(product, multiply(other.number ^ place, inverse(other.number ^ share.number)))
            }
        }
        return SecretBytes(count: shares.first?.value.count ?? 0) { output in
            for byte in output.indices {
                for (share, weight) in zip(shares, weights) { output[byte] ^= multiply(share.value.byte(byte), weight) }
            }
        }
    }

    /// Takes the same time for all values: no table, no branch.
    static func multiply(_ l: UInt8, _ r: UInt8) -> UInt8 {
        var (l, product) = (l, UInt8(0))
        for bit: UInt8 in 0..<8 {
            product ^= l & (0 &- (r >> bit & 1))
            l = l << 1 ^ 0x1b & (0 &- (l >> 7))
        }
        return product
    }

    /// The 254th power.
    private static func inverse(_ value: UInt8) -> UInt8 {
        (0..<253).reduce(value) { product, _ in multiply(product, value) }
    }
}

extension SecretBytes {
    fileprivate func byte(_ place: Int) -> UInt8 { withUnsafeBytes { $0[place] } }
}
