/// Writes the content of single files of a snapshot.
public enum Content {
    /// Hands out the content of a file from start to end, piece by piece; holes come as zeros. Every piece has been
    /// checked against its id.
    ///
    /// - Parameter body: gets pieces of at most 16 MiB, valid during the call.
    /// - Throws: ``VaultError`` `.usage` when the path is no file, `.damaged` when the content is damaged (what came
    ///   before is right and has been handed out), and what `body` throws.
    public static func read(
        _ what: SnapshotPath, with access: ReadAccess, cancellation: Cancellation = Cancellation(),
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let snapshot = try Snapshots.find(what.snapshot, in: access.repository.state)
        let path = "/" + PathText.readable(what.path)
        guard !what.path.isEmpty else { throw notFile(path, .directory) }
        let index = try SnapshotReader.index(access, of: [snapshot]) { _ in }
        let reader = SnapshotReader(access, snapshot, index: index)
        let entry = try TreeReader(reader.chunks()).entry(at: what.path, below: snapshot.body.node)
        guard entry.kind == .file else { throw notFile(path, entry.kind, target: entry.linkTarget) }
        guard entry.incomplete != .unreadable else {
            throw VaultError(
                .failed, "\(path) is not in the backup: it could not be read when the snapshot was made",
                nextStep: "See 'vault find' for another snapshot that has it")
        }
        var written = 0
        do {
            try FileContent(reader, cancellation: cancellation).read(entry, written: &written, body)
        } catch let error as VaultError where error.code == .damaged {
            throw VaultError(
                .damaged, "\(path) is damaged from byte \(written) of \(entry.size) on; what comes before it is right",
                nextStep: "See 'vault find' for another snapshot that has it", cause: error)
        }
    }

    private static func notFile(_ path: String, _ kind: EntryKind, target: [UInt8]? = nil) -> VaultError {
        switch kind {
        case .directory:
            VaultError(
                .usage, "\(path) is a directory",
                nextStep: "Write it as an archive with 'vault dump', or see 'vault ls'")
        case .symbolicLink:
            VaultError(
                .usage, "\(path) is a link to \(PathText.readable(target ?? []))",
                nextStep: "Name the file that it leads to")
        default: VaultError(.usage, "\(path) is no file and has no content", nextStep: "Name a file")
        }
    }
}
