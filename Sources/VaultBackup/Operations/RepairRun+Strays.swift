extension RepairRun {
    private static let straysMax = 1_000

    /// Names of what lies in the store and is no object of this repository: files with other names, and packs that no
    /// session of it has stored.
    func strays(_ state: RepositoryState) throws -> [String] {
        var found = (repository.store as? LocalStore)?.strays(most: Self.straysMax) ?? []
        let listed: [(name: ObjectName, byteCount: Int)]
        do throws(StorageError) { listed = try repository.store.list("packs") } catch {
            throw VaultError(.storage, "The store cannot be listed", nextStep: error.nextStep, cause: error)
        }
        for (name, _) in listed.sorted(by: { $0.name < $1.name }) {
            guard let digest = name.contentDigest, state.ordinals[digest] == nil else { continue }
            let prefix = try? repository.store.prefix(of: name, count: PackLayout.sessionEnd)
            let session = prefix.flatMap { PackHeader.session(inPrefix: $0, of: repository.id) }
            // Those of known sessions are used by these, or taken by prune.
            if session.map({ state.sessions[$0] == nil }) ?? true { found.append(name.text) }
        }
        return Array(found.prefix(Self.straysMax))
    }
}

extension LocalStore {
    /// Names of files and folders below the store that no object can have, at most so many. What ends in `.tmp`, and
    /// what says that this is a copy, belongs here.
    func strays(most: Int) -> [String] {
        var found: [String] = []
        var folders: [[UInt8]] = [[]]
        while let folder = folders.popLast(), found.count < most {
            let path = folder.isEmpty ? Array(".".utf8) : folder
            guard let directory = try? OpenFile.openDirectory(at: root, path),
                let listing = try? DirectoryListing.read(directory)
            else { continue }
            for entry in listing.entries {
                let name = listing.name(of: entry)
                let path = folder.isEmpty ? name : PathBytes.join(folder, name)
                let text = PathText.readable(path)
                if folder.isEmpty, text == "lost+found" { continue }
                let isFolder = entry.status?.kind == .directory
                if isFolder, Self.mayHoldObjects(text) {
                    folders.append(path)
                } else if isFolder || ObjectName(text) == nil, name.suffix(4) != Array(".tmp".utf8)[...],
                    text != CopyMarker.fileName
                {
                    found.append(isFolder ? text + "/" : text)
                }
            }
        }
        return found.sorted()
    }

    private static func mayHoldObjects(_ folder: String) -> Bool {
        let parts = folder.split(separator: "/")
        guard let top = parts.first, parts.count <= 2 else { return false }
        guard top == "log" || ObjectName.Kind(rawValue: String(top)) != nil else { return false }
        guard parts.count == 2 else { return true }
        return parts[1].count == (top == "log" ? 9 : 2)
            && parts[1].allSatisfy { $0.isHexDigit && !$0.isUppercase && $0.isASCII }
    }
}
