/// Applies the metadata of entries to what was restored, and notes what could not be applied.
final class MetadataWriter: Sendable {
    private let notes: ProblemNotes
    private let isPrivileged: Bool
    private let user: UInt32

    init(notes: ProblemNotes) {
        self.notes = notes
        user = Host.effectiveUser
        isPrivileged = user == 0
    }

    /// Applies everything to an open file or directory that this restore made.
    func apply(_ entry: TreeEntry, to file: OpenFile, path: @autoclosure () -> [UInt8], tree: ((ChunkID) throws -> [UInt8])?) {
        let isOwned = setOwner(entry, path: path()) { try Metadata.setOwner(entry.owner, group: entry.group, of: file) }
        // Without its owner a set-user-id program would be somebody else's.
        let mode = isOwned ? entry.mode : entry.mode & 0o1777
        attempt("mode", path()) { try Metadata.setMode(mode, of: file) }
        for attribute in entry.attributes {
            attempt("attribute \(PathText.readable(attribute.name))", path()) {
                try ExtendedAttributes.set(
                    ExtendedAttributes.Attribute(name: attribute.name, value: try value(attribute, tree)), of: file)
            }
        }
        let time = FileStatus.Time(seconds: entry.mtimeSeconds, nanoseconds: entry.mtimeNanoseconds)
        attempt("modification time", path()) { try Metadata.setModified(time, of: file) }
        if let flags = entry.flags { attempt("file flags", path()) { try FileFlags.set(flags, of: file) } }
    }

    /// Applies everything to a link, device, fifo or socket, which is not opened.
    func apply(_ entry: TreeEntry, at directory: OpenFile, path: @autoclosure () -> [UInt8]) {
        let isOwned = setOwner(entry, path: path()) {
            try Metadata.setOwner(entry.owner, group: entry.group, at: directory, entry.name)
        }
        if entry.kind != .symbolicLink {
            let mode = isOwned ? entry.mode : entry.mode & 0o1777
            attempt("mode", path()) { try Metadata.setMode(mode, at: directory, entry.name) }
        }
        for attribute in entry.attributes {
            guard case .inline(let value) = attribute.value else { continue }
            attempt("attribute \(PathText.readable(attribute.name))", path()) {
                try ExtendedAttributes.set(
                    ExtendedAttributes.Attribute(name: attribute.name, value: value), at: directory, entry.name)
            }
        }
        let time = FileStatus.Time(seconds: entry.mtimeSeconds, nanoseconds: entry.mtimeNanoseconds)
        attempt("modification time", path()) { try Metadata.setModified(time, at: directory, entry.name) }
    }

    private func value(_ attribute: ExtendedAttribute, _ tree: ((ChunkID) throws -> [UInt8])?) throws -> [UInt8] {
        switch attribute.value {
        case .inline(let bytes): return bytes
        case .chunk(let id, let length):
            guard let bytes = try tree?(id), bytes.count == length else {
                throw VaultError(.damaged, "its value is not in the repository")
            }
            return bytes
        }
    }

    private func setOwner(_ entry: TreeEntry, path: @autoclosure () -> [UInt8], _ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch {
            notes.add(path(), "owner \(entry.owner):\(entry.group) not set: \(Self.reason(error))")
            return false
        }
    }

    private func attempt(_ what: @autoclosure () -> String, _ path: @autoclosure () -> [UInt8], _ body: () throws -> Void) {
        do { try body() } catch { notes.add(path(), "\(what()) not set: \(Self.reason(error))") }
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? SystemError { return error.reason }
        return (error as? VaultError)?.message ?? "\(error)"
    }
}
