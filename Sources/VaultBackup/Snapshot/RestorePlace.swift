/// A directory of the snapshot while a restore walks it. It is made in the target when the first entry in it is
/// restored. One thread.
final class RestorePlace: TreePlace {
    let entry: TreeEntry?
    private(set) var parent: RestorePlace?
    /// The directory in the target, once it is made or found.
    var directory: RestoreTarget.Directory?
    /// Whether it cannot be made.
    var isLost = false
    /// Whether all its entries were visited.
    private(set) var isLeft = false
    /// What was in it before; nil when it is new, or not being visited.
    private var listing: DirectoryListing?
    private var isSeen: [Bool] = []

    init(entry: TreeEntry?, parent: RestorePlace?) {
        self.entry = entry
        self.parent = parent
    }

    // One after the other: releasing a deep tree at once would nest as deep.
    deinit {
        DeepChain.release(&parent) { link in
            defer { link.parent = nil }
            return link.parent
        }
    }

    /// The paths of places are below the target.
    var name: [UInt8] { entry?.name ?? [] }

    /// Sets what was in it before.
    func setListing(_ listing: DirectoryListing) {
        guard !isLeft else { return }
        self.listing = listing
        isSeen = Array(repeating: false, count: listing.entries.count)
    }

    /// Notes that the snapshot has something of this name.
    func markSeen(_ name: [UInt8]) {
        if let listing, let index = listing.index(of: name) { isSeen[index] = true }
    }

    /// What had this name before; notes that the snapshot has it too.
    func existing(_ name: [UInt8]) -> FileStatus? {
        guard let listing, let index = listing.index(of: name) else { return nil }
        isSeen[index] = true
        return listing.entries[index].status
    }

    /// Ends the visit; returns what only the target has.
    func leave() -> [(name: [UInt8], isDirectory: Bool)] {
        isLeft = true
        guard let listing else { return [] }
        let extra = zip(listing.entries, isSeen).filter { !$1 }.map {
            (name: listing.name(of: $0.0), isDirectory: $0.0.status?.kind == .directory)
        }
        self.listing = nil
        isSeen = []
        return extra
    }
}
