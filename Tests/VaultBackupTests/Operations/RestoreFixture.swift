import Foundation
import Glibc
import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A repository with a snapshot of `src`, and a target beside it.
final class RestoreFixture {
    let folder: TemporaryDirectory
    let access: ReadAccess
    private let writer: WriteAccess
    var path: String { folder.path }

    /// Runs `script` in an empty directory, which is to make `src`, and backs that up.
    init(_ script: String) throws {
        folder = try TemporaryDirectory()
        let client = Client(folders: LocalFolders(config: folder.bytes("config"), cache: folder.bytes("cache")))
        let store = try LocalStore.create(at: folder.bytes("repo"))
        let request = Initialise.Request(location: folder.bytes("repo"), personName: "Jane", machineName: "web1")
        let passphrase = SecretBytes(Array("correct horse".utf8))
        let made = try Initialise.run(
            request, passphrase: passphrase, client: client, store: store, createOnly: .works,
            cost: Scrypt.costs.lowerBound)
        let repository = try client.open(store)
        access = try ReadAccess(
            repository, try client.identity(for: repository, .read, file: made.personFile) { passphrase })
        writer = try WriteAccess(
            repository, try client.identity(for: repository, .write, file: made.machineFile) { passphrase })
        try shell("mkdir src; " + script)
        try backup()
    }

    func backup(_ source: String = "src", _ change: (inout BackupOptions) -> Void = { _ in }) throws {
        var request = BackupRequest(paths: [folder.bytes(source)], system: "web")
        change(&request.options)
        _ = try Backup.run(request, with: writer)
    }

    /// Restores `src` into `target`.
    @discardableResult
    func restore(
        _ target: String = "target", events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation(),
        _ change: (inout RestoreRequest) throws -> Void = { _ in }
    ) throws -> RestoreResult {
        var request = RestoreRequest(
            try SnapshotPath(Array("latest:".utf8) + folder.bytes("src")), target: folder.bytes(target))
        request.options.workers = 2
        try change(&request)
        return try Restore.run(request, with: access, events: events, cancellation: cancellation)
    }

    /// Restores `src` over what is in `target`; returns also what was done, or in a dry run would be, sorted.
    func changes(
        _ target: String = "target", isDry: Bool, _ change: (inout RestoreRequest) throws -> Void = { _ in }
    ) throws -> (changes: [String], result: RestoreResult) {
        let seen = Mutex<[String]>([])
        let result = try restore(target) {
            $0.options.overwrite = .ifChanged
            $0.options.verifyExisting = true
            $0.options.delete = true
            $0.options.dryRun = isDry
            $0.onChange = { change in
                seen.withLock { $0.append("\(change.action) \(PathText.readable(change.path)) \(change.bytes)") }
            }
            try change(&$0)
        }
        return (seen.withLock { $0.sorted() }, result)
    }

    /// Runs a line of shell in the folder; it must succeed.
    @discardableResult
    func shell(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let run = try #require(
            runProgram(["sh", "-c", "set -e; cd '\(path)'; \(line)"]), sourceLocation: sourceLocation)
        #expect(run.status == 0, "\(line): \(run.output)", sourceLocation: sourceLocation)
        return run.output
    }

    /// Names, kinds, modes, owners, times and contents of a tree, one line each.
    func picture(_ tree: String) throws -> String {
        try shell(
            "cd '\(tree)'; find . -mindepth 1 -printf '%P %y %m %U:%G %T@ %l %s\\n' | sed -E 's/^(.* d .*) [0-9]+$/\\1/' | sort; "
                + "find . -type f | sort | xargs -r -d '\\n' sha256sum")
    }

    /// Checks that source and target are the same.
    func expectSame(_ target: String = "target", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let (left, right) = (try picture("src"), try picture(target))
        #expect(left == right, sourceLocation: sourceLocation)
    }
}

/// Cancels a restore when so many bytes are done, and remembers the last progress.
final class Interrupter: EventSink {
    let cancellation = Cancellation()
    private let bytes: Int
    private let last = Mutex(VaultBackup.Progress())

    init(afterBytes bytes: Int) { self.bytes = bytes }

    var progress: VaultBackup.Progress { last.withLock { $0 } }

    func receive(_ event: Event) {
        guard case .progress(let progress) = event else { return }
        last.withLock { if progress.bytes >= $0.bytes { $0 = progress } }
        if progress.bytes >= bytes { cancellation.cancel() }
    }
}
