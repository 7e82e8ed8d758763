/// A store that keeps a little space back, so that on a full disk the few records can still be written that let
/// something be deleted. Backups never use it.
protocol SpaceReserve: Sendable {
    /// Lays the reserve aside, if there is room and it is not there.
    func keepReserve()
    /// Gives the reserve up; false when there is none.
    func releaseReserve() -> Bool
}

extension LocalStore: SpaceReserve {
    // The name ends as that of no object (FORMAT, section 2).
    static let reserveName = Array(".reserve.tmp".utf8)
    // Records, the blocks of their folders, and what the file system needs to note deletions.
    private static let reserveBytes = 256 << 10

    func keepReserve() {
        guard
            let file = try? OpenFile.open(
                at: root, Self.reserveName, [.writeOnly, .create, .exclusive, .noFollow], mode: UInt32(modes.file))
        else { return }
        // Written, not only extended: a hole keeps no space.
        let zeros = [UInt8](repeating: 0, count: Self.reserveBytes)
        let isWritten = zeros.withUnsafeBytes { bytes in
            (try? file.write(bytes)) != nil && (try? file.synchronize()) != nil
        }
        if !isWritten { try? DirectoryEntries.remove(at: root, Self.reserveName) }
    }

    func releaseReserve() -> Bool {
        (try? DirectoryEntries.remove(at: root, Self.reserveName)) != nil && (try? root.synchronize()) != nil
    }
}
