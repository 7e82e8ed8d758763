import Foundation
import Synchronization
import Testing
import VaultTestSupport

/// Real servers that all tests of databases share, and a user of the program who finds them as everybody would.
struct DatabaseStage {
    let stage: Stage
    let servers: DatabaseServers
    /// Where its scratch servers are made: nobody else's are there.
    let scratch: String
    private static let stages = Atomic<Int>(0)

    init() throws {
        stage = try Stage()
        servers = try DatabaseServers.shared.get()
        scratch = "\(servers.scratch)/\(Self.stages.add(1, ordering: .relaxed).newValue)"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        try stage.initialise()
    }

    /// Variables by which clients find the servers, and where the passphrase is.
    var variables: [String: String] {
        [
            "VAULT_PASSPHRASE_FILE": stage.path + "/passphrase", "PGHOST": servers.path + "/p", "PGUSER": "tester",
            "MY": servers.path + "/my.cnf", "TMPDIR": scratch, "SERVERS": servers.path,
        ]
    }

    func shell(_ line: String, _ more: [String: String] = [:]) throws -> Stage.Outcome {
        try stage.shell(line, environment: variables.merging(more) { $1 })
    }

    /// What begins a script that has all databases of a server saved. A database that goes meanwhile would make it fail,
    /// so it waits until those have ended that make one and remove it again, which begin with ``beside``.
    static let alone = "exec 9> $SERVERS/all.lock; flock 9\n"
    static let beside = "exec 9> $SERVERS/all.lock; flock -s 9\n"

    /// Runs lines that must succeed; returns what they wrote.
    @discardableResult
    func require(_ lines: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let outcome = try shell("set -e\n" + lines)
        try #require(outcome.status == 0, "\(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation)
        return outcome.output
    }
}

/// The servers; see `Tests/Tools/database-servers`.
final class DatabaseServers: Sendable {
    static let shared = Result { try DatabaseServers() }
    let path: String
    /// Where scratch servers are made: short, since the path of a socket is bounded.
    let scratch: String
    private let folder: TemporaryDirectory
    // They end when this end of the pipe is closed, however this process ends.
    private let input = Pipe()
    private let program: Program

    private init() throws {
        folder = try TemporaryDirectory()
        path = "/tmp/vault-servers-\(getpid())"
        scratch = "/tmp/vault-scratch-\(getpid())"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        let output = try OutputPipe()
        program = try Program.start(
            [Tools.top + "/Tests/Tools/database-servers", path],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder.path],
            input: input.fileHandleForReading.fileDescriptor, output: output.writing, errors: 2)
        let text = output.read()
        try #require(String(decoding: text, as: UTF8.self) == "ready\n", "the servers did not start")
    }
}
