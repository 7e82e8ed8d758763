/// A replayed ``RepositoryState`` kept on this machine, so that opening a long log does not replay it from the
/// beginning.
///
/// What is trusted, and why: a cached state stands for signatures that this client verified earlier. It is as
/// trustworthy as the pin and the program's own settings, which lie in directories of the same user; whoever can forge
/// the one can forge the others. It is never trusted over the store: it counts only if its anchor is that of the
/// store's genesis record, and if the store's record at the cached head has the cached digest. As each record names the
/// digest of the one before it, that ties the state to the very chain it was replayed from. A cache that is damaged
/// (checksum), of another repository or of another version of the program is dropped.
public struct StateCache: Sendable {
    /// Name of the file.
    public static let fileName = "log.state"
    /// How many new records make it worth writing the cache again; replaying fewer is cheaper than a durable write.
    public static let recordsWorthSaving = 16

    // The last byte is the version of the form; any change to the form or to the rules of replay takes the next number.
    private static let magic = Array("VLST".utf8) + [10]
    // What errors call it.
    static let subject: StaticString = "cached state"
    private let files: any LocalFiles

    /// A cache in the directory of `files`, which belongs to one repository.
    public init(files: any LocalFiles) { self.files = files }

    /// The cached state of the repository with this anchor; nil when there is none that can be used.
    public func load(anchor: Digest) -> RepositoryState? {
        guard let stored = try? files.read(Self.fileName), let state = try? Self.decode(stored), state.anchor == anchor
        else { return nil }
        return state
    }

    /// Replaces the cached state, durably. An error is of no consequence to the repository.
    public func save(_ state: RepositoryState) throws { try files.write(Self.fileName, Self.encode(state)) }

    static func encode(_ state: RepositoryState) -> [UInt8] {
        var writer = ByteWriter(capacity: 4_096 + state.packs.count * 160 + state.snapshots.count * 400)
        writer.raw(magic)
        state.encode(into: &writer)
        writer.raw(SHA256.digest(writer.bytes))
        return writer.bytes
    }

    static func decode(_ stored: [UInt8]) throws(FormatError) -> RepositoryState {
        let count = stored.count - Digest.byteCount
        guard count >= magic.count, stored.starts(with: magic) else {
            throw FormatError("\(subject): of another form")
        }
        let isWhole = stored.withUnsafeBytes { bytes in
            SHA256.digest(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                == Digest(UnsafeRawBufferPointer(rebasing: bytes[count...]))
        }
        guard isWhole else { throw FormatError("\(subject): damaged") }
        var reader = ByteReader(stored, subject, range: magic.count..<count)
        let state = try RepositoryState(decoding: &reader)
        try reader.finish()
        return state
    }
}
