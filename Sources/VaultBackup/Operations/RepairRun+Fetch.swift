extension RepairRun {
    /// Puts back what the copy has: packs, and the other objects that live snapshots and drills need. The copy is
    /// compared with the hash in the name; a damaged object is replaced only by right bytes, and at once.
    func fetch(from copy: any ObjectStore, _ state: RepositoryState) throws {
        let packs = damage.keys.sorted().map { ObjectName.content(.packs, state.packs[$0].pack.name) }
        let others =
            state.liveSnapshots.map { ObjectName.content(.sets, $0.map ?? $0.body.map) }
            + state.drills.map { .content(.evidence, $0.body.evidence) }
        for name in packs + others.filter({ !repository.store.isIntact($0) }) {
            try cancellation.check()
            guard let digest = name.contentDigest, let bytes = try? copy.get(name), SHA256.digest(bytes) == digest
            else { continue }
            if request.applies { try repository.store.putRight(name, bytes) }
            report.fetched.append(name.text)
            if let ordinal = state.ordinals[digest] { forget(damageOf: ordinal) }
        }
    }
}

extension ObjectStore {
    /// Stores an object under the name that its bytes have, in the place of other bytes if there are any. Where the
    /// store can, at no moment there is nothing.
    func putRight(_ name: ObjectName, _ bytes: [UInt8]) throws {
        do throws(StorageError) {
            if try size(name) != nil {
                if let local = self as? LocalStore { return try local.replace(name, bytes) }
                try delete(name)
            }
            _ = try put(name, bytes)
        } catch { throw VaultError(storing: name.text, error) }
    }
}

extension LocalStore {
    fileprivate func replace(_ name: ObjectName, _ bytes: [UInt8]) throws(StorageError) {
        let path = SystemCall.descriptorPath(root.fd, Array(name.text.utf8))
        do throws(SystemError) { try AtomicFile.write(path, bytes, mode: modes.file) } catch {
            throw StorageError(error, "replace \(name)", at: location)
        }
    }
}
