extension SnapshotBody.Packs {
    /// Where the set of a snapshot goes: into the record, or, when it is long, into an object that must be stored
    /// before the record is published.
    public static func placing(_ set: PackSet, _ repository: RepositoryID) -> (
        packs: Self, object: (name: ObjectName, bytes: [UInt8])?
    ) {
        guard set.encode().count > PackSet.inlineBytesMax else { return (.inline(set), nil) }
        let bytes = set.encodeObject(repository)
        let digest = SHA256.digest(bytes)
        return (.object(digest), (.content(.sets, digest), bytes))
    }
}
