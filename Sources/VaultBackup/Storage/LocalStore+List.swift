internal import Glibc

extension LocalStore {
    /// See ``ObjectStore``.
    public func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] {
        var found: [(name: ObjectName, byteCount: Int)] = []
        do throws(SystemError) {
            guard let top = try openFolder(root, Array(folder.utf8)) else { return [] }
            let groups = try DirectoryListing.read(top)
            for group in groups.entries where group.status?.kind == .directory {
                let groupName = groups.name(of: group)
                guard let directory = try openFolder(top, groupName) else { continue }
                let path = "\(folder)/\(String(decoding: groupName, as: UTF8.self))/"
                let files = try DirectoryListing.read(directory)
                for file in files.entries {
                    // What vanished since, what is no plain file and what no object can be called is left out.
                    guard let status = file.status, status.kind == .file,
                        let name = ObjectName(path + String(decoding: files.name(of: file), as: UTF8.self))
                    else { continue }
                    found.append((name: name, byteCount: Int(clamping: status.size)))
                }
            }
        } catch { throw StorageError(error, "list \(folder)", at: location) }
        return found
    }

    private func openFolder(_ directory: OpenFile, _ name: [UInt8]) throws(SystemError) -> OpenFile? {
        do throws(SystemError) {
            return try OpenFile.openDirectory(at: directory, name)
        } catch  where error.errno == ENOENT { return nil }
    }
}
