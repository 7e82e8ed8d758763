internal import Glibc
internal import Synchronization

extension LocalStore {
    /// Whether an entry in the folder of a store is all that a killed ``create(at:)`` or a first put leaves: the file
    /// of a probe, the reserve, or folders of the log in which nothing was published.
    static func isLeftover(_ name: [UInt8], in folder: OpenFile) -> Bool {
        let suffix = Array(".tmp".utf8)
        if name == reserveName || isMarkerDraft(name) { return true }
        if name.starts(with: ".probe-".utf8) { return name.suffix(suffix.count).elementsEqual(suffix) }
        guard name == Array("log".utf8), let log = try? OpenFile.openDirectory(at: folder, name),
            let groups = try? DirectoryListing.read(log)
        else { return false }
        return groups.entries.allSatisfy { entry in
            guard let group = try? OpenFile.openDirectory(at: log, groups.name(of: entry)),
                let files = try? DirectoryListing.read(group)
            else { return false }
            return files.entries.map { files.name(of: $0) }.allSatisfy {
                $0.first == UInt8(ascii: ".") && $0.suffix(suffix.count).elementsEqual(suffix)
            }
        }
    }

    /// Publishes two different contents under one name and looks whether the second was refused and the first
    /// untouched. The name ends in `.tmp`, so that it is no object's even if this process is killed here.
    func probeCreateOnly() throws(StorageError) -> StoreCapabilities.CreateOnly {
        let random = withUnsafeBytes(of: UInt64.random(in: .min ... .max)) { Hex.encode($0) }
        let name = Array(".probe-\(random).tmp".utf8)
        defer { try? DirectoryEntries.remove(at: root, name) }
        do throws(SystemError) {
            let first = try publishDraft([1], name)
            let second = try publishDraft([2], name)
            let content = try AtomicFile.read(SystemCall.descriptorPath(root.fd, name), byteCountMax: 1)
            return first && !second && content == [1] ? .works : .unfit
        } catch {
            // The file system knows no way to name a file without replacing: neither a rename that refuses nor links.
            let isNaming = error.operation == "link" || error.operation == "renameat2"
            if isNaming, [EPERM, EOPNOTSUPP, EINVAL, ENOSYS, EMLINK].contains(error.errno) { return .unfit }
            throw StorageError(error, "write", at: location)
        }
    }

    // Without the look that a put takes first: the answer must be the kernel's. False: refused.
    private func publishDraft(_ content: [UInt8], _ name: [UInt8]) throws(SystemError) -> Bool {
        var draft = Draft(root, mode: modes.file, unnamed: usesUnnamedFiles.load(ordering: .relaxed))
        let written: Result<Void, SystemError> = content.withUnsafeBytes { bytes in
            do throws(SystemError) { return .success(try draft.write(bytes)) } catch { return .failure(error) }
        }
        try written.get()
        do throws(SystemError) { try draft.publish(name) } catch  where error.errno == EEXIST { return false }
        return true
    }
}
