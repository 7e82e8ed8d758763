/// A portable audit file: log, sets and maps of a repository without any pack, as an archive (`docs/FORMAT.md`,
/// section 13). The same repository gives the same bytes.
public enum AuditBundle {
    /// Makes the bundle of what was audited.
    ///
    /// - Throws: ``VaultError`` `.storage`, `.failed` when it would be longer than an archive may be.
    public static func make(_ history: LogHistory, _ store: any ObjectStore) throws(VaultError) -> [UInt8] {
        var names = ((0..<history.size) + history.unjudged).map { ObjectName.record($0) }
        for snapshot in history.state.snapshots {
            names.append(.content(.sets, snapshot.body.map))
            if let map = snapshot.map { names.append(.content(.sets, map)) }
            if case .object(let digest) = snapshot.body.packs { names.append(.content(.sets, digest)) }
        }
        names += history.state.drills.map { .content(.evidence, $0.body.evidence) }
        var files: [PlainArchive.File] = []
        var byteCount = 0
        for name in Set(names) {
            let content: [UInt8]?
            do throws(StorageError) { content = try store.get(name) } catch {
                throw VaultError(.storage, "\(name) in \(store.location) cannot be read", cause: error)
            }
            // What is missing in the store is missing in the bundle too: whoever judges it sees that.
            guard let content else { continue }
            byteCount += content.count + 1024
            guard byteCount < PlainArchive.byteCountMax else {
                throw VaultError(.failed, "The log is too long for one bundle")
            }
            files.append(PlainArchive.File(name: name.text, content: content))
        }
        return PlainArchive.encode(files)
    }

    /// Opens a bundle as a store without packs.
    ///
    /// - Parameter name: what messages call it.
    /// - Throws: ``VaultError`` `.failed` for what is no bundle.
    public static func open(_ bytes: [UInt8], name: String) throws(VaultError) -> MemoryStore {
        let store = MemoryStore(location: name)
        do {
            for file in try PlainArchive.decode(bytes) {
                guard let object = ObjectName(file.name) else {
                    throw FormatError("archive: '\(file.name)' is no object of a repository")
                }
                _ = try store.put(object, file.content)
            }
        } catch {
            throw VaultError(
                .failed, "\(name) is no audit bundle", nextStep: "Make one with 'vault audit --bundle FILE'",
                cause: error)
        }
        return store
    }
}
