/// A directory of the snapshot while a restore walks it. It is made in the target when the first entry in it is
/// restored. One thread.
final class RestorePlace {
    let path: [UInt8]
    let entry: TreeEntry?
    let parent: RestorePlace?
    /// The directory in the target, once it is made or found.
    var directory: RestoreTarget.Directory?
    /// Whether it cannot be made.
    var isLost = false
    /// Whether all its entries were visited.
    private(set) var isLeft = false
    /// What was in it before; nil when it is new, or not being visited.
    private var listing: DirectoryListing?
    private var isSeen: [Bool] = []

    init(path: [UInt8], entry: TreeEntry?, parent: RestorePlace?) {
        self.path = path
        self.entry = entry
        self.parent = parent
    }

    func path(of name: [UInt8]) -> [UInt8] { path.isEmpty ? name : path + [0x2f] + name }

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

    /// Ends the visit; returns the names that only the target has.
    func leave() -> [[UInt8]] {
        isLeft = true
        guard let listing else { return [] }
        let extra = zip(listing.entries, isSeen).filter { !$1 }.map { listing.name(of: $0.0) }
        self.listing = nil
        isSeen = []
        return extra
    }
}
