/// Tokens that keep a key: smart cards, USB keys, anything with a PKCS#11 module.
public enum SecurityToken {
    /// The serial numbers of the tokens that a module knows and that are there.
    /// - Throws: ``VaultError`` `.wrongIdentity` when the module is of no use.
    public static func serials(module: [UInt8]) throws -> [String] {
        do throws(TokenError) { return try TokenModule(module).serials() } catch { throw failure(error, module, nil) }
    }

    /// Makes sure that the token has the key, and makes it there if not: it never leaves the token.
    /// - Throws: ``VaultError`` `.wrongIdentity`, as what is wrong with token, PIN or key.
    public static func makeKey(
        _ key: String, serial: String, module: [UInt8], pin: SecretBytes
    ) throws {
        do throws(TokenError) {
            _ = try TokenModule(module).authenticate([0], key: key, serial: serial, pin: pin, makingKey: true)
        } catch { throw failure(error, module, serial) }
    }

    /// HMAC-SHA-256 of a message by the key.
    /// - Throws: ``VaultError`` `.wrongIdentity`, as what is wrong with token, PIN or key.
    static func authenticate(
        _ message: [UInt8], key: String, serial: String, module: [UInt8], pin: () throws -> SecretBytes
    ) throws -> SecretBytes {
        // Whether the token is there is known before anybody is asked.
        guard try serials(module: module).contains(where: { $0.hasSameBytes(as: serial) }) else {
            throw failure(.noToken, module, serial)
        }
        let pin = try pin()
        do throws(TokenError) {
            return try TokenModule(module).authenticate(message, key: key, serial: serial, pin: pin)
        } catch { throw failure(error, module, serial) }
    }

    private static func failure(_ error: TokenError, _ module: [UInt8], _ serial: String?) -> VaultError {
        let what = serial.map { "The token \($0)" } ?? "The PKCS#11 module \(PathText.readable(module))"
        let nextStep =
            switch error {
            case .noModule: "Name the PKCS#11 module of the token with --token-module FILE"
            case .noToken: "Connect the token, then run the same command again"
            case .wrongPIN: "Try again with the right PIN; a few wrong ones lock the token"
            case .locked: "Let whoever manages tokens unlock it; meanwhile the recovery kit helps"
            case .noKey, .notCapable, .twoTokens, .failed: "Use the token that the identity was made with"
            }
        return VaultError(.wrongIdentity, "\(what) is of no use: \(error)", nextStep: nextStep)
    }
}
