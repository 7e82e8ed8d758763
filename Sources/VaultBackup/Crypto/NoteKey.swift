/// A key that verifies signatures of notes: a *vkey* (C2SP signed-note, tlog-cosignature).
public struct NoteKey: Sendable, Equatable {
    /// What the signatures are. The raw values are the bytes of the specification.
    public enum Algorithm: UInt8, Sendable {
        /// Ed25519 over the text.
        case ed25519 = 1
        /// Ed25519 over a time and the text: somebody else saw this head at that time.
        case cosignature = 4
    }

    /// What a note holds of this key.
    public enum Verification: Sendable, Equatable {
        /// No signature of it.
        case absent
        /// A signature that verifies; of a cosignature, with its time in seconds since 1970.
        case valid(time: Int?)
        /// A signature that does not verify: the note is not what was signed.
        case invalid
    }

    /// Name of the key.
    public let name: String
    /// What it signs.
    public let algorithm: Algorithm
    /// Ed25519 public key, 32 bytes.
    public let publicKey: [UInt8]

    private static let timeByteCount = 8

    /// A key as given. - Precondition: the name is one, and the key has 32 bytes.
    public init(name: String, algorithm: Algorithm, publicKey: [UInt8]) {
        precondition(SignedNote.isKeyName(name) && publicKey.count == 32, "not a key for notes")
        self.name = name
        self.algorithm = algorithm
        self.publicKey = publicKey
    }

    /// Reads ``text``.
    public init(_ text: String) throws(FormatError) {
        // Base64 may hold a plus itself.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, SignedNote.isKeyName(parts[0]), let key = Base64.decode(parts[2]), key.count == 33,
            let algorithm = Algorithm(rawValue: key[0])
        else { throw FormatError("verifier key: not NAME+HASH+KEY of an Ed25519 key") }
        self.init(name: parts[0], algorithm: algorithm, publicKey: Array(key[1...]))
        guard self.text == text else { throw FormatError("verifier key: its hash is not that of its name and key") }
    }

    /// The key id: the first four bytes of SHA-256(name ‖ 0A ‖ algorithm ‖ key).
    public var id: UInt32 {
        SHA256.digest(Array(name.utf8) + [0x0a, algorithm.rawValue] + publicKey).bytes[..<4]
            .reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// `NAME+HASH+KEY`, one line.
    public var text: String {
        let hash = withUnsafeBytes(of: id.bigEndian) { Hex.encode($0) }
        return "\(name)+\(hash)+\(Base64.encode([algorithm.rawValue] + publicKey))"
    }

    /// Signs a text. - Parameter time: of a cosignature, in seconds since 1970, not negative.
    public func sign(_ text: [UInt8], time: Int = 0, seed: SecretBytes) throws(CryptoError) -> SignedNote.Signature {
        let signature = try Ed25519.sign(message(text, time: time), seed: seed)
        let prefix = algorithm == .cosignature ? withUnsafeBytes(of: UInt64(time).bigEndian) { Array($0) } : []
        return SignedNote.Signature(keyName: name, keyID: id, bytes: prefix + signature)
    }

    /// What the note holds of this key. Several signatures of it count as one, and all must verify.
    public func verify(_ note: SignedNote) -> Verification {
        var result = Verification.absent
        for signature in note.signatures where signature.keyName.hasSameBytes(as: name) && signature.keyID == id {
            var time: Int?
            var bytes = signature.bytes[...]
            if algorithm == .cosignature {
                guard bytes.count == Self.timeByteCount + Ed25519.signatureByteCount else { return .invalid }
                let seconds = bytes.prefix(Self.timeByteCount).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                guard let exact = Int(exactly: seconds) else { return .invalid }
                time = exact
                bytes = bytes.dropFirst(Self.timeByteCount)
            }
            let message = message(note.text, time: time ?? 0)
            guard Ed25519.isValid(Array(bytes), of: message, publicKey: publicKey) else { return .invalid }
            result = .valid(time: time)
        }
        return result
    }

    private func message(_ text: [UInt8], time: Int) -> [UInt8] {
        switch algorithm {
        case .ed25519: text
        case .cosignature: Array("cosignature/v1\ntime \(time)\n".utf8) + text
        }
    }
}
