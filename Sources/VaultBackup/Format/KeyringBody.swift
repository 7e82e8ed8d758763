/// Puts another keyring in the place of the one in force: who may do what, epochs, rules (`docs/FORMAT.md`, section
/// 11.4).
public struct KeyringBody: Sendable, Equatable {
    /// SHA-256 of the JSON of the keyring that this one replaces.
    public var basis: Digest
    /// The new keyring.
    public var keyring: Keyring
    /// Why, for people.
    public var reason: String

    /// A body as given. - Precondition: at most ``ForgetBody/reasonBytesMax`` bytes of reason.
    public init(basis: Digest, keyring: Keyring, reason: String) {
        precondition(reason.utf8.count <= ForgetBody.reasonBytesMax, "reason outside the stored form")
        self.basis = basis
        self.keyring = keyring
        self.reason = reason
    }

    static let fieldNames = ["basis", "keyring", "reason"]

    var fields: [String: JSONValue] {
        ["basis": .string(basis.hex), "keyring": keyring.json, "reason": .string(reason)]
    }

    init(_ fields: JSONFields) throws(FormatError) {
        basis = try fields.digest("basis")
        keyring = try Keyring(json: try fields.value("keyring"))
        reason = try fields.reason()
    }
}
