/// Notices file systems that belong to the sources of a backup and are not mounted: otherwise the empty directory below
/// one would silently take the place of all its content in the snapshot.
///
/// What has to be mounted is what was mounted there in the last backup of the same sources, remembered beside the scan
/// cache, and what `/etc/fstab` names. An entry with `noauto` counts only when it is a source or one lies on it.
struct SourceMounts {
    private let path: [UInt8]?
    /// Mount points that the last backup saw and that are still wanted.
    private var wanted: Set<[UInt8]> = []
    private let table: MountTable
    private let sources: [[UInt8]]
    private let oneFileSystem: Bool
    private static let byteCountMax = 1 << 20

    /// - Parameter scanCache: path of the scan cache of the same system and sources; nil when there is none.
    init(scanCache: [UInt8]?, sources: [[UInt8]], oneFileSystem: Bool) {
        path = scanCache.map { $0 + Array(".mounts".utf8) }
        table = MountTable.read()
        self.sources = sources
        self.oneFileSystem = oneFileSystem
        if let path, let bytes = try? AtomicFile.read(path, byteCountMax: Self.byteCountMax) {
            wanted = Set(bytes.split(separator: 0).map { Array($0) })
        }
    }

    /// Whether the content of a mount point belongs to the sources.
    private func concerns(_ point: [UInt8]) -> Bool {
        point.count > 1
            && sources.contains {
                MountTable.isAtOrBelow($0, point) || !oneFileSystem && MountTable.isAtOrBelow(point, $0)
            }
    }

    /// Mount points that should hold a file system and are empty directories instead, by path.
    ///
    /// - Parameter isLeftOut: whether a directory is left out of the backup.
    func missing(isLeftOut: ([UInt8]) -> Bool) -> [(point: [UInt8], reason: String)] {
        var reasons: [[UInt8]: String] = [:]
        for planned in table.planned where concerns(planned.point) {
            let isNamed = sources.contains { MountTable.isAtOrBelow($0, planned.point) }
            if planned.isOnRequest, !isNamed { continue }
            reasons[planned.point] = "is empty: /etc/fstab mounts a file system here, and it is not mounted"
        }
        for point in wanted where concerns(point) {
            reasons[point] = "is empty: the file system that was mounted here at the last backup is not mounted"
        }
        return reasons.filter { point, _ in
            !table.isMounted(point) && !isLeftOut(point) && MountTable.isEmptyDirectory(point)
        }.map { (point: $0.key, reason: $0.value) }.sorted { $0.point.lexicographicallyPrecedes($1.point) }
    }

    /// Keeps what was mounted in this backup, and what is still missing.
    func remember(missing: [[UInt8]]) {
        guard let path else { return }
        let seen = table.mounts.values.filter { concerns($0.point) && !MountTable.virtualTypes.contains($0.type) }
        let points = Set(seen.map(\.point)).union(wanted.intersection(missing))
        if points == wanted { return }
        var content: [UInt8] = []
        for point in points.sorted(by: { $0.lexicographicallyPrecedes($1) }) { content += point + [0] }
        if content.count <= Self.byteCountMax { try? AtomicFile.write(path, content) }
    }
}
