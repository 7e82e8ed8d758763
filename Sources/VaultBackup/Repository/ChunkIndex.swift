/// The local index: which chunk lies where. Made from pack directories, kept in a cache, and made anew when the cache
/// is lost.
///
/// It is a few sorted runs of 32-byte records, memory-mapped; adding packs writes a new run and merges runs of like
/// size, so that the cost of an addition does not grow with the index. An index does not change: adding returns another
/// one.
final class ChunkIndex: Sendable {
    let runs: [IndexRun]
    private let repository: RepositoryID
    private let folder: [UInt8]?
    private let covered: Set<Int>

    /// Each run is at least so many times as large as the next.
    private static let tierFactor = 4

    private init(runs: [IndexRun], repository: RepositoryID, folder: [UInt8]?) {
        self.runs = runs.sorted { $0.count > $1.count }
        self.repository = repository
        self.folder = folder
        covered = Set(runs.flatMap(\.ordinals))
    }

    /// Opens the index kept in `folder`; what is damaged or of another repository is left out. Without a folder it
    /// starts empty.
    static func open(folder: [UInt8]?, repository: RepositoryID) -> ChunkIndex {
        var runs: [IndexRun] = []
        if let folder, let directory = try? OpenFile.openDirectory(folder, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        {
            for entry in listing.entries {
                let name = listing.name(of: entry)
                guard name.suffix(4) == Array(".run".utf8)[...] else { continue }
                let file = try? OpenFile.open(at: directory, name, [.readOnly, .noFollow])
                if let file, let map = try? MappedFile(file),
                    let run = IndexRun(
                        bytes: map.bytes, storage: map, repository: repository,
                        fileName: String(decoding: name, as: UTF8.self))
                {
                    runs.append(run)
                } else {
                    try? DirectoryEntries.remove(at: directory, name)
                }
            }
        }
        return ChunkIndex(runs: runs, repository: repository, folder: folder)
    }

    /// Removes what is kept in `folder`: the index is made anew from pack directories.
    static func clear(folder: [UInt8]) {
        guard let directory = try? OpenFile.openDirectory(folder, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        else { return }
        for entry in listing.entries where listing.name(of: entry).suffix(4) == Array(".run".utf8)[...] {
            try? DirectoryEntries.remove(at: directory, listing.name(of: entry))
        }
    }

    /// Number of records.
    var count: Int { runs.reduce(0) { $0 + $1.count } }

    /// Whether the chunks of a pack are here.
    func covers(_ ordinal: Int) -> Bool { covered.contains(ordinal) }

    /// Where a chunk lies in a pack for which `isUsable` says so; nil when it is in none.
    func find(_ id: ChunkID, isUsable: (Int) -> Bool) -> ChunkLocation? {
        for run in runs {
            if let location = run.find(id, isUsable: isUsable) { return location }
        }
        return nil
    }

    /// Tells where each of many chunks lies in packs for which `isUsable` says so, and returns those that are in none;
    /// fastest in the order of ``ChunkIDList/sort(_:)``.
    func find(
        all ids: some RandomAccessCollection<ChunkID>, isUsable: (Int) -> Bool, _ found: (ChunkLocation) -> Void
    ) -> [ChunkID] {
        guard let largest = runs.first else { return Array(ids) }
        var missing = largest.find(all: ids, isUsable: isUsable, found)
        for run in runs.dropFirst() where !missing.isEmpty {
            missing = run.find(all: missing, isUsable: isUsable, found)
        }
        return missing
    }

    /// Where a chunk lies in a place for which `isRight` says so; nil when it is in none.
    func place(of id: ChunkID, where isRight: (ChunkLocation) -> Bool) -> ChunkLocation? {
        for run in runs {
            if let location = run.place(of: id, where: isRight) { return location }
        }
        return nil
    }

    /// An index with more packs. The new run is written to the folder if there is one and it can be written; otherwise
    /// it lives in memory.
    func adding(_ packs: [(ordinal: Int, directory: PackDirectory)]) -> ChunkIndex {
        guard !packs.isEmpty else { return self }
        var records: [IndexRecord] = []
        records.reserveCapacity(packs.reduce(0) { $0 + $1.directory.chunks.count })
        for (ordinal, directory) in packs {
            for (number, segment) in directory.segments.enumerated() {
                for chunk in directory.chunks[segment.chunks] {
                    let location = ChunkLocation(
                        ordinal: ordinal, segment: number, offset: chunk.offset, length: chunk.length)
                    records.append(IndexRecord(id: chunk.id, location: location))
                }
            }
        }
        records.sort()
        // Merge with the smaller runs while they are not clearly larger.
        var (kept, merged, count) = (runs, [IndexRun](), records.count)
        while let smallest = kept.last, smallest.count < count * Self.tierFactor {
            count += smallest.count
            merged.append(kept.removeLast())
        }
        let ordinals = (packs.map(\.ordinal) + merged.flatMap(\.ordinals)).sorted()
        let run = records.withUnsafeBufferPointer { fresh in
            // The writer reads from where the runs are mapped.
            withExtendedLifetime(merged) {
                write(
                    IndexRunWriter([fresh] + merged.map(\.all), ordinals: ordinals, repository: repository),
                    replacing: merged)
            }
        }
        return run.map { ChunkIndex(runs: kept + [$0], repository: repository, folder: folder) } ?? self
    }

    private func write(_ writer: IndexRunWriter, replacing merged: [IndexRun]) -> IndexRun? {
        // Of long runs only what is being read stays in memory.
        let letGo = { for run in merged { run.letGo() } }
        guard let folder, let name = try? writer.write(to: folder, didUse: letGo),
            let run = Self.run(in: folder, name, repository)
        else {
            let buffer = writer.encode()
            return IndexRun(bytes: buffer.used, storage: buffer, repository: repository, fileName: nil)
        }
        for old in merged.compactMap(\.fileName) where old != name { Self.remove(old, from: folder) }
        return run
    }

    private static func path(of name: String, in folder: [UInt8]) -> [UInt8] {
        folder + [UInt8(ascii: "/")] + Array(name.utf8)
    }

    private static func run(in folder: [UInt8], _ name: String, _ repository: RepositoryID) -> IndexRun? {
        guard let file = try? OpenFile.open(path(of: name, in: folder), .readOnly), let map = try? MappedFile(file)
        else { return nil }
        return IndexRun(bytes: map.bytes, storage: map, repository: repository, fileName: name)
    }

    private static func remove(_ name: String, from folder: [UInt8]) {
        try? DirectoryEntries.remove(at: nil, path(of: name, in: folder))
    }
}
