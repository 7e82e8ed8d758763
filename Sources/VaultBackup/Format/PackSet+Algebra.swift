extension PackSet {
    /// The packs of all these sets. Costs the number of their runs, however long the runs are.
    public init(_ sets: some Sequence<PackSet>) {
        self.init()
        var end = 0
        for run in sets.flatMap(\.runs).sorted(by: { $0.lowerBound < $1.lowerBound }) where run.upperBound > end {
            append(max(run.lowerBound, end)..<run.upperBound)
            end = run.upperBound
        }
    }

    /// The packs of either set.
    public func union(_ other: PackSet) -> PackSet { PackSet([self, other]) }

    /// The packs of this set that are not in the other.
    public func subtracting(_ other: PackSet) -> PackSet {
        var rest = PackSet()
        var k = 0
        for run in runs {
            var start = run.lowerBound
            while k < other.runs.count, other.runs[k].upperBound <= start { k += 1 }
            var next = k
            while next < other.runs.count, other.runs[next].lowerBound < run.upperBound {
                if start < other.runs[next].lowerBound { rest.append(start..<other.runs[next].lowerBound) }
                start = other.runs[next].upperBound
                next += 1
            }
            if start < run.upperBound { rest.append(start..<run.upperBound) }
        }
        return rest
    }

    /// Whether a pack is in both sets.
    public func intersects(_ other: PackSet) -> Bool {
        var k = 0
        for run in runs {
            while k < other.runs.count, other.runs[k].upperBound <= run.lowerBound { k += 1 }
            if k < other.runs.count, other.runs[k].lowerBound < run.upperBound { return true }
        }
        return false
    }
}
