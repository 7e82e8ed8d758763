/// Decides which entries of a directory belong to a backup.
struct EntrySelector: Sendable {
    let options: BackupOptions
    /// Directories that belong to Vault itself and are left out.
    let ownFolders: [OwnFolder]
    let events: any EventSink
    /// Databases that are in use.
    let databases = LiveDatabases()
    private let mounts = MountTable.read()

    init(options: BackupOptions, ownFolders: [OwnFolder], events: any EventSink) {
        self.options = options
        self.ownFolders = ownFolders
        self.events = events
    }

    /// Whether a file system is mounted there whose content the kernel makes up; the user is told.
    func isVirtual(_ job: DirectoryJob, _ name: [UInt8]) -> Bool {
        let path = [0x2f] + job.path(of: name)
        guard let type = mounts.mounts[path]?.type, MountTable.virtualTypes.contains(type) else { return false }
        events.receive(
            .notice("\(PathText.readable(path)): not entered, what is in it is made up by the kernel (\(type))"))
        return true
    }

    private static let cacheTagName = Array("CACHEDIR.TAG".utf8)
    /// What a cache directory tag begins with (https://bford.info/cachedir/).
    private static let cacheTagSignature = Array("Signature: 8a477f597d28d172789f06886806bc55".utf8)

    /// Finds out what the names in a directory say about it.
    func begin(_ job: DirectoryJob) {
        if !options.exclude.isEmpty, let parent = job.parent { job.names = PathChain(parent.names, job.name) }
        guard job.selection.isSource else { return }
        if let text = databases.warning(job.listed, in: try? job.open(), path: job.path) {
            events.receive(.warning(text))
        }
        job.onlyNames = tags(job)
        if job.onlyNames == nil { job.cacheContent = wellKnownCache(job) }
    }

    /// Takes out of a listing of a directory, or of a part of it, what is to be left out.
    ///
    /// All that follows, the scan cache too, then sees a directory without these entries. So entries that were left out
    /// last time are new, and those that are left out now are gone, whatever rule did it.
    ///
    /// - Returns: what is left, and for each entry the number of the last rule about it, if there are rules.
    func select(_ job: DirectoryJob, _ listing: DirectoryListing) -> (listing: DirectoryListing, rules: [Int]) {
        if let only = job.onlyNames {
            return applyRules(job, listing.keeping { only.contains(listing.name(of: $0)) })
        }
        if let cache = job.cacheContent {
            return applyRules(job, listing.keeping { !cache.contains(listing.name(of: $0)) })
        }
        return applyRules(job, listing)
    }

    /// The only entries to be kept of a directory that is tagged as not worth a backup; nil when it is not.
    private func tags(_ job: DirectoryJob) -> Set<[UInt8]>? {
        var found: Set<[UInt8]> = []
        for name in options.excludeIfPresent where job.listed.index(of: name) != nil { found.insert(name) }
        let isNamed = job.parent?.selection.isSource != true
        if options.excludeCaches, !isNamed, isCache(job) { found.insert(Self.cacheTagName) }
        return found.isEmpty ? nil : found
    }

    private func wellKnownCache(_ job: DirectoryJob) -> WellKnownCaches.Content? {
        guard options.excludeCaches, job.parent?.selection.isSource == true, WellKnownCaches.mayBe(job.name)
        else { return nil }
        return WellKnownCaches.content(of: job.path)
    }

    private func isCache(_ job: DirectoryJob) -> Bool {
        guard job.listed.index(of: Self.cacheTagName) != nil, let directory = try? job.open(),
            (try? FileStatus.read(at: directory, Self.cacheTagName))?.kind == .file,
            let file = try? OpenFile.openForReading(at: directory, Self.cacheTagName)
        else { return false }
        var start = [UInt8](repeating: 0, count: Self.cacheTagSignature.count)
        return start.withUnsafeMutableBytes { (try? file.read(into: $0)) == $0.count }
            && start == Self.cacheTagSignature
    }

