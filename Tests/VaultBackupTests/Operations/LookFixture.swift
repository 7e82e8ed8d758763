import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A repository with its client and a directory to back up.
struct LookFixture {
    let folder: TemporaryDirectory
    let client: Client
    let location: [UInt8]
    private let files: Initialise.Result

    /// Directory to back up.
    var source: String { folder.path + "/src" }

    init() throws {
        folder = try TemporaryDirectory()
        client = Client(folders: LocalFolders(config: folder.bytes("config"), cache: folder.bytes("cache")))
        location = folder.bytes("repo")
        let request = Initialise.Request(location: location, personName: "Jane", machineName: "web1")
        let passphrase = Array("pass".utf8).withUnsafeBytes { SecretBytes(copying: $0) }
        files = try Initialise.run(request, passphrase: passphrase, client: client)
        try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
    }

    /// Runs a line of shell in the source.
    func shell(_ line: String) throws {
        let outcome = try #require(runProgram(["/bin/sh", "-ec", "cd '\(source)'; " + line]))
        try #require(outcome.status == 0, "\(outcome.output)")
    }

    /// Makes a snapshot and returns its id.
    @discardableResult
    func backup(system: String = "web") throws -> String {
        let repository = try client.open(location)
        let identity = try client.identity(for: repository, .write) { throw VaultError(.failed, "no passphrase") }
        let request = BackupRequest(paths: [Array(source.utf8)], system: system)
        return try Backup.run(request, with: WriteAccess(repository, identity)).snapshot.hex
    }

    /// Opens the content.
    func access() throws -> ReadAccess {
        let repository = try client.open(location)
        let identity = try client.identity(for: repository, .read, file: files.kitFile) {
            throw VaultError(.failed, "a kit has no passphrase")
        }
        return try ReadAccess(repository, identity)
    }

    /// A path of the source in a snapshot.
    func path(_ snapshot: String, _ name: String = "") throws -> SnapshotPath {
        try SnapshotPath(Array("\(snapshot):\(source)\(name.isEmpty ? "" : "/" + name)".utf8))
    }

    /// A path of the result, counted from the source.
    func relative(_ path: [UInt8]) -> String {
        let text = "/" + PathText.readable(path)
        return text.hasPrefix(source + "/") ? String(text.dropFirst(source.count + 1)) : text == source ? "." : text
    }

    /// Removes all packs. What is read before that stays in the local index only.
    func removePacks() throws {
        let packs = try #require(
            runProgram([
                "/bin/sh", "-ec", "chmod -R u+w '\(folder.path)/repo/packs'; rm -r '\(folder.path)/repo/packs'",
            ]))
        try #require(packs.status == 0, "\(packs.output)")
    }
}
