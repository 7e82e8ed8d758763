/// The file that keeps an identity, locked with a passphrase or not (`docs/FORMAT.md`, section 5).
///
/// A value is what was read or is to be written; reading and writing the bytes is the caller's. Everything but the
/// secrets can be read without the passphrase.
public struct IdentityFile: Sendable {
    /// More bytes than any identity file has; a reader need not take more.
    public static let byteCountMax = 4096
    /// The scrypt cost N of new files: 128 MiB, somewhat under a second.
    public static let defaultCost = 1 << 17

    /// How the secrets are kept.
    enum Protection: Sendable {
        /// In the clear, 64 bytes: for machines that must start unattended.
        case none(SecretBytes)
        /// Under a passphrase.
        case scrypt(Lock, commitment: SecretBytes, sealed: [UInt8])
    }

    /// What the key of a locked file is derived with. Every lock draws its own salts, so that its key is used once.
    struct Lock: Sendable, Equatable {
        let cost: Int
        let kdfSalt: [UInt8]
        let salt: [UInt8]
        /// What is needed besides the passphrase.
        var factor: Factor?
    }

    /// The name that people use, 1 to 64 bytes of UTF-8.
    public let name: String
    /// What kind of holder it is; never a kit, which has no file of this kind.
    public let kind: MemberKind
    /// Public key to which its slots are sealed, 32 bytes.
    public let x25519: [UInt8]
    /// Public key that verifies its records, 32 bytes.
    public let ed25519: [UInt8]
    /// The anchor of the repository that the identity was made for, if any.
    public let anchor: Digest?
    let protection: Protection

    /// The id that follows from the two public keys.
    public var id: MemberID { MemberID(x25519: x25519, ed25519: ed25519) }

    /// Whether a passphrase is needed.
    public var isLocked: Bool { if case .scrypt = protection { true } else { false } }

    /// What is needed besides the passphrase; nil when nothing is.
    public var factor: Factor? { if case .scrypt(let lock, _, _) = protection { lock.factor } else { nil } }

    init(
        name: String, kind: MemberKind, x25519: [UInt8], ed25519: [UInt8], anchor: Digest?, protection: Protection
    ) {
        precondition(kind != .kit, "a recovery kit has a file of its own kind")
        self.name = name
        self.kind = kind
        self.x25519 = x25519
        self.ed25519 = ed25519
        self.anchor = anchor
        self.protection = protection
    }

    /// A file without passphrase. Whoever reads it has the identity.
    ///
    /// - Precondition: the identity is not a kit.
    public static func unlocked(_ identity: Identity, anchor: Digest?) -> IdentityFile {
        IdentityFile(
            name: identity.name, kind: identity.kind, x25519: identity.x25519, ed25519: identity.ed25519,
            anchor: anchor,
            protection: .none(.concatenate([identity.secrets.x25519, identity.secrets.ed25519Seed])))
    }

    /// A file under a passphrase, with fresh salts. Takes about a second and `cost` KiB of memory.
    ///
    /// - Parameter factor: what the file is to need besides; it gets a fresh salt, whatever it has.
    /// - Parameter factors: where that is to be had now.
    ///
    /// Throws ``VaultError`` `usage` for an empty passphrase or one that is not UTF-8, and for a cost outside
    /// ``Scrypt/costs``; and what `factors` throw.
    /// - Precondition: the identity is not a kit.
    public static func locked(
        _ identity: Identity, anchor: Digest?, passphrase: SecretBytes, factor: Factor? = nil,
        factors: FactorSource = FactorSource(), cost: Int = defaultCost, random: some RandomSource
    ) throws -> IdentityFile {
        try locked(
            identity, anchor: anchor, passphrase: passphrase, factors: factors,
            with: Lock(
                cost: cost, kdfSalt: random.bytes(32), salt: random.bytes(32), factor: factor?.salted(by: random)))
    }

    /// With given salts, for known answers.
    static func locked(
        _ identity: Identity, anchor: Digest?, passphrase: SecretBytes, factors: FactorSource = FactorSource(),
        with lock: Lock
    ) throws -> IdentityFile {
        guard passphrase.count > 0 else {
            throw VaultError(.usage, "An empty passphrase protects nothing", nextStep: "Choose a passphrase")
        }
        // The header does not depend on commitment and sealed secrets, so it can be taken from a file without them.
        let open = IdentityFile(
            name: identity.name, kind: identity.kind, x25519: identity.x25519, ed25519: identity.ed25519,
            anchor: anchor, protection: .scrypt(lock, commitment: SecretBytes([]), sealed: []))
        let header = open.header(lock)
        let seconds = try lock.factor.map { try factors.secrets(of: $0, for: identity.name) } ?? []
        guard seconds.count < 2 else {
            throw VaultError(
                .usage,
                "\(seconds.count) key files are named, and the identity of '\(identity.name)' is locked with one",
                nextStep: "Name only its key file with --key-file FILE")
        }
        do {
            let keys = try lock.keys(passphrase, seconds.first, header: header)
            let secrets = SecretBytes.concatenate([identity.secrets.x25519, identity.secrets.ed25519Seed])
            let sealed = try AESGCM().seal(key: keys.key, aad: header, secrets)
            return IdentityFile(
                name: open.name, kind: open.kind, x25519: open.x25519, ed25519: open.ed25519, anchor: anchor,
                protection: .scrypt(lock, commitment: keys.commitment, sealed: sealed))
        } catch {
            throw VaultError(.usage, "The identity cannot be locked with this passphrase", cause: error)
        }
    }

