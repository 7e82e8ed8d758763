/// Paths in a snapshot: from `/`, without the leading slash; empty for `/` itself.
enum TreePath {
    /// The path of an entry of a directory.
    static func join(_ directory: [UInt8], _ name: [UInt8]) -> [UInt8] {
        directory.isEmpty ? name : directory + [0x2f] + name
    }
}

/// A directory on a walk. It knows the one above it and not its path: deep trees would make paths quadratic.
protocol TreePlace: AnyObject {
    /// The directory it is in; nil for the top of the walk.
    var parent: Self? { get }
    /// Its name; that of the top is not asked for.
    var name: [UInt8] { get }
}

extension TreePlace {
    /// Path from the top of the walk; empty for the top itself.
    var path: [UInt8] {
        var names: [[UInt8]] = []
        var place = self
        while let parent = place.parent {
            names.append(place.name)
            place = parent
        }
        return Array(names.reversed().joined(separator: [0x2f]))
    }

    /// Path of an entry.
    func path(of name: [UInt8]) -> [UInt8] { TreePath.join(path, name) }
}
