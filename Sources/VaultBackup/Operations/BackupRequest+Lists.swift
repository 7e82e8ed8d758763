/// Files that name paths or patterns.
public enum ListFile {
    private static let byteCountMax = 64 << 20

    /// The content of a list, at most 64 MiB; `-` means the input of this process.
    ///
    /// - Throws: ``VaultError`` `.usage` that names the file.
    public static func read(_ path: [UInt8]) throws -> [UInt8] {
        let content: [UInt8]?
        do throws(SystemError) {
            let source = path == [UInt8(ascii: "-")] ? Array("/dev/stdin".utf8) : path
            content = try AtomicFile.read(source, byteCountMax: byteCountMax)
        } catch {
            throw VaultError(
                .usage, "The list \(PathText.readable(path)) cannot be read", nextStep: "Check the file", cause: error)
        }
        guard let content else {
            throw VaultError(.usage, "There is no list \(PathText.readable(path))", nextStep: "Check the path")
        }
        return content
    }

    /// The paths in the content of a list, as they are: one a line, or each ended by a NUL. Empty ones are left out.
    public static func paths(in content: [UInt8], endedByNUL: Bool = false) -> [[UInt8]] {
        content.split(separator: endedByNUL ? 0 : 0x0a).map { Array($0) }
    }
}
