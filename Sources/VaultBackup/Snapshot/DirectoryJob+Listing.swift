extension DirectoryJob {
    /// Opens the directory, below the one above it, and lists what of it leads to or belongs to the snapshot. The
    /// access time stays as it is where this user may do that.
    func list() throws(SystemError) {
        let file = try openFirst()
        keep(file)
        closeFarAbove()
        status = try file.status()
        listing =
            selection.isSource
            ? try DirectoryListing.read(file)
            : DirectoryListing.read(
                file, only: selection.children.keys.sorted { $0.lexicographicallyPrecedes($1) },
                virtual: streams.map(\.name))
    }

    private func openFirst() throws(SystemError) -> OpenFile {
        guard let parent else { return try OpenFile.openDirectoryForListing([0x2f]) }
        let above = try parent.open()
        do {
            return try OpenFile.openDirectoryForListing(at: above, name)
        } catch {
            // A directory on the way to a source need not be readable: going through it is enough.
            guard error.isPermission, !selection.isSource else { throw error }
            return try OpenFile.open(at: above, name, [.directory, .noFollow, .pathOnly])
        }
    }
}
