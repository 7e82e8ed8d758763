/// What a challenge came to: digests of restored files that nobody can compute without their content, since a number
/// drawn after the restore is part of each (`docs/FORMAT.md`, section 11.1).
public struct DrillChallenge: Sendable, Equatable {
    /// Bytes of content in it.
    public var bytes: Int
    /// Files in it.
    public var files: Int
    /// What was drawn.
    public var nonce: Digest
    /// Digest over the digests of the files.
    public var response: Digest

    /// A challenge as given.
    public init(bytes: Int, files: Int, nonce: Digest, response: Digest) {
        self.bytes = bytes
        self.files = files
        self.nonce = nonce
        self.response = response
    }
}

/// Draws the files of a challenge.
struct ChallengeDraw {
    let nonce: Digest
    private var items: [(place: Digest, item: DrillComparison.Item)] = []

    static let filesMax = 32
    static let fileBytesMax = 16 << 20
    static let bytesMax = 32 << 20

    init(nonce: Digest) { self.nonce = nonce }

    /// A nonce that nobody can know before this position of the log, nor choose.
    static func nonce(_ repository: RepositoryID, head: Digest, random: any RandomSource) -> Digest {
        SHA256.digest(Label.repository("drill/nonce", repository) + head.bytes + random.bytes(32))
    }

    /// Takes a file into account.
    mutating func offer(_ item: DrillComparison.Item) {
        guard item.entry.size > 0, item.entry.size <= Self.fileBytesMax else { return }
        let place = SHA256.digest(nonce.bytes + item.path)
        if items.count == Self.filesMax, let last = items.last, place > last.place { return }
        items.insert((place, item), at: items.firstIndex { place < $0.place } ?? items.count)
        if items.count > Self.filesMax { items.removeLast() }
    }

    /// The files, in their order.
    var files: [DrillComparison.Item] {
        var files: [DrillComparison.Item] = []
        var bytes = 0
        for (_, item) in items {
            bytes += item.entry.size
            guard bytes <= Self.bytesMax else { break }
            files.append(item)
        }
        return files
    }

    /// Answers from the restored files, and compares each answer with that of the repository, decoded anew.
    func answer(
        _ reader: SnapshotReader, tree path: [UInt8], _ tally: DrillTally, _ cancellation: Cancellation
    ) throws -> DrillChallenge {
        let root = ConfinedDirectory(root: try OpenFile.openDirectory(path))
        let readBack = ReadBack(cancellation: cancellation)
        let source = FileContent(reader, cancellation: cancellation)
        var response = SHA256()
        var bytes = 0
        let files = files
        tally.expect(.challenge, files.count)
        for item in files {
            do {
                let directory = try root.openDirectory(item.directory)
                let restored = try readBack.read(item.entry.name, in: directory, prefix: nonce.bytes)
                response.update(restored.whole.bytes)
                bytes += restored.count
                var expected = SHA256()
                expected.update(nonce.bytes)
                var written = 0
                try source.read(item.entry, written: &written) { expected.update($0) }
                tally.compared(.challenge)
                if expected.finish() != restored.whole {
                    tally.fail(.challenge, item.path, "answers otherwise than the repository")
                }
            } catch let error as SystemError {
                tally.fail(.challenge, item.path, "cannot be read: \(error.reason)")
            } catch let error as VaultError where error.code == .damaged {
                tally.fail(.challenge, item.path, error.message)
            }
        }
        return DrillChallenge(
            bytes: bytes, files: files.count, nonce: nonce, response: files.isEmpty ? .zero : response.finish())
    }
}
