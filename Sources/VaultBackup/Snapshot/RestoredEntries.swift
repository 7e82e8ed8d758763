/// Files that a restore has written, kept for the next backup of this client so that it reads none of them again.
///
/// 1. A file is kept only when this run wrote all of it, every chunk was checked by its id, the digest of the content
///    was computed from the chunks and is that of the entry, and size, time, attributes and flags were read back from
///    the file and are those of the entry. Attributes and flags of a file that gets none are read back from the first
///    that is made in a new directory, for all in it.
/// 2. Its identity is taken after the last change that the restore makes to it. A later change of the content shows in
///    its times: files whose own time is within two seconds of now, or on file systems that count whole seconds, are
///    not kept.
/// 3. The backup believes it as it believes its own scan cache: the identity must be the same, and all chunks must lie
///    in packs that its writer may use again. So a snapshot of another machine helps nobody who may not trust it.
///
/// One journal for each target, without names, in the folder of the scan caches.
final class RestoredEntries: Sendable {
    private let keys: ScanKeys
    private let journal: ScanJournal
    /// Hash of the path of the target, as the scan cache has it.
    let targetHash: UInt64

    private static let secondsMin: Int64 = 2

    /// - Parameter isFresh: whether what an earlier restore into the target left is of no use.
    /// - Returns: nil when there is no cache folder; then the next backup reads everything.
    init?(target: [UInt8], _ access: ReadAccess, isFresh: Bool) {
        guard let folder = access.repository.folders.cache(of: access.repository.id, "scan"),
            let path = try? PathBytes.resolved(target)
        else { return nil }
        let keys = ScanKeys(dedupSecret: access.dedup, repository: access.repository.id)
        targetHash = path.split(separator: 0x2f).reduce(keys.path(0, 0)) { above, name in
            keys.path(above, name.withUnsafeBytes { keys.hash($0) })
        }
        self.keys = keys
        let now = access.repository.clock.now().milliseconds / 1000
        RestoredJournals.tidy(folder, now: now)
        journal = ScanJournal(path: RestoredJournals.path(folder, targetHash), isFresh: isFresh)
    }

    /// Hash of the path of an entry.
    func pathHash(_ name: [UInt8], in directory: RestoreTarget.Directory) -> UInt64 {
        keys.path(directory.pathHash, name.withUnsafeBytes { keys.hash($0) })
    }

    /// What the scan cache must know of a file whose content is right, but for its identity; nil when something else of
    /// the file is not that of the entry.
    ///
    /// - Parameter isPlain: whether the file is known to have neither attributes nor flags.
    func content(
        _ entry: TreeEntry, _ file: OpenFile, ids: consuming [UInt8], isPlain: Bool,
        value: (ExtendedAttribute) throws -> [UInt8]
    ) -> Content? {
        guard entry.kind == .file, entry.incomplete == nil,
            let present = isPlain ? [] : try? ExtendedAttributes.read(file), present.count == entry.attributes.count,
            isPlain || (try? FileFlags.read(file)) == entry.flags ?? 0
        else { return nil }
        for (found, wanted) in zip(present, entry.attributes) {
            guard found.name == wanted.name, (try? value(wanted)) == found.value else { return nil }
            if case .chunk(let id, _) = wanted.value { id.withUnsafeBytes { ids.append(contentsOf: $0) } }
        }
        ChunkIDList.sort(&ids)
        var fields = ByteWriter(capacity: 96)
        entry.encodeFields(into: &fields, contentOnly: true)
        return Content(
            size: UInt64(entry.size), modified: entry.modified, fields: fields.bytes, ids: ids)
    }

    /// A file as the scan cache has it, but for its identity.
    struct Content: Sendable {
        var size: UInt64
        var modified: FileStatus.Time
        var fields: [UInt8]
        var ids: [UInt8]
    }

    /// Keeps a file that has this status now.
    func keep(_ content: Content, _ pathHash: UInt64, _ status: FileStatus) {
        // Of the two times only the one that the snapshot gave can be so far off that a difference would overflow.
        guard status.kind == .file, status.size == content.size, status.modified == content.modified,
            status.modified.seconds < status.changed.seconds - Self.secondsMin, status.changed.nanoseconds != 0
        else { return }
        journal.add(pathHash, ScanCache.Identity(status), fields: content.fields, ids: content.ids)
    }

    /// Writes what is still in memory.
    func finish() { journal.flush() }
}

/// The files of ``RestoredEntries`` in the folder of the scan caches.
enum RestoredJournals {
    private static let prefix = Array("restored.".utf8)
    private static let countMax = 8
    private static let secondsMax: Int64 = 30 * 86_400

    static func path(_ folder: [UInt8], _ targetHash: UInt64) -> [UInt8] {
        let digits = String(targetHash, radix: 16)
        return PathBytes.join(
            folder, prefix + Array((String(repeating: "0", count: 16 - digits.count) + digits).utf8))
    }

    /// The journals in a folder, the newest first, each with the hash of its target.
    static func all(_ folder: [UInt8]) -> [(path: [UInt8], targetHash: UInt64, modified: Int64)] {
        guard let directory = try? OpenFile.openDirectory(folder, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        else { return [] }
        return listing.entries.compactMap { entry in
            let name = listing.name(of: entry)
            guard name.starts(with: prefix), let status = entry.status, status.kind == .file,
                let hash = UInt64(String(decoding: name.dropFirst(prefix.count), as: UTF8.self), radix: 16)
            else { return nil }
            return (PathBytes.join(folder, name), hash, status.modified.seconds)
        }.sorted { $0.modified > $1.modified }
    }

    /// Removes what is old, or too much.
    static func tidy(_ folder: [UInt8], now: Int64) {
        for (number, journal) in all(folder).enumerated()
        where number >= countMax - 1 || now - journal.modified > secondsMax {
            try? DirectoryEntries.remove(at: nil, journal.path)
        }
    }
}
