/// What an archive holds.
public struct DumpResult: Sendable {
    /// The snapshot.
    public var snapshot: Digest
    /// Members written.
    public var entries = 0
    /// Bytes of content written.
    public var bytes = 0
    /// What is damaged or missing. Not empty means that the archive is not complete.
    public var problems: [Problem] = []
    /// How many problems there were; the list is bounded.
    public var problemCount = 0
    /// Sockets, which an archive cannot hold.
    public var sockets = 0
}

/// Writes snapshots as archives for other programs.
public enum Dump {
    /// Writes a tar archive (pax) of what is at a path: a directory's content as `./…`, anything else as one member.
    ///
    /// Extended attributes stand in `SCHILY.xattr.` records; holes are written as zeros; a name that is no UTF-8 comes
    /// with `hdrcharset=BINARY`. A file of which something is missing is left out; of one that turns out to be damaged
    /// the rest is zeros. Both are problems of the result.
    ///
    /// - Parameter body: gets the bytes of the archive in order, pieces of at most 16 MiB, valid during the call.
    /// - Throws: ``VaultError`` `.usage` when there is no such snapshot or path, and what `body` throws.
    public static func tar(
        _ what: SnapshotPath, with access: ReadAccess, events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation(), _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> DumpResult {
        let snapshot = try Snapshots.find(what.snapshot, in: access.repository.state)
        let problems = ProblemNotes(events: events)
        let index = try SnapshotReader.index(access, of: [snapshot]) { events.receive(.warning($0.message)) }
        let reader = SnapshotReader(access, snapshot, index: index)
        for sentence in access.repository.damage { problems.add([], sentence) }
        return try withoutActuallyEscaping(body) { body in
            let counters = BackupCounters(events: events)
            if what.path.isEmpty {
                counters.setTotals(entries: snapshot.body.entries, bytes: snapshot.body.bytes, isEstimate: false)
            }
            let writer = TarWriter(
                reader, problems: problems, counters: counters, cancellation: cancellation, body)
            try writer.write(what.path)
            return DumpResult(
                snapshot: snapshot.id, entries: writer.entryCount, bytes: writer.byteCount, problems: problems.listed,
                problemCount: problems.count, sockets: writer.socketCount)
        }
    }
}
