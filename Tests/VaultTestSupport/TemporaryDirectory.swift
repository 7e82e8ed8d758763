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

/// Runs a program found in PATH and returns its exit status, output and errors; nil when it cannot be started.
public func runProgram(_ arguments: [String]) -> (status: Int32, output: String)? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    guard (try? process.run()) != nil else { return nil }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    // env answers 127 when there is no such program.
    return process.terminationStatus == 127 ? nil : (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
