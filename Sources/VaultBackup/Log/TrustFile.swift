/// What an auditor trusts and keeps apart from the repository (`docs/FORMAT.md`, section 13): which repository it is,
/// how far its log went when that was written down, and whose cosignatures count. It holds no secret.
///
/// A page of a recovery kit counts as well: of it, the lines that name the repository are taken.
public struct TrustFile: Sendable, Equatable {
    /// First line of the form of its own.
    public static let firstLine = "vault-trust 0"
    /// More bytes than a trust file has.
    public static let byteCountMax = 64 << 10

    /// SHA-256 of the genesis record.
    public var anchor: Digest
    /// The repository; nil when only the anchor is known.
    public var repository: RepositoryID?
    /// A record that the log must have.
    public var head: LogPoint?
    /// Keys whose signatures on checkpoints count, beside those of the members.
    public var witnesses: [NoteKey]

    /// A trust file as given.
    public init(anchor: Digest, repository: RepositoryID?, head: LogPoint?, witnesses: [NoteKey] = []) {
        self.anchor = anchor
        self.repository = repository
        self.head = head
        self.witnesses = witnesses
    }

    /// The file.
    public func encode() -> [UInt8] {
        var lines = [Self.firstLine, "anchor: \(anchor.hex)"]
        if let repository { lines.append("repository: \(repository.hex)") }
        if let head { lines.append("head: \(head.position) \(head.digest.hex)") }
        lines += witnesses.map { "witness: \($0.text)" }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// Reads a trust file or the page of a recovery kit, whose other lines are ignored. In a trust file every line
    /// must be known: a mistyped one would weaken it unseen.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        guard bytes.count <= Self.byteCountMax else { throw FormatError("trust file: too long") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw FormatError("trust file: not UTF-8") }
        // By bytes: to Swift, a carriage return and a line feed are one character.
        let lines = text.utf8.split(separator: 0x0a).map { Self.trimmed(Substring($0)) }
        let isStrict = lines.first == Self.firstLine
        var found: [String: String] = [:]
        witnesses = []
        for line in lines.dropFirst(isStrict ? 1 : 0) where !line.isEmpty && !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let (name, value) = (String(parts[0]), parts.count == 2 ? Self.trimmed(parts[1]) : "")
            switch name {
            case "anchor", "repository", "head":
                guard found.updateValue(value, forKey: name) == nil else {
                    throw FormatError("trust file: '\(name)' stands twice")
                }
            case "witness" where isStrict: witnesses.append(try NoteKey(value))
            default:
                guard !isStrict else {
                    throw FormatError("trust file: unknown line '\(PathText.readable(Array(name.utf8)))'")
                }
            }
        }
        guard let anchor = found["anchor"].flatMap({ Digest(hex: $0) }) else {
            throw FormatError("trust file: the line 'anchor' is missing or is not 32 bytes in hexadecimal digits")
        }
        self.anchor = anchor
        if let text = found["repository"] {
            guard let id = RepositoryID(hex: text) else {
                throw FormatError("trust file: 'repository' is not 16 bytes in hexadecimal digits")
            }
            repository = id
        }
        if let text = found["head"] { head = try Self.head(text) }
    }

    private static func head(_ text: String) throws(FormatError) -> LogPoint {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let position = Int(parts[0]), position >= 0, String(position) == parts[0],
            let digest = Digest(hex: parts[1])
        else { throw FormatError("trust file: 'head' is not a position and 32 bytes in hexadecimal digits") }
        return LogPoint(position: position, digest: digest)
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let last = text.unicodeScalars.last, " \t\r".unicodeScalars.contains(last) {
            text.unicodeScalars.removeLast()
        }
        while let first = text.unicodeScalars.first, " \t".unicodeScalars.contains(first) {
            text.unicodeScalars.removeFirst()
        }
        return String(text)
    }
}
