/// What the scan cache has of a directory, gone through in the order of its names. For one thread at a time.
struct CachedEntries {
    let directory: ScanCache.Directory
    private let cache: ScanCache
    /// The place after the last that was found.
    private var next = 0
    /// Places by the hash of the name; made when the order no longer helps.
    private var byHash: [Place]?
    /// How many places were found.
    private(set) var foundCount = 0

    private struct Place {
        var hash: UInt64
        var place: Int
    }

    init?(_ cache: ScanCache, pathHash: UInt64) {
        guard let directory = cache.directory(pathHash) else { return nil }
        self.directory = directory
        self.cache = cache
    }

    /// Number of entries.
    var count: Int { directory.entries.count }

    /// The entry at a place.
    func entry(_ place: Int) -> ScanCache.Entry { cache.entry(at: directory.entries[place]) }

    /// Where the entry is whose name has this hash; -1 when there is none.
    mutating func find(_ hash: UInt64) -> Int {
        // Both are in the order of names; as long as nothing came or went, they run side by side.
        var place = next
        if place >= count || cache.nameHash(at: directory.entries[place]) != hash { place = search(hash) }
        if place >= 0 {
            next = place + 1
            foundCount += 1
        }
        return place
    }

    private mutating func search(_ hash: UInt64) -> Int {
        let places =
            byHash
            ?? directory.entries.enumerated().map { Place(hash: cache.nameHash(at: $1), place: $0) }
            .sorted { $0.hash < $1.hash }
        byHash = places
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        return low < places.count && places[low].hash == hash ? places[low].place : -1
    }
}