    /// The identity in the file. `passphrase` is called only when the file is locked.
    ///
    /// Throws ``VaultError``: `wrongIdentity` for a wrong passphrase or second factor, `damaged` when the secrets are
    /// not those of the public keys; and what `passphrase` throws.
    public func unlock(
        factors: FactorSource = FactorSource(), _ passphrase: () throws -> SecretBytes
    ) throws -> Identity {
        let both: SecretBytes
        switch protection {
        case .none(let secrets): both = secrets
        case .scrypt(let lock, let commitment, let sealed):
            // Whether the factor is there is known before anybody is asked for a passphrase.
            let second = try lock.factor.map { try factors.secrets(of: $0, for: name) }
            both = try open(lock, commitment, sealed, passphrase(), second ?? [nil])
        }
        let identity: Identity
        do {
            identity = try Identity(name: name, kind: kind, secrets: (both.slice(0..<32), both.slice(32..<64)))
        } catch {
            throw VaultError(.damaged, "The keys in the identity file of '\(name)' cannot be used", cause: error)
        }
        guard identity.x25519 == x25519, identity.ed25519 == ed25519 else {
            throw VaultError(
                .damaged, "The public keys in the identity file of '\(name)' do not belong to its secrets",
                nextStep: "Use a copy of the file, or another identity")
        }
        return identity
    }

    /// The same identity under a new passphrase and the same second factor, with fresh salts. `current` is called only
    /// when the file is locked.
    ///
    /// Copies of the old file still open with the old passphrase. Throws as ``unlock(factors:_:)`` and
    /// ``locked(_:anchor:passphrase:factor:factors:cost:random:)`` do.
    public func changingPassphrase(
        from current: () throws -> SecretBytes, to new: SecretBytes, factors: FactorSource = FactorSource(),
        cost: Int = defaultCost, random: some RandomSource
    ) throws -> IdentityFile {
        try .locked(
            unlock(factors: factors, current), anchor: anchor, passphrase: new, factor: factor, factors: factors,
            cost: cost, random: random)
    }

    private func open(
        _ lock: Lock, _ commitment: SecretBytes, _ sealed: [UInt8], _ passphrase: SecretBytes, _ seconds: [SecretBytes?]
    ) throws -> SecretBytes {
        let header = header(lock)
        // Which of two factors is wrong cannot be told, and must not be.
        let wrong =
            lock.factor == nil
            ? VaultError(
                .wrongIdentity, "The passphrase does not open the identity file of '\(name)'",
                nextStep: "Try again; if the passphrase is lost, use the recovery kit or ask another administrator")
            : VaultError(
                .wrongIdentity,
                "The passphrase and the second factor together do not open the identity file of '\(name)'",
                nextStep: "Check both and try again; if one is lost, use the recovery kit or ask another administrator")
        var fit: (key: SecretBytes, commitment: SecretBytes)?
        do {
            for second in seconds where fit == nil {
                let keys = try lock.keys(passphrase, second, header: header)
                if keys.commitment.isEqual(to: commitment) { fit = keys }
            }
        } catch {
            throw VaultError(wrong.code, wrong.message, nextStep: wrong.nextStep, cause: error)
        }
        guard let keys = fit else { throw wrong }
        do {
            return try AESGCM().open(key: keys.key, aad: header, sealed)
        } catch {
            // The key is right, as the commitment shows, so the sealed part was changed.
            throw VaultError(
                .damaged, "The identity file of '\(name)' was changed", nextStep: "Use a copy of the file",
                cause: error)
        }
    }
}

extension IdentityFile.Lock {
    /// The key and the commitment to it.
    func keys(
        _ passphrase: SecretBytes, _ second: SecretBytes?, header: [UInt8]
    ) throws(CryptoError) -> (key: SecretBytes, commitment: SecretBytes) {
        let first = try Scrypt.derive(PassphraseNormaliser.nfc(passphrase), salt: kdfSalt, n: cost)
        let secret = second.map { SecretBytes.concatenate([first, $0]) } ?? first
        let both = HKDF.derive(secret, info: Label.bare("identity") + header, count: 64, salt: salt)
        return (both.slice(0..<32), both.slice(32..<64))
    }
}
