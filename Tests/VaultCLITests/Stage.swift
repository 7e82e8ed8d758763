import Foundation
import Glibc
import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A user of the program: a home of its own, nothing of ours in the environment, no terminal.
final class Stage: Sendable {
    /// How a run ended.
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String

        /// The lines of the output as JSON objects; fails the test for a line that is none.
        func json() throws -> [[String: Any]] { try Self.json(output) }

        /// The same of the errors.
        func errorJSON() throws -> [[String: Any]] { try Self.json(errors) }

        private static func json(_ text: String) throws -> [[String: Any]] {
            try text.split(separator: "\n").map { line in
                try #require(
                    JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "not an object: \(line)")
            }
        }
    }

    static let passphrase = "correct horse"
    /// Begins a command that runs as a user who owns nothing; only root can.
    static let nobody = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    private let folder: TemporaryDirectory
    private let runs = Atomic<Int>(0)

    /// Directory of everything that belongs to this user.
    var path: String { folder.path }
    /// The program, which is built beside the tests.
    static let program: String = {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("vault").path
    }()

    init() throws {
        folder = try TemporaryDirectory()
        try make("home")
        try write("passphrase", Self.passphrase + "\n")
        chmod(path + "/passphrase", 0o600)
    }

    /// Runs `vault` with these arguments.
    @discardableResult
    func vault(_ arguments: String..., environment: [String: String] = [:], user: [String] = []) throws -> Outcome {
        try run(user + [Self.program] + arguments, environment)
    }

    /// Runs a line of shell; `vault` in it is the program.
    func shell(_ line: String, environment: [String: String] = [:]) throws -> Outcome {
        let bin = (Self.program as NSString).deletingLastPathComponent
        return try run(["/bin/sh", "-c", line], ["PATH": bin + ":/usr/bin:/bin"].merging(environment) { $1 })
    }

    /// Runs lines of shell that must end with 0; fails the test otherwise.
    func shellSucceeding(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Outcome {
        let run = try shell(script)
        try #require(run.status == 0, "\(run.output)\(run.errors)", sourceLocation: sourceLocation)
        return run
    }

    private func run(_ command: [String], _ environment: [String: String]) throws -> Outcome {
        let number = runs.add(1, ordering: .relaxed).newValue
        let files = (path + "/out.\(number)", path + "/err.\(number)")
        let process = try start(command, environment, output: files.0, errors: files.1)
        return Outcome(status: process.wait(), output: text(files.0), errors: text(files.1))
    }

    /// Starts a command in a session of its own, so that no terminal can be asked.
    func start(
        _ command: [String], _ environment: [String: String] = [:], input: FileHandle? = nil, output: String,
        errors: String
    ) throws -> Program {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        let files = (open(output, flags, 0o644), open(errors, flags, 0o644))
        defer {
            close(files.0)
            close(files.1)
        }
        return try Program.start(
            ["/usr/bin/setsid", "--wait"] + command,
            environment: ["HOME": path + "/home", "PATH": "/usr/bin:/bin", "VAULT_POLICIES": path + "/policies"]
                .merging(environment) { $1 },
            directory: path, input: input?.fileDescriptor, output: files.0, errors: files.1)
    }

    /// Makes the repository `repo` as `vault init` does, but for one thing: each guess at its passphrase, and so each of the
    /// hundreds of commands that are told it, costs a quarter of what it does otherwise.
    func initialise(_ name: String = "repo") throws {
        func home(_ name: String) -> [UInt8] { Array("\(path)/home/\(name)/vault".utf8) }
        let client = Client(folders: LocalFolders(config: home(".config"), cache: home(".cache")))
        let place = Array("\(path)/\(name)".utf8)
        let made = try Initialise.run(
            .init(location: place, personName: "Jane Doe", machineName: "web1"),
            passphrase: SecretBytes(Array(Self.passphrase.utf8)), client: client, cost: Scrypt.costs.lowerBound)
        try client.remember(place, of: made.repository)
    }

    /// Makes it by the command.
    func initialiseByCommand() throws -> Outcome {
        let made = try vault(
            "init", "repo", "--name", "Jane Doe", "--machine", "web1", "--passphrase-file", "passphrase", "--json")
        try #require(made.status == 0, "\(made.errors)")
        return made
    }

    /// The identity file of this machine.
    func machineFile() throws -> String {
        let found = try vault("identity", "show", "--json").json().first?["identities"] as? [[String: Any]]
        return try #require(found?.first { $0["kind"] as? String == "machine" }?["file"] as? String)
    }

    /// Makes a directory below ``path``.
    func make(_ directory: String) throws {
        try FileManager.default.createDirectory(atPath: path + "/" + directory, withIntermediateDirectories: true)
    }

    /// Writes a file below ``path``.
    func write(_ file: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + file))
    }

    /// A file's text, with U+FFFD for what is no UTF-8.
    func text(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
}

extension Stage.Outcome {
    /// Checks that the output has as many lines as there are parts, and each line contains its part; returns the lines.
    @discardableResult
    func expectLines(
        _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [String] {
        let lines = output.split(separator: "\n").map(String.init)
        try #require(lines.count == parts.count, "\(output)\(errors)", sourceLocation: sourceLocation)
        for (line, part) in zip(lines, parts) {
            #expect(line.contains(part), "\(part): \(output)", sourceLocation: sourceLocation)
        }
        return lines
    }

    /// Checks a failure: its status, its one sentence, and that the next step stands on a line of its own.
    func expectFailure(
        _ status: Int32, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(self.status == status, "\(errors)", sourceLocation: sourceLocation)
        let lines = errors.split(separator: "\n").map(String.init)
        let error = lines.first { $0.hasPrefix("error: ") } ?? ""
        #expect(error.contains(sentence), "\(errors)", sourceLocation: sourceLocation)
        #expect(error.hasSuffix("."), sourceLocation: sourceLocation)
        #expect(lines.last?.hasPrefix(" next: ") == true, "\(errors)", sourceLocation: sourceLocation)
        for dump in ["VaultError", "SystemError(", "StorageError(", "Optional(", "Swift."] {
            #expect(!errors.contains(dump), "\(errors)", sourceLocation: sourceLocation)
        }
    }
}
