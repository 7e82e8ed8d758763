/// Paths in a snapshot: from `/`, without the leading slash; empty for `/` itself.
enum TreePath {
    /// The path of an entry of a directory.
    static func join(_ directory: [UInt8], _ name: [UInt8]) -> [UInt8] {
        directory.isEmpty ? name : directory + [0x2f] + name
    }
}
