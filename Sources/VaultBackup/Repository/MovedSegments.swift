internal import Synchronization

/// Finds segments again whose pack was compacted after this process had read the log. Safe from any thread.
final class MovedSegments: Sendable {
    /// Where a segment is now.
    struct Place: Sendable {
        var pack: PackReader.Description
        var segment: Int
        /// Where its chunks lie in it: those that nothing uses any more may be left out.
        var layout: [ChunkID: Int] = [:]
    }

    private struct Known {
        var places: [Digest: [Int: Place]] = [:]
        var directories: [Digest: PackDirectory] = [:]
        var covered: Set<Int> = []
    }

    private let refresh: @Sendable () throws -> RepositoryState
    private let known = Mutex(Known())

    /// `refresh` reads what has been added to the log and returns what it says.
    init(refresh: @escaping @Sendable () throws -> RepositoryState) { self.refresh = refresh }

    /// The place of segment `number` of a pack that cannot be read; nil when no moved pack has it.
    ///
    /// - Parameter directory: opens the directory of a moved pack.
    func find(
        _ pack: Digest, segment number: Int, directory: (PackReader.Description) throws -> PackDirectory
    ) throws -> Place? {
        let state = try refresh()
        return known.withLock { known in
            for (ordinal, moved) in state.packs.enumerated()
            where moved.isMoved && !moved.isSwept && known.covered.insert(ordinal).inserted {
                guard let directory = try? directory(moved.description) else { continue }
                known.directories[moved.pack.name] = directory
                for (segment, origins) in directory.origins.enumerated() {
                    let place = Place(pack: moved.description, segment: segment)
                    for origin in origins {
                        known.places[directory.sources[origin.source], default: [:]][origin.place] = place
                    }
                }
            }
            guard var place = known.places[pack]?[number] else { return nil }
            if let directory = known.directories[place.pack.name] {
                for chunk in directory.chunks[directory.segments[place.segment].chunks] {
                    place.layout[chunk.id] = chunk.offset
                }
            }
            return place
        }
    }
}
