internal import Foundation

/// A directory of its own for a test, removed with the object.
public final class TemporaryDirectory: Sendable {
    /// Absolute path without `/` at its end.
    public let path: String

    /// Makes a new directory below the system's place for temporary files.
    public init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("vault-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    // FileManager cannot remove paths longer than the kernel takes, which a test makes.
    deinit { _ = runProgram(["rm", "-rf", path]) }

    /// Bytes of the path, or of a path below it.
    public func bytes(_ name: String = "") -> [UInt8] { Array((name.isEmpty ? path : path + "/" + name).utf8) }
}

/// Whether this process may do everything.
public var isRoot: Bool { getuid() == 0 }
