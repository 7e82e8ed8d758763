/// Where a passphrase comes from. Never from an argument: those can be read by every user of the machine.
///
/// The first that is given decides: a file named by the user, a command named by the user, the file `vault-passphrase`
/// in the directory of credentials that systemd hands to a service, a prompt.
public struct PassphraseSource {
    /// Longest passphrase that is taken, in bytes.
    public static let byteCountMax = 1024
    /// Name of the file in the directory of credentials.
    public static let credentialName = "vault-passphrase"

    /// A passphrase and where it came from.
    public struct Found: Sendable {
        /// The bytes as typed or stored; not yet normalised.
        public let passphrase: SecretBytes
        /// Its source.
        public let origin: Origin
        /// Something the user should change, in one sentence; nil when all is well.
        public let warning: String?
    }

    /// The kinds of sources, in the order in which they are asked.
    public enum Origin: String, Sendable, Equatable {
        case file, command, credentials, prompt
    }

    private let file: [UInt8]?
    private let command: (() throws -> SecretBytes)?
    private let credentialsDirectory: [UInt8]?
    private let prompt: (() throws -> SecretBytes)?

    /// A choice of sources.
    ///
    /// - Parameters:
    ///   - file: path of a file whose first line is the passphrase.
    ///   - command: runs the user's command and returns its output, whose first line is the passphrase.
    ///   - credentialsDirectory: value of `CREDENTIALS_DIRECTORY`.
    ///   - prompt: asks on the terminal; nil when there is none. What it returns is taken as it is.
    public init(
        file: [UInt8]? = nil, command: (() throws -> SecretBytes)? = nil, credentialsDirectory: [UInt8]? = nil,
        prompt: (() throws -> SecretBytes)? = nil
    ) {
        self.file = file
        self.command = command
        self.credentialsDirectory = credentialsDirectory
        self.prompt = prompt
    }

    /// The passphrase of the first source that is given. A source that is given and fails is an error; the next is not
    /// asked, except that a directory of credentials may lack the file.
    ///
    /// Throws ``VaultError``, or what command and prompt throw.
    public func find() throws -> Found {
        if let file {
            guard let content = try Self.read(file) else {
                throw VaultError(
                    .usage, "There is no passphrase file \(PathText.readable(file))", nextStep: "Name an existing file")
            }
            return Found(
                passphrase: try Self.firstLine(content, "The passphrase file \(PathText.readable(file))"),
                origin: .file,
                warning: try Self.warning(file))
        }
        if let command {
            return Found(
                passphrase: try Self.firstLine(command(), "The output of the passphrase command"), origin: .command,
                warning: nil)
        }
        if let directory = credentialsDirectory {
            let path = directory + [0x2f] + Array(Self.credentialName.utf8)
            if let content = try Self.read(path) {
                return Found(
                    passphrase: try Self.firstLine(content, "The credential \(Self.credentialName)"),
                    origin: .credentials, warning: nil)
            }
        }
        guard let prompt else {
            throw VaultError(
                .wrongIdentity, "A passphrase is needed, and there is no terminal to ask for it",
                nextStep: "Name a file in VAULT_PASSPHRASE_FILE or a command in VAULT_PASSPHRASE_COMMAND")
        }
        return Found(passphrase: try prompt(), origin: .prompt, warning: nil)
    }

    /// The whole file, as other lines may hold notes; nil when there is no such file.
    private static func read(_ path: [UInt8]) throws -> SecretBytes? {
        do {
            return try AtomicFile.withSecretContent(path, byteCountMax: 64 << 10) { SecretBytes(copying: $0) }
        } catch {
            throw VaultError(
                .failed, "The passphrase file \(PathText.readable(path)) cannot be read",
                nextStep: "Check its permissions", cause: error)
        }
    }

    /// Without its line end, LF or CR LF.
    private static func firstLine(_ content: SecretBytes, _ subject: String) throws -> SecretBytes {
        let count = content.withUnsafeBytes { bytes in
            let end = bytes.firstIndex(of: 0x0a) ?? bytes.count
            return end > 0 && end < bytes.count && bytes[end - 1] == 0x0d ? end - 1 : end
        }
        guard count > 0 else {
            throw VaultError(.usage, "\(subject) has no passphrase in its first line", nextStep: "Put it there")
        }
        guard count <= byteCountMax else {
            throw VaultError(
                .usage, "\(subject) has a first line of \(count) bytes; a passphrase has at most \(byteCountMax)",
                nextStep: "Check that it is the right one")
        }
        return content.slice(0..<count)
    }

    private static func warning(_ path: [UInt8]) throws -> String? {
        guard let status = try FileStatus.readIfPresent(path, followingLinks: true), status.kind == .file,
            status.mode & 0o044 != 0
        else { return nil }
        return "Other users can read the passphrase file \(PathText.readable(path)); set its mode to 0600"
    }
}
