/// Small files of this client in one directory: caches and pins. Whoever runs the engine says where they are.
public protocol LocalFiles: Sendable {
    /// The whole file; nil when there is none. Throws when there is one that cannot be read.
    func read(_ name: String) throws -> [UInt8]?
    /// Replaces the file as a whole. On return the new content survives a power loss; after an error the old content is
    /// there.
    func write(_ name: String, _ bytes: [UInt8]) throws
}
