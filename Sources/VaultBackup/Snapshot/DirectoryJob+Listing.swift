extension DirectoryJob {
    /// Opens the directory, below the one above it, and lists the names in it that lead to or belong to the snapshot.
    /// The access time stays as it is where this user may do that.
    func list() throws(SystemError) {
        let file = try openFirst()
        keep(file)
        closeFarAbove()
        status = try file.status()
        let streamed = streams.map(\.name)
        if selection.isSource {
            listed = try DirectoryNames.read(file)
            if !streamed.isEmpty { listed = DirectoryNames((0..<listed.count).map { listed[$0] } + streamed) }
        } else {
            listed = DirectoryNames(Array(selection.children.keys) + streamed)
        }
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

    /// Whether all names have been handed out.
    var isListed: Bool { listedCount == listed.count }

    /// The next names, at most `namesMax`, with their status. An empty directory gives one empty listing.
    func nextListing(most namesMax: Int) throws(SystemError) -> DirectoryListing {
        let range = listedCount..<min(listed.count, listedCount + namesMax)
        let listing = DirectoryListing.read(listed, range, in: try open(), virtual: streams.map(\.name))
        listedCount = range.upperBound
        return listing
    }
}
