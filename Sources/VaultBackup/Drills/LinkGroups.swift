/// Checks that names which were one file in the source are one file again, and that others are not. One thread.
struct LinkGroups {
    private struct Group {
        var file: HardLinks.Key
        var links: UInt64
        var names: UInt64
        var first: [UInt8]
    }

    private var groups: [[UInt8]: Group] = [:]
    private var owners: [HardLinks.Key: [UInt8]] = [:]

    /// Notes a restored entry that is no directory.
    mutating func note(_ item: DrillComparison.Item, _ tally: DrillTally) {
        let file = HardLinks.Key(device: item.status.device, inode: item.status.inode)
        guard let name = item.entry.hardLinkGroup else {
            if item.status.linkCount > 1 {
                tally.expect(.hardLinks)
                tally.fail(.hardLinks, item.path, "shares its file with another name")
            }
            return
        }
        guard var group = groups[name] else {
            tally.expect(.hardLinks)
            groups[name] = Group(file: file, links: item.status.linkCount, names: 1, first: item.path)
            if let other = owners.updateValue(name, forKey: file), other != name {
                tally.fail(.hardLinks, item.path, "is one file with names of another group")
            }
            return
        }
        if group.file != file { tally.fail(.hardLinks, item.path, "is not the same file as its other names") }
        group.names += 1
        groups[name] = group
    }

    /// Looks at the groups as a whole, when all names have been noted.
    func finish(_ tally: DrillTally) {
        for group in groups.values {
            tally.compared(.hardLinks)
            if group.links != group.names {
                tally.fail(.hardLinks, group.first, "has \(group.links) names instead of \(group.names)")
            }
        }
    }
}
