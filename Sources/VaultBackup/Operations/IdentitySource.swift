/// An identity as it lies in a file: an identity file, or a recovery kit.
public enum IdentitySource: Sendable {
    case file(IdentityFile)
    case kit(RecoveryKitFile)

    /// Reads a file of either form.
    /// - Throws: ``VaultError`` `.wrongIdentity` naming the file.
    public static func load(_ path: [UInt8]) throws -> IdentitySource {
        let content = try read(path)
        let isJSON = content.count > 0 && content.withUnsafeBytes { $0[0] == UInt8(ascii: "{") }
        do {
            return isJSON
                ? .file(try IdentityFile(decoding: content)) : .kit(try RecoveryKitFile(decoding: content))
        } catch {
            throw VaultError(
                .wrongIdentity, "\(PathText.readable(path)) is neither an identity file nor a recovery kit",
                nextStep: "Check the path", cause: error)
        }
    }

    /// The bytes of such a file, whatever they are.
    ///
    /// - Parameter what: what messages call the file.
    /// - Parameter nextStep: what to do when there is none.
    /// - Throws: ``VaultError`` `.wrongIdentity` naming the file.
    public static func read(
        _ path: [UInt8], as what: String = "identity file", ifMissing nextStep: String = "Check the path"
    ) throws -> SecretBytes {
        let content: SecretBytes?
        do throws(SystemError) {
            content = try AtomicFile.withSecretContent(path, byteCountMax: RecoveryKitFile.byteCountMax) {
                SecretBytes(copying: $0)
            }
        } catch {
            throw VaultError(
                .wrongIdentity, "The \(what) \(PathText.readable(path)) cannot be read",
                nextStep: "Check the path and its permissions", cause: error)
        }
        guard let content else {
            throw VaultError(
                .wrongIdentity, "There is no \(what) \(PathText.readable(path))", nextStep: nextStep)
        }
        return content
    }

    /// The anchor of the repository it was made for.
    public var anchor: Digest? {
        switch self {
        case .file(let file): file.anchor
        case .kit(let kit): kit.anchor
        }
    }

    /// The identity.
    /// - Throws: ``VaultError`` `.wrongIdentity` for a wrong passphrase or second factor, and what `passphrase` throws.
    public func unlock(
        factors: FactorSource = FactorSource(), _ passphrase: () throws -> SecretBytes
    ) throws -> Identity {
        switch self {
        case .file(let file): try file.unlock(factors: factors, passphrase)
        case .kit(let kit): try kit.kit.identity()
        }
    }
}
