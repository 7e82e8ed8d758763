/// What a newcomer hands to an administrator: name, kind and public keys in one line (`docs/FORMAT.md`, section 5). It
/// holds no secret.
public struct PublicLine: Sendable, Equatable {
    /// More bytes than a line has; a reader need not take more.
    public static let byteCountMax = 512
    private static let mark = "vault-public 0 "

    /// The name that people use, 1 to 64 bytes without control characters.
    public let name: String
    /// Person or machine.
    public let kind: MemberKind
    /// Public key to which slots are sealed, 32 bytes.
    public let x25519: [UInt8]
    /// Public key that verifies records, 32 bytes.
    public let ed25519: [UInt8]
    /// The line, without line feed.
    public let text: String

    /// The id that follows from the two public keys: what newcomer and administrator compare.
    public var id: MemberID { MemberID(x25519: x25519, ed25519: ed25519) }

    /// The line of an identity.
    ///
    /// Throws ``VaultError`` `.usage` for a name that the line cannot carry, and ``CryptoError``.
    /// - Precondition: the identity is not a kit.
    public init(_ identity: Identity) throws {
        precondition(identity.kind != .kit, "a kit is no newcomer")
        (name, kind, x25519, ed25519) = (identity.name, identity.kind, identity.x25519, identity.ed25519)
        let signature = try Ed25519.sign(
            Self.signed(name, kind, x25519 + ed25519), seed: identity.secrets.ed25519Seed)
        text = "\(Self.mark)\(kind.rawValue) \(Base64.encode(x25519 + ed25519 + signature)) \(name)"
        guard (try? PublicLine(decoding: text.utf8)) == self else {
            throw VaultError(
                .usage, "The name of an identity has no control characters, and no blank at its end",
                nextStep: "Choose another name")
        }
    }

    /// Reads a line; blanks and line feeds around it are ignored.
    ///
    /// Throws for anything else than such a line, also when one of its characters was changed.
    public init(decoding bytes: some Sequence<UInt8>) throws(FormatError) {
        guard let whole = String(validating: Array(bytes.prefix(Self.byteCountMax + 1)), as: UTF8.self),
            whole.utf8.count <= Self.byteCountMax
        else { throw FormatError("public line: too long, or not UTF-8") }
        let line = whole.drop(while: \.isWhitespace)
        let end = line.lastIndex { !$0.isWhitespace }.map { line.index(after: $0) } ?? line.startIndex
        let trimmed = line[..<end]
        guard trimmed.hasPrefix(Self.mark) else {
            throw FormatError("public line: it does not begin with '\(Self.mark)'")
        }
        let parts = trimmed.dropFirst(Self.mark.count).split(
            separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let kind = MemberKind(rawValue: String(parts[0])), kind != .kit else {
            throw FormatError("public line: it does not name a person or a machine, keys, and a name")
        }
        let name = String(parts[2])
        guard Member.nameBytes.contains(name.utf8.count), !Self.hasControls(name) else {
            throw FormatError("public line: its name has not 1 to 64 bytes, or control characters")
        }
        guard let bytes = Base64.decode(String(parts[1])), bytes.count == 128 else {
            throw FormatError("public line: the keys are not 128 bytes in base64, so a part is missing or mistyped")
        }
        let keys = Array(bytes[0..<64])
        guard
            Ed25519.isValid(
                Array(bytes[64...]), of: Self.signed(name, kind, keys), publicKey: Array(keys[32...]))
        else { throw FormatError("public line: its signature does not verify, so it was changed on the way") }
        (self.name, self.kind, x25519, ed25519) = (name, kind, Array(keys[0..<32]), Array(keys[32...]))
        text = String(trimmed)
        // Whatever is sealed to a point of small order, anybody can open. Any secret shows it.
        guard (try? X25519.sharedSecret(SecretBytes([UInt8](repeating: 1, count: 32)), x25519)) != nil else {
            throw FormatError("public line: nothing can be sealed to its key, which is of small order")
        }
    }

    /// The entry in a keyring.
    public func member(roles: Set<Role>, systems: [String] = [Member.anySystem]) -> Member {
        Member(id: id, name: name, kind: kind, ed25519: ed25519, x25519: x25519, roles: roles, systems: systems)
    }

    private static func signed(_ name: String, _ kind: MemberKind, _ keys: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(Label.bare("public-line"))
        writer.lp8(Array(kind.rawValue.utf8))
        writer.lp8(Array(name.utf8))
        writer.raw(keys)
        return writer.bytes
    }

    private static func hasControls(_ name: String) -> Bool {
        name.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
    }
}
