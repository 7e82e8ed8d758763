/// A snapshot with what only readers of its content may know.
public struct SnapshotDetails: Sendable {
    /// What the log shows to everybody.
    public var info: SnapshotInfo
    /// What its writer said to readers: host, sources, description, problems.
    public var privatePart: PrivatePart

    /// Reads the details of the snapshot that `text` means, as ``Snapshots/find(_:in:)`` takes it.
    /// - Throws: ``VaultError`` `.usage` when there is no such snapshot, `.damaged` when the details cannot be read.
    public init(_ text: String, with access: ReadAccess) throws {
        let state = access.repository.state
        let snapshot = try Snapshots.find(text, in: state)
        let index = try SnapshotReader.index(access, of: [snapshot]) { _ in }
        let reader = SnapshotReader(access, snapshot, index: index)
        info = Snapshots.info(snapshot, state)
        privatePart = try reader.privatePart(reader.chunks())
    }
}
