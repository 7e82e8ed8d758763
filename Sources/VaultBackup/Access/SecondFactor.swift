extension IdentityFile {
    /// What an identity file needs besides its passphrase (`docs/FORMAT.md`, section 5). Neither opens it alone, and
    /// without one of them nothing in the file tells whether a guess at the other is right.
    public enum Factor: Sendable, Equatable {
        /// The content of a file that is kept elsewhere.
        case keyFile(salt: [UInt8])
        /// A secret key that never leaves a token: the label of the key, the serial number of the token.
        case token(salt: [UInt8], key: String, serial: String)

        /// Lengths of the label of a key and of a serial number, in bytes of UTF-8.
        public static let nameBytes = 1...64

        /// What is authenticated with it.
        var message: [UInt8] {
            switch self {
            case .keyFile(let salt): Label.bare("identity/key-file") + salt
            case .token(let salt, _, _): Label.bare("identity/pkcs11") + salt
            }
        }

        /// The same factor with a fresh salt, for a file that is written anew.
        func salted(by random: some RandomSource) -> Factor {
            switch self {
            case .keyFile: .keyFile(salt: random.bytes(32))
            case .token(_, let key, let serial): .token(salt: random.bytes(32), key: key, serial: serial)
            }
        }
    }
}

/// How this client gets at second factors.
public struct FactorSource: Sendable {
    /// Paths of key files: of several, the one that opens an identity is found by trying.
    public var keyFiles: [[UInt8]]
    /// Path of the PKCS#11 module that knows the token; nil when none is named.
    public var tokenModule: [UInt8]?
    /// Gives the PIN of the token with a serial number.
    public var pin: @Sendable (_ serial: String) throws -> SecretBytes

    /// Nothing is named.
    public init() { self.init(keyFiles: []) }

    /// Sources as given.
    public init(
        keyFiles: [[UInt8]], tokenModule: [UInt8]? = nil,
        pin: @escaping @Sendable (_ serial: String) throws -> SecretBytes = { _ in
            throw VaultError(.wrongIdentity, "The PIN of the token is needed, and nobody can be asked for it")
        }
    ) {
        self.keyFiles = keyFiles
        self.tokenModule = tokenModule
        self.pin = pin
    }

    /// The 32 bytes that the factor of an identity file comes to here; several when it may be one of several key files.
    ///
    /// - Parameter name: whose identity it is, for messages.
    /// - Throws: ``VaultError`` `.wrongIdentity` when the key file or the token is not named, missing or of no use.
    func secrets(of factor: IdentityFile.Factor, for name: String) throws -> [SecretBytes] {
        switch factor {
        case .keyFile:
            guard !keyFiles.isEmpty else {
                throw VaultError(
                    .wrongIdentity, "The identity of '\(name)' opens only with its key file",
                    nextStep: "Name it with --key-file FILE or VAULT_KEY_FILE")
            }
            return try keyFiles.map { try KeyFile.authenticate(factor.message, with: $0) }
        case .token(_, let key, let serial):
            guard let tokenModule else {
                throw VaultError(
                    .wrongIdentity, "The identity of '\(name)' opens only with the token \(serial)",
                    nextStep: "Name the PKCS#11 module of the token with --token-module FILE or VAULT_TOKEN_MODULE")
            }
            return [
                try SecurityToken.authenticate(factor.message, key: key, serial: serial, module: tokenModule) {
                    try pin(serial)
                }
            ]
        }
    }
}
