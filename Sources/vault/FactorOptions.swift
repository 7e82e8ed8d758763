internal import ArgumentParser
internal import VaultBackup

/// What an identity file is to need besides its passphrase, as arguments.
struct FactorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Need this file too, besides the passphrase; it is made if it is not there. Keep it on another medium.",
            valueName: "file"))
    var newKeyFile: PathArgument?

    @Option(
        help: ArgumentHelp(
            "Need the token with this serial number too, besides the passphrase; see 'vault identity tokens'.",
            valueName: "serial"))
    var token: TextArgument?

    @Option(
        help: ArgumentHelp("The key in the token, else 'vault'; it is made if it is not there.", valueName: "label"))
    var tokenKey: TextArgument?

    func validate() throws {
        if newKeyFile != nil, token != nil { throw ValidationError("Give --new-key-file or --token, not both") }
        if tokenKey != nil, token == nil { throw ValidationError("--token-key goes with --token") }
        for text in [token, tokenKey].compactMap({ $0?.text })
        where !IdentityFile.Factor.nameBytes.contains(text.utf8.count) {
            throw ValidationError("A serial number or label has 1 to 64 bytes")
        }
    }

    /// Whether a factor is asked for.
    var isGiven: Bool { newKeyFile != nil || token != nil }

    /// The factor that was asked for, ready to be used, and where it is to be had; nil when none was.
    func prepare(in context: Context) throws -> (factor: IdentityFile.Factor, factors: FactorSource)? {
        if let newKeyFile {
            if try KeyFile.make(newKeyFile.bytes, random: SystemRandom()) {
                context.console.notice(
                    "Made the key file \(newKeyFile.shown): keep a copy of it, but not beside the identity")
            }
            return (.keyFile(salt: []), FactorSource(keyFiles: [newKeyFile.bytes]))
        }
        guard let token else { return nil }
        let factors = context.factors
        guard let module = factors.tokenModule else {
            throw VaultError(
                .usage, "It is not known which PKCS#11 module the token has",
                nextStep: "Name it with --token-module FILE or VAULT_TOKEN_MODULE")
        }
        // Asked for once.
        let pin = try factors.pin(token.text)
        let key = tokenKey?.text ?? "vault"
        try SecurityToken.makeKey(key, serial: token.text, module: module, pin: pin)
        return (
            .token(salt: [], key: key, serial: token.text),
            FactorSource(keyFiles: [], tokenModule: module) { _ in pin }
        )
    }
}
