extension IdentityFile {
    private static let type = "vault-identity"
    private static let version = 0
    private static let secretByteCount = 64
    private static let sealedByteCount = 80
    // In canonical JSON this sequence stands only before the member itself: inside a text its quotes would be escaped.
    private static let secretMarker = Array(#","secret":""#.utf8)
    private static let secretDigits = 2 * secretByteCount

    /// Reads the bytes of a file: one line of JSON and a line feed.
    ///
    /// The secret of an unlocked file is taken out before the rest is parsed, so that it never becomes a `String`.
    public init(decoding bytes: SecretBytes) throws(FormatError) {
        guard bytes.count <= Self.byteCountMax else { throw FormatError("identity file: too long") }
        let (text, secret) = try Self.separate(bytes)
        guard text.last == 0x0a else { throw FormatError("identity file: does not end with a line feed") }
        let fields = try JSONFields(CanonicalJSON.decode(text.dropLast(), "identity file"), "identity file")
        guard try fields.string("type") == Self.type else { throw fields.error("is of another type") }
        let version = try fields.integer("version")
        guard version == Self.version else { throw fields.error("version \(version) is not known") }
        let kdf = try fields.object("kdf", "identity file kdf")
        let common = ["anchor", "ed25519", "kdf", "kind", "name", "type", "version", "x25519"]
        let protection: Protection
        switch try kdf.string("type") {
        case "none":
            try kdf.requireOnly(["type"])
            try fields.requireOnly(common + ["secret"])
            guard let secret, try fields.hex("secret", count: Self.secretByteCount).allSatisfy({ $0 == 0 }) else {
                throw fields.error("field 'secret' is not 64 bytes in hexadecimal digits")
            }
            protection = .none(secret)
        case "scrypt":
            let more = fields.has("factor") ? ["factor"] : []
            try fields.requireOnly(common + ["commitment", "salt", "sealed"] + more)
            var lock = try Lock(kdf, salt: fields.hex("salt", count: 32))
            if fields.has("factor") { lock.factor = try Factor(try fields.object("factor", "identity file factor")) }
            protection = .scrypt(
                lock, commitment: SecretBytes(try fields.hex("commitment", count: 32)),
                sealed: try fields.hex("sealed", count: Self.sealedByteCount))
        case let other: throw kdf.error("type '\(other)' is not known")
        }
        let kind = try fields.word("kind", MemberKind.self)
        guard kind != .kit else { throw fields.error("a recovery kit is no identity file") }
        self.init(
            name: try fields.string("name", bytes: Member.nameBytes), kind: kind,
            x25519: try fields.hex("x25519", count: 32), ed25519: try fields.hex("ed25519", count: 32),
            anchor: try fields.string("anchor").isEmpty ? nil : try fields.digest("anchor"), protection: protection)
    }

    /// The bytes of the file. They hold the secrets in the clear unless ``isLocked``, so write them with mode 0600.
    public func encode() -> SecretBytes {
        var members = publicMembers
        var secret: SecretBytes?
        switch protection {
        case .none(let secrets):
            members["kdf"] = .object(["type": .string("none")])
            members["secret"] = .string(String(repeating: "0", count: Self.secretDigits))
            secret = secrets
        case .scrypt(let lock, let commitment, let sealed):
            members["kdf"] = lock.json
            members["salt"] = .string(Hex.encode(lock.salt))
            if let factor = lock.factor { members["factor"] = factor.json }
            members["commitment"] = .string(commitment.withUnsafeBytes { Hex.encode($0) })
            members["sealed"] = .string(Hex.encode(sealed))
        }
        let text = CanonicalJSON.encode(.object(members)) + [0x0a]
        return SecretBytes(count: text.count) { output in
            output.copyBytes(from: text)
            guard let secret, let start = Self.secretStart(text) else { return }
            secret.withUnsafeBytes { SecretHex.encode($0, into: .init(rebasing: output[start...])) }
        }
    }

    /// What a locked file's key and seal are bound to: the file without what depends on them.
    func header(_ lock: Lock) -> [UInt8] {
        var members = publicMembers
        members["kdf"] = lock.json
        members["salt"] = .string(Hex.encode(lock.salt))
        if let factor = lock.factor { members["factor"] = factor.json }
        return CanonicalJSON.encode(.object(members))
    }

    private var publicMembers: [String: JSONValue] {
        [
            "anchor": .string(anchor?.hex ?? ""), "ed25519": .string(Hex.encode(ed25519)),
            "kind": .string(kind.rawValue), "name": .string(name), "type": .string(Self.type),
            "version": .integer(Self.version), "x25519": .string(Hex.encode(x25519)),
        ]
    }

    /// The text with zeros in place of the secret, and the secret; nil when none stands there in its form.
    private static func separate(
        _ bytes: SecretBytes
    ) throws(FormatError) -> (text: [UInt8], secret: SecretBytes?) {
        bytes.withUnsafeBytes { source in
            guard let start = secretStart(source) else { return (Array(source), nil) }
            // What is cut off here is rejected later; it must not be copied, for it may be most of a secret.
            guard start + secretDigits <= source.count else { return (Array(source[..<start]), nil) }
            let end = start + secretDigits
            let secret = SecretHex.decode(UnsafeRawBufferPointer(rebasing: source[start..<end]))
            let zeros = [UInt8](repeating: 0x30, count: secretDigits)
            return (Array(source[..<start]) + zeros + Array(source[end...]), secret)
        }
    }

    /// Where the digits of the secret begin; nil when there is none.
    private static func secretStart<C: RandomAccessCollection>(
        _ text: C
    ) -> Int? where C.Element == UInt8, C.Index == Int {
        let last = text.endIndex - secretMarker.count
        guard last >= text.startIndex else { return nil }
        for start in text.startIndex...last where text[start...].starts(with: secretMarker) {
            return start + secretMarker.count
        }
        return nil
    }
}

extension IdentityFile.Factor {
    /// Reads the object `factor`.
    init(_ fields: JSONFields) throws(FormatError) {
        switch try fields.string("type") {
        case "key-file":
            try fields.requireOnly(["salt", "type"])
            self = .keyFile(salt: try fields.hex("salt", count: 32))
        case "pkcs11":
            try fields.requireOnly(["key", "salt", "serial", "type"])
            self = .token(
                salt: try fields.hex("salt", count: 32), key: try fields.string("key", bytes: Self.nameBytes),
                serial: try fields.string("serial", bytes: Self.nameBytes))
        case let other: throw fields.error("type '\(other)' is not known")
        }
    }

    /// The object `factor`.
    var json: JSONValue {
        switch self {
        case .keyFile(let salt): .object(["salt": .string(Hex.encode(salt)), "type": .string("key-file")])
        case .token(let salt, let key, let serial):
            .object([
                "key": .string(key), "salt": .string(Hex.encode(salt)), "serial": .string(serial),
                "type": .string("pkcs11"),
            ])
        }
    }
}

extension IdentityFile.Lock {
    /// Reads the object `kdf` of type scrypt.
    init(_ kdf: JSONFields, salt: [UInt8]) throws(FormatError) {
        try kdf.requireOnly(["n", "p", "r", "salt", "type"])
        let cost = try kdf.integer("n", Scrypt.costs)
        guard cost.nonzeroBitCount == 1, try kdf.integer("p") == 1, try kdf.integer("r") == 8 else {
            throw kdf.error("parameters are not accepted")
        }
        self.init(cost: cost, kdfSalt: try kdf.hex("salt", count: 32), salt: salt)
    }

    /// The object `kdf`.
    var json: JSONValue {
        .object([
            "n": .integer(cost), "p": .integer(1), "r": .integer(8), "salt": .string(Hex.encode(kdfSalt)),
            "type": .string("scrypt"),
        ])
    }
}
