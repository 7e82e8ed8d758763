/// The lines of a page that are read (`docs/FORMAT.md`, section 5); all others are ignored.
struct RecoveryKitLines {
    /// A line by its name.
    enum Field: Hashable {
        case seed, repository, anchor, location, head, share, sealed, proof
        /// A row of the seed, from 1.
        case row(Int)

        static let all: [Field] =
            [.seed, .repository, .anchor, .location, .head, .share, .sealed, .proof]
            + (1...RecoveryKit.rowCount).map { .row($0) }

        var name: String {
            switch self {
            case .seed: "seed"
            case .repository: "repository"
            case .anchor: "anchor"
            case .location: "location"
            case .head: "head"
            case .share: "share"
            case .sealed: "sealed"
            case .proof: "proof"
            case .row(let number): "row \(number)"
            }
        }
    }

    private var found: [Field: SecretBytes] = [:]

    /// Finds the lines. Throws for a page that is too long, and for a line that stands there twice.
    init(decoding bytes: SecretBytes) throws(FormatError) {
        guard bytes.count <= RecoveryKitFile.byteCountMax else { throw FormatError("recovery kit file: too long") }
        try bytes.withUnsafeBytes { (text) throws(FormatError) in
            for line in text.split(separator: 0x0a) {
                guard let (field, value) = Self.parse(line) else { continue }
                guard found[field] == nil else {
                    throw FormatError("recovery kit file: '\(field.name)' stands twice")
                }
                found[field] = value
            }
        }
    }

    /// The value of a line that is no secret; nil when it is not there. Throws for one that is not UTF-8.
    func text(_ field: Field) throws(FormatError) -> String? {
        guard let value = found[field] else { return nil }
        guard let text = value.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw FormatError("recovery kit file: '\(field.name)' is not UTF-8")
        }
        return text
    }

    /// The value of a line that is a secret; nil when it is not there.
    func secret(_ field: Field) -> SecretBytes? { found[field] }

    /// The whole anchor, by which the repository is recognised. Throws, with `subject` first, when it is not there.
    func anchor(_ subject: String) throws(FormatError) -> Digest {
        guard let anchor = Digest(hex: try text(.anchor) ?? "") else {
            throw FormatError("\(subject): the line 'anchor' is missing or is not 32 bytes in hexadecimal digits")
        }
        return anchor
    }

    /// The lines by which the repository is found and recognised, of those that are known.
    ///
    /// - Precondition: `location` has no line feed.
    static func place(
        _ anchor: Digest, _ repository: RepositoryID?, _ head: (position: Int, digest: Digest)?, _ location: String?
    ) -> String {
        precondition(location?.utf8.contains(0x0a) != true, "a location is one line")
        var lines = "anchor: \(anchor.hex)\n"
        if let repository { lines += "repository: \(repository.hex)\n" }
        if let head { lines += "head: \(head.position) \(head.digest.hex)\n" }
        if let location { lines += "location: \(location)\n" }
        return lines
    }

    /// The id of the repository; nil when it is not there.
    func repository() throws(FormatError) -> RepositoryID? {
        try text(.repository).map { (text) throws(FormatError) in
            guard let id = RepositoryID(hex: text) else {
                throw FormatError("recovery kit file: 'repository' is not 16 bytes in hexadecimal digits")
            }
            return id
        }
    }

    /// The head; nil when it is not there.
    func head() throws(FormatError) -> (position: Int, digest: Digest)? {
        try text(.head).map { (text) throws(FormatError) in
            let parts = text.split(separator: " ")
            // Through the number and back: no sign, no leading zero.
            guard parts.count == 2, let position = Int(parts[0]), position >= 0, String(position) == parts[0],
                let digest = Digest(hex: parts[1])
            else { throw FormatError("recovery kit file: 'head' is not a position and 32 bytes in hexadecimal digits") }
            return (position, digest)
        }
    }

    /// The kit from the line `seed`, or from the rows where that line is missing.
    func kit() throws(FormatError) -> RecoveryKit {
        if let seed = found[.seed] { return try RecoveryKit(typed: seed) }
        guard (1...RecoveryKit.rowCount).contains(where: { found[.row($0)] != nil }) else {
            throw FormatError("recovery kit file: the line 'seed' is missing")
        }
        var rows: [SecretBytes] = []
        for number in 1...RecoveryKit.rowCount {
            guard let typed = found[.row(number)] else {
                throw FormatError("recovery kit file: the line 'row \(number)' is missing")
            }
            rows.append(try RecoveryKit.row(number, typed: typed))
        }
        return try RecoveryKit(rows: rows)
    }

    /// The field and its value without blanks at the ends; nil for other lines.
    private static func parse(_ line: UnsafeRawBufferPointer.SubSequence) -> (Field, SecretBytes)? {
        for field in Field.all where line.starts(with: "\(field.name):".utf8) {
            var value = line.dropFirst(field.name.utf8.count + 1)
            while let byte = value.first, isBlank(byte) { value.removeFirst() }
            while let byte = value.last, isBlank(byte) { value.removeLast() }
            return (field, SecretBytes(copying: UnsafeRawBufferPointer(rebasing: value)))
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
}
