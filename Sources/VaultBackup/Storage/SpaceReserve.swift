/// A store that keeps a little space back, so that on a full disk the few records can still be written that let
/// something be deleted. Backups never use it.
protocol SpaceReserve: Sendable {
    /// Lays the reserve aside, as far as there is room and it is not there.
    func keepReserve()
    /// Gives the reserve up; false when there is none.
    func releaseReserve() -> Bool
}

extension LocalStore: SpaceReserve {
    // The name ends as that of no object (FORMAT, section 2).
    static let reserveName = Array(".reserve.tmp".utf8)
    // Records, the blocks of their folders, and what the file system needs to note deletions.
    static let reserveBytes = 256 << 10
    // In pieces, so that of a reserve that was used in part the rest is kept on.
    private static let pieceBytes = 16 << 10

    func keepReserve() {
        guard
            let file = try? OpenFile.open(
                at: root, Self.reserveName, [.writeOnly, .create, .noFollow], mode: UInt32(modes.file)),
            let status = try? file.status(), status.kind == .file
        else { return }
        // Written, not only extended: a hole keeps no space.
        let zeros = [UInt8](repeating: 0, count: Self.pieceBytes)
        var end = Int(clamping: status.size) / Self.pieceBytes * Self.pieceBytes
        guard end < Self.reserveBytes else { return }
        while end < Self.reserveBytes, (try? zeros.withUnsafeBytes { try file.write(at: end, $0) }) != nil {
            end += Self.pieceBytes
        }
        if end == 0 || (try? file.synchronize()) == nil { try? DirectoryEntries.remove(at: root, Self.reserveName) }
    }

    func releaseReserve() -> Bool {
        (try? DirectoryEntries.remove(at: root, Self.reserveName)) != nil && (try? root.synchronize()) != nil
    }
}
