/// Why a cryptographic operation gave no result. Never holds a secret.
public enum CryptoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The bytes are not what the holder of the key sealed, or the key is another one.
    case authenticationFailed
    /// The key that was derived is not the one the sealer committed to.
    case commitmentMismatch
    /// A public key leads to an all-zero shared secret.
    case refusedPoint
    /// A key, seed or sealed value has a length that its algorithm does not allow.
    case badKeyLength
    /// OpenSSL refused a call or a parameter, or an input cannot be processed; the text says which.
    case failed(String)

    /// One sentence without a full stop.
    public var description: String {
        switch self {
        case .authenticationFailed: "the sealed bytes were changed or the key is another one"
        case .commitmentMismatch: "the key is not the one that was committed to"
        case .refusedPoint: "the public key is refused because it gives an all-zero shared secret"
        case .badKeyLength: "a key or sealed value has the wrong length"
        case .failed(let reason): reason
        }
    }
}
