/// A signed note (C2SP signed-note): text and lines of signatures. What the signatures are worth is asked of keys.
public struct SignedNote: Sendable, Equatable {
    /// A signature line.
    public struct Signature: Sendable, Equatable {
        /// Name of the key: not empty, no white space, no `+`, no control character.
        public let keyName: String
        /// First four bytes of the hash that tells keys of one name apart.
        public let keyID: UInt32
        /// What the key made of the text.
        public let bytes: [UInt8]

        /// A signature as given.
        public init(keyName: String, keyID: UInt32, bytes: [UInt8]) {
            self.keyName = keyName
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    /// More bytes than a note has; a reader need not take more.
    public static let byteCountMax = 64 << 10
    /// Most signatures that are read.
    public static let signaturesMax = 64

    /// The signed text: UTF-8, ends with a line feed.
    public let text: [UInt8]
    /// The signatures.
    public var signatures: [Signature]

    /// A note as given. - Precondition: the text ends with a line feed.
    public init(text: [UInt8], signatures: [Signature]) {
        precondition(text.last == 0x0a, "the text of a note ends with a line feed")
        self.text = text
        self.signatures = signatures
    }

    private static let dash = "\u{2014} "

    /// The note as it is stored and sent.
    public func encode() -> [UInt8] {
        var bytes = text + [0x0a]
        for signature in signatures {
            let id = withUnsafeBytes(of: signature.keyID.bigEndian) { Array($0) }
            let line = "\(Self.dash)\(signature.keyName) \(Base64.encode(id + signature.bytes))\n"
            bytes.append(contentsOf: line.utf8)
        }
        return bytes
    }

    /// Reads a note; rejects what is not in its form, and more than ``signaturesMax`` signatures.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        func error(_ reason: String) -> FormatError { FormatError("signed note: \(reason)") }
        guard bytes.count <= Self.byteCountMax else { throw error("too long") }
        guard let whole = String(validating: bytes, as: UTF8.self) else { throw error("not UTF-8") }
        guard bytes.last == 0x0a else { throw error("does not end with a line feed") }
        guard !bytes.contains(where: { $0 < 0x20 && $0 != 0x0a }) else { throw error("has a control character") }
        // The last empty line ends the text.
        var lines = whole.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { Array($0) }
        lines.removeLast()
        guard let blank = lines.lastIndex(where: \.isEmpty), blank > 0 else {
            throw error("no empty line after a text")
        }
        text = Array(lines[..<blank].joined(separator: [0x0a])) + [0x0a]
        let signed = lines[(blank + 1)...]
        guard !signed.isEmpty, signed.count <= Self.signaturesMax else {
            throw error("has \(signed.count) signatures, 1 to \(Self.signaturesMax) are read")
        }
        signatures = []
        for line in signed {
            guard let signature = Signature(String(decoding: line, as: UTF8.self)) else {
                throw error("a line after the empty one is no signature")
            }
            signatures.append(signature)
        }
    }

    /// Whether a text can be the name of a key.
    public static func isKeyName(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy {
                $0 != "+" && !$0.properties.isWhitespace && $0.properties.generalCategory != .control
            }
    }
}

extension SignedNote.Signature {
    /// Reads a line; nil when it is not in the form.
    fileprivate init?(_ line: String) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "\u{2014}", SignedNote.isKeyName(String(parts[1])),
            let blob = Base64.decode(parts[2]), blob.count > 4
        else { return nil }
        self.init(
            keyName: String(parts[1]), keyID: blob[..<4].reduce(0) { $0 << 8 | UInt32($1) }, bytes: Array(blob[4...]))
    }
}

/// The text of a checkpoint (C2SP tlog-checkpoint): a head of the log's tree.
public struct Checkpoint: Sendable, Equatable {
    /// Names the log.
    public let origin: String
    /// Number of records that the tree covers.
    public let size: Int
    /// RFC 6962 tree hash over the stored bytes of these records.
    public let root: Digest

    /// A checkpoint as given.
    public init(origin: String, size: Int, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The origin line of a log.
    public static func origin(of lineage: RepositoryID) -> String { "vault-backup.org/log/\(lineage.hex)" }

    /// The text to sign.
    public func encode() -> [UInt8] { Array("\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n".utf8) }

    /// Reads ``encode()``. Lines beyond the third, which this program never writes, are rejected.
    public init(decoding text: [UInt8]) throws(FormatError) {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, lines[3].isEmpty, !lines[0].isEmpty else {
            throw FormatError("checkpoint: not three lines")
        }
        guard let size = Int(lines[1]), size >= 0, size <= CanonicalJSON.integerMax, String(size) == lines[1] else {
            throw FormatError("checkpoint: the second line is not a size")
        }
        guard let root = Base64.decode(lines[2]).flatMap({ Digest($0) }) else {
            throw FormatError("checkpoint: the third line is not a hash")
        }
        self.init(origin: String(lines[0]), size: size, root: root)
        guard encode() == text else { throw FormatError("checkpoint: not in its one form") }
    }
}