    private func applyRules(
        _ job: DirectoryJob, _ listing: DirectoryListing
    ) -> (listing: DirectoryListing, rules: [Int]) {
        let rules = options.exclude
        let isPlain = rules.isEmpty && options.excludeLargerThan == nil && !options.excludeNoDump
        if isPlain, job.selection.isSource, !listing.entries.contains(where: { ownFolder($0.status) != nil }) {
            return (listing, [])
        }
        var kept: [DirectoryListing.Entry] = []
        var keptRules: [Int] = []
        var firstLeftOut: Int?
        for (index, entry) in listing.entries.enumerated() {
            let rule = rules.isEmpty ? 0 : self.rule(about: entry, in: listing, of: job)
            if isLeftOut(entry, listing, job, rule) {
                // Nothing is copied as long as nothing is left out.
                if firstLeftOut == nil {
                    firstLeftOut = index
                    kept = Array(listing.entries[..<index])
                }
                continue
            }
            if !rules.isEmpty { keptRules.append(rule) }
            if firstLeftOut != nil { kept.append(entry) }
        }
        return (firstLeftOut == nil ? listing : DirectoryListing(names: listing.names, entries: kept), keptRules)
    }

    private func rule(about entry: DirectoryListing.Entry, in listing: DirectoryListing, of job: DirectoryJob) -> Int {
        listing.names.withUnsafeBytes { names in
            options.exclude.lastRule(
                for: UnsafeRawBufferPointer(
                    rebasing: names[entry.nameOffset..<entry.nameOffset + entry.nameByteCount]),
                isDirectory: entry.status?.kind == .directory, in: job.names, after: job.rule)
        }
    }

    private func isLeftOut(
        _ entry: DirectoryListing.Entry, _ listing: DirectoryListing, _ job: DirectoryJob, _ rule: Int
    ) -> Bool {
        guard let status = entry.status else { return false }
        // No rule about files takes a dump away that was asked for.
        if !job.streams.isEmpty, job.streams.contains(where: { $0.name == listing.name(of: entry) }) { return false }
        let isNamed = !job.selection.isSource
        // What only leads to a source stays.
        if isNamed, job.selection.children[listing.name(of: entry)]?.isSource != true { return false }
        guard let reason = reason(entry, status, listing, job, rule) else { return false }
        // The user named it, or it is a surprise: that is said.
        if isNamed || reason.isOwn {
            events.receive(
                .notice("/\(PathText.readable(job.path(of: listing.name(of: entry)))): left out, \(reason.text)"))
        }
        return true
    }

    private func reason(
        _ entry: DirectoryListing.Entry, _ status: FileStatus, _ listing: DirectoryListing, _ job: DirectoryJob,
        _ rule: Int
    ) -> (text: String, isOwn: Bool)? {
        if options.exclude.isExcluding(rule) {
            return ("by the pattern '\(PathText.readable(options.exclude.text(of: rule)))'", false)
        }
        switch status.kind {
        case .directory:
            if let own = ownFolder(status) { return ("it is \(own.role)", true) }
        case .file:
            if let limit = options.excludeLargerThan, status.size > UInt64(clamping: limit) {
                return ("it has \(status.size) bytes", false)
            }
        default: return nil
        }
        return options.excludeNoDump && hasNoDumpFlag(job, listing.name(of: entry))
            ? ("it is marked 'no dump'", false) : nil
    }

    private func ownFolder(_ status: FileStatus?) -> OwnFolder? {
        guard let status, status.kind == .directory else { return nil }
        return ownFolders.first { $0.inode == status.inode && $0.device == status.device }
    }

    /// What cannot be opened counts as not marked: it is then missed where it is read.
    private func hasNoDumpFlag(_ job: DirectoryJob, _ name: [UInt8]) -> Bool {
        guard let directory = try? job.open(), let file = try? OpenFile.openForReading(at: directory, name),
            let flags = try? FileFlags.read(file)
        else { return false }
        return flags & FileFlags.noDump != 0
    }
}
