/// Writes files that others are to get, and replaces none.
public enum NewFiles {
    /// Writes files into a directory, which is made if it is missing; returns their paths. On return they are durable.
    /// - Throws: ``VaultError`` `.usage` when one of the names is taken; then none is written.
    public static func write(_ files: [(name: String, bytes: [UInt8])], into directory: [UInt8]) throws -> [[UInt8]] {
        let paths = files.map { PathBytes.join(directory, Array($0.name.utf8)) }
        do {
            try AtomicFile.createDirectories(directory, mode: 0o755)
            for path in paths where try FileStatus.readIfPresent(path) != nil {
                throw VaultError(
                    .usage, "\(PathText.readable(path)) is there already",
                    nextStep: "Name another directory, or remove the file")
            }
            for (path, file) in zip(paths, files) { try AtomicFile.write(path, file.bytes, mode: 0o644) }
        } catch let error as SystemError {
            throw VaultError(
                .failed, "Files cannot be written into \(PathText.readable(directory))",
                nextStep: "Name a directory that can be written", cause: error)
        }
        return paths
    }
}
