extension PruneRun {
    /// Packs to be replaced, and the stored pack that is to stand in their place.
    struct Replacement {
        let old: PackSet
        let new: PackReader.Description
    }

    /// The last look before packs are replaced, which trusts no plan: reads the directories of the moved packs back
    /// from the store and requires that each segment which a live snapshot uses in an old pack stands in the pack that
    /// takes its place, with the same key, index, length and chunks; or, where it was sealed anew, with all of its
    /// chunks that are used.
    /// - Throws: ``VaultError`` `.damaged` when one does not; nothing has been replaced then.
    func checkCoverage(_ replacements: [Replacement], _ survey: Survey) throws {
        // What is read here must be what is stored, so nothing that was opened before is used.
        let packs = access.packs
        for replacement in replacements {
            let moved = try packs.parts(of: replacement.new)
            report.requests.reads += 3
            let places = Self.places(moved.directory)
            for ordinal in replacement.old.ordinals where survey.usage.usedCount(ordinal) > 0 {
                try cancellation.check()
                let old = survey.state.packs[ordinal].description
                let source = try parts(of: old, ordinal, packs)
                guard source.directory.segments.count == survey.state.packs[ordinal].pack.segments else {
                    throw PackReader.damaged(old.name, "has another number of segments than the log says")
                }
                for place in source.directory.segments.indices where survey.usage.isUsed(ordinal, segment: place) {
                    let found = places[old.name]?[place] ?? []
                    let kept = survey.kept(source.directory, place)
                    guard !found.isEmpty, found.allSatisfy({ Self.isSame(source, place, moved, $0, kept) }) else {
                        throw Self.notCovered(place, of: old.name, by: replacement.new.name)
                    }
                }
            }
        }
    }

    private func parts(of old: PackReader.Description, _ ordinal: Int, _ packs: PackReader) throws -> Parts {
        report.requests.reads += 3
        do { return try packs.parts(of: old) } catch let error as VaultError where error.code == .damaged {
            guard try repository.log.refresh().packs[ordinal].isSwept else { throw error }
            throw VaultError(.failed, "Another prune has taken pack \(old.name.hex.prefix(8)) away", cause: error)
        }
    }

    /// Which segments of a moved pack say that they stood where.
    private static func places(_ directory: PackDirectory) -> [Digest: [Int: [Int]]] {
        var places: [Digest: [Int: [Int]]] = [:]
        for (segment, origins) in directory.origins.enumerated() {
            for origin in origins {
                places[directory.sources[origin.source], default: [:]][origin.place, default: []].append(segment)
            }
        }
        return places
    }

    private typealias Parts = (header: PackHeader, directory: PackDirectory)

    private static func isSame(_ old: Parts, _ place: Int, _ new: Parts, _ segment: Int, _ kept: [Int]?) -> Bool {
        let (before, after) = (old.directory.segments[place], new.directory.segments[segment])
        if let kept {
            return kept.map { old.directory.chunks[$0] }.elementsEqual(new.directory.chunks[after.chunks]) {
                $0.id == $1.id && $0.type == $1.type && $0.length == $1.length
            }
        }
        return before.index == after.index && before.storedLength == after.storedLength
            && old.header.stanzas[before.stanza] == new.header.stanzas[after.stanza]
            && old.directory.chunks[before.chunks] == new.directory.chunks[after.chunks]
    }

    private static func notCovered(_ place: Int, of old: Digest, by new: Digest) -> VaultError {
        VaultError(
            .damaged,
            "Compaction was stopped: segment \(place) of pack \(ObjectName.content(.packs, old)), "
                + "which a snapshot uses, is not in pack \(new.hex.prefix(8)) that was to replace it; "
                + "no pack was replaced",
            nextStep: "Run vault verify --read-data, and report this as a defect of the program")
    }
}
