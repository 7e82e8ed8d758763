internal import Synchronization

/// Opens packs: finds their directories, their keys and their segments. Safe from any thread; what was opened stays
/// open.
final class PackReader: Sendable {
    /// What is known of a pack before it is opened: from the log.
    struct Description: Sendable {
        var name: Digest
        var length: Int
        /// Nil when the record that names the pack is lost.
        var directoryDigest: Digest?
        var epoch: Int
    }

    /// The parts of a pack that reading segments needs.
    final class Opened: Sendable {
        let header: PackHeader
        let segments: [PackDirectory.Segment]
        private let keys: Mutex<[Int: PackKey]> = Mutex([:])

        fileprivate init(header: PackHeader, segments: [PackDirectory.Segment]) {
            self.header = header
            self.segments = segments
        }

        fileprivate func key(_ stanza: Int, _ material: KeyMaterial, repository: RepositoryID) throws -> PackKey {
            if let key = keys.withLock({ $0[stanza] }) { return key }
            let epoch = header.stanzas[stanza].epoch
            guard let secret = material.readSecret(of: epoch) else {
                throw FormatError("this identity has no key of epoch \(epoch)")
            }
            let key = try PackKey.open(header.stanzas[stanza], readSecret: secret, repository: repository)
            keys.withLock { $0[stanza] = key }
            return key
        }
    }

    private let store: any ObjectStore
    private let repository: RepositoryID
    let keys: KeyMaterial
    private let moved: MovedSegments?
    private let opened: Mutex<[Digest: Opened]> = Mutex([:])

    /// A reader with the secrets in `keys`: IDX for directories, READ for content.
    ///
    /// - Parameter moved: finds what is not where it was.
    init(store: any ObjectStore, repository: RepositoryID, keys: KeyMaterial, moved: MovedSegments? = nil) {
        self.moved = moved
        self.store = store
        self.repository = repository
        self.keys = keys
    }

    /// The directory of a pack, checked against the log.
    /// - Throws: ``VaultError`` `.damaged` naming the pack.
    func directory(of pack: Description) throws -> PackDirectory { try open(pack).directory }

    /// Header and directory of a pack, checked against the log.
    /// - Throws: ``VaultError`` `.damaged` naming the pack.
    func parts(of pack: Description) throws -> (header: PackHeader, directory: PackDirectory) { try open(pack) }

    /// Opens a pack, or takes it from memory.
    func opened(_ pack: Description) throws -> Opened {
        if let found = opened.withLock({ $0[pack.name] }) { return found }
        let (header, directory) = try open(pack)
        let result = Opened(header: header, segments: directory.segments)
        opened.withLock { $0[pack.name] = result }
        return result
    }

    /// The same from parts that were opened before.
    func opened(_ pack: Description, _ header: PackHeader, _ directory: PackDirectory) -> Opened {
        opened.withLock { known in
            if let found = known[pack.name] { return found }
            let result = Opened(header: header, segments: directory.segments)
            known[pack.name] = result
            return result
        }
    }

    /// Where a segment is that cannot be read in its pack; nil when it is nowhere else.
    func newPlace(of pack: Description, segment number: Int) throws -> MovedSegments.Place? {
        try moved?.find(pack.name, segment: number, directory: { try open($0).directory })
    }

    /// The key of a segment of an opened pack.
    func key(_ pack: Description, _ opened: Opened, segment: PackDirectory.Segment) throws -> PackKey {
        guard keys.read != nil else {
            throw VaultError(
                .notAllowed, "This identity has no role that can read content",
                nextStep: "Use an identity with the role read")
        }
        do {
            return try opened.key(segment.stanza, keys, repository: repository)
        } catch {
            throw Self.damaged(pack.name, "its key does not open", error)
        }
    }

    /// Reads stored bytes of a pack.
    func read(_ pack: Description, offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        let name = ObjectName.content(.packs, pack.name)
        let count: Int?
        do {
            count = try store.read(name, offset: offset, into: buffer)
        } catch {
            throw VaultError(.storage, "Pack \(name) cannot be read", nextStep: "Check the store", cause: error)
        }
        guard let count else { throw Self.damaged(pack.name, "is missing") }
        guard count == buffer.count else { throw Self.damaged(pack.name, "is too short") }
    }

    private func open(_ pack: Description) throws -> (header: PackHeader, directory: PackDirectory) {
        guard keys.index != nil else {
            throw VaultError(
                .notAllowed, "This identity cannot open pack directories",
                nextStep: "Use an identity with the role write, read or maintain")
        }
        guard pack.length >= PackLayout.headerBytes + PackLayout.trailerBytes, pack.length <= Limits.packBytesMax else {
            throw Self.damaged(pack.name, "has an impossible length")
        }
        do {
            let trailer = try PackTrailer(
                decoding: try bytes(pack, pack.length - PackLayout.trailerBytes, PackLayout.trailerBytes),
                packLength: pack.length)
            let sealed = try bytes(pack, trailer.directoryOffset, trailer.directoryLength)
            guard pack.directoryDigest == nil || SHA256.digest(sealed) == pack.directoryDigest else {
                throw Self.damaged(pack.name, "has another directory than the log says")
            }
            let (header, headerBytes) = try header(pack, trailer)
            guard header.repository == repository else {
                throw Self.damaged(pack.name, "belongs to another repository")
            }
            let plain = try plaintext(of: sealed, pack, SHA256.digest(headerBytes))
            let directory = try PackDirectory(
                decoding: plain, area: headerBytes.count..<trailer.directoryOffset, stanzaCount: header.stanzas.count,
                kind: header.kind, packClass: header.packClass)
            guard header.kind == .moved || directory.isOrdinary else {
                throw Self.damaged(pack.name, "has segments that are not in their place")
            }
            return (header, directory)
        } catch let error as VaultError {
            throw error
        } catch {
            throw Self.damaged(pack.name, "cannot be opened", error)
        }
    }

    /// Opens a sealed directory with IDX of the epoch that the log names. Where the record is lost that says which, any
    /// may be it.
    private func plaintext(of sealed: [UInt8], _ pack: Description, _ header: Digest) throws -> [UInt8] {
        let epochs = pack.directoryDigest == nil ? keys.epochs : [pack.epoch]
        var failure: any Error = FormatError("this identity has no key of epoch \(pack.epoch)")
        for epoch in epochs {
            guard let key = keys.indexSecret(of: epoch) else { continue }
            do throws(CryptoError) {
                return try SealedBox.open(
                    sealed, key: key, purpose: "directory", repository: repository, context: header.bytes)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func header(_ pack: Description, _ trailer: PackTrailer) throws -> (PackHeader, [UInt8]) {
        let first = try bytes(pack, 0, PackLayout.headerBytes)
        let stanzaCount = PackHeader.stanzaCount(in: first)
        let length = PackLayout.headerBytes + max(0, stanzaCount - 1) * Stanza.byteCount
        guard length <= trailer.directoryOffset else { throw Self.damaged(pack.name, "has a header that is too long") }
        let all = length == first.count ? first : try bytes(pack, 0, length)
        return (try PackHeader.decode(prefixOf: all).header, all)
    }

    private func bytes(_ pack: Description, _ offset: Int, _ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes { try read(pack, offset: offset, into: $0) }
        return bytes
    }

    static func damaged(_ pack: Digest, _ reason: String, _ cause: (any Error)? = nil) -> VaultError {
        VaultError(
            .damaged, "Pack \(ObjectName.content(.packs, pack)) \(reason)",
            nextStep: "Run vault verify --read-data to see what is affected", cause: cause)
    }
}
