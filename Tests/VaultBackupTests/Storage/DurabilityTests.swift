import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

private let environment = ProcessInfo.processInfo.environment

/// Runs in a process of its own, started by ``DurabilityTests``: two puts, of which the second is looked at.
@Suite(.enabled(if: environment["VAULT_TEST_STORE"] != nil)) struct DurabilityChild {
    @Test func putsTwice() throws {
        let path = Array((environment["VAULT_TEST_STORE"] ?? "").utf8)
        let unnamed = environment["VAULT_TEST_UNNAMED"] == "1"
        let store = try LocalStore(path: path, unnamedFiles: unnamed)
        _ = try store.put(.record(1), [1])
        let outcome: String
        do { outcome = "\(try store.put(.record(2), [2, 2]))" } catch { outcome = error.kind.rawValue }
        try outcome.write(toFile: environment["VAULT_TEST_OUTCOME"] ?? "", atomically: false, encoding: .utf8)
    }
}

/// The order of system calls, and what happens when one of them fails, as `strace` shows and makes it.
@Suite struct DurabilityTests {
    let temporary: TemporaryDirectory

    init() throws { temporary = try TemporaryDirectory() }

    /// What the second put said, and its system calls. Nil, with a reason printed, without `strace`.
    private func trace(unnamed: Bool, _ options: [String] = [], isKilled: Bool = false) throws -> (
        outcome: String, calls: [String]
    )? {
        let (store, log, outcome) = (temporary.path + "/store", temporary.path + "/trace", temporary.path + "/outcome")
        try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: false)
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let result = runProgram(
            [
                "VAULT_TEST_STORE=\(store)", "VAULT_TEST_UNNAMED=\(unnamed ? 1 : 0)", "VAULT_TEST_OUTCOME=\(outcome)",
                "strace", "-f", "-y", "-qq", "-o", log, "-e",
                "trace=openat,mkdirat,write,fsync,close,linkat,renameat2,unlinkat",
            ] + options + [program, "--testing-library", "swift-testing", "--filter", "DurabilityChild"])
        guard let said = (try? String(contentsOfFile: outcome, encoding: .utf8)) ?? (isKilled ? "killed" : nil) else {
            print("skipped: strace cannot be used here: \(result?.output.suffix(300) ?? "it is not installed")")
            return nil
        }
        let calls = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
            .filter { $0.contains(store) }
        // The second put begins after the folder was synchronised for the first.
        let named = try #require(calls.firstIndex { $0.contains("\"000000000001\"") && $0.contains("= 0") })
        let start = try #require(calls[named...].firstIndex { $0.contains("fsync(") })
        return (said, Array(calls[(start + 1)...]))
    }

    // What stands in the order of promises: file synchronised, closed, named, folder synchronised.
    private func steps(_ calls: [String]) -> [String] {
        // Where an unnamed file is reached by a second, path-only descriptor: closing that has no part in the promises.
        let places = calls.filter { $0.contains("O_PATH") }.compactMap {
            $0.split(separator: "= ").last?.split(separator: "<").first
        }
        return calls.compactMap { call in
            if places.contains(where: { call.contains("close(\($0)<") }) { return nil }
            let isFile = call.contains("/#") || call.contains(".tmp>")
            if call.contains("write(") { return "write" }
            if call.contains("fsync(") { return isFile ? "fsync file" : "fsync folder" }
            if call.contains("close("), isFile { return "close file" }
            if call.contains("linkat(") && !call.contains("unlinkat(") || call.contains("renameat2(") { return "name" }
            return nil
        }
    }

    @Test(arguments: [true, false]) func fileThenNameThenFolder(_ unnamed: Bool) throws {
        guard let (outcome, calls) = try trace(unnamed: unnamed) else { return }
        #expect(outcome == "created")
        let steps = steps(calls)
        let expected = ["write", "fsync file", "close file", "name", "fsync folder"]
        #expect(Array(steps.prefix(5)) == expected, "\(calls.joined(separator: "\n"))")
    }

    @Test func newFoldersAreSynchronisedIntoTheirParents() throws {
        let store = try LocalStore.create(at: temporary.bytes("x"))
        _ = try store.put(.record(0), [1])
        try FileManager.default.removeItem(atPath: temporary.path + "/x")
        guard try trace(unnamed: true) != nil else { return }
        let calls = try String(contentsOfFile: temporary.path + "/trace", encoding: .utf8).split(separator: "\n")
        let place = temporary.path + "/store"
        var index = -1
        for step in [
            "mkdirat(", "fsync(", "mkdirat(", "fsync(", "linkat(", "fsync(",
        ] {
            let next = calls.indices.first { $0 > index && calls[$0].contains(step) && calls[$0].contains(place) }
            index = try #require(next, "no \(step) after call \(index)")
        }
    }

    // The first put synchronises the root, log, the file and the folder; the fifth call is the second file's.
    @Test(arguments: [true, false]) func aFileThatCannotBeSynchronisedIsWrittenAnewOnce(_ unnamed: Bool) throws {
        guard let (outcome, calls) = try trace(unnamed: unnamed, ["-e", "inject=fsync:error=EIO:when=5"]) else {
            return
        }
        #expect(outcome == "created")
        let steps = steps(calls)
        #expect(steps.filter { $0 == "write" }.count == 2)
        #expect(steps.filter { $0 == "name" }.count == 1)
        #expect(try LocalStore.open(at: temporary.bytes("store")).get(.record(2)) == [2, 2])
        #expect(try leftovers(temporary.path).isEmpty)
    }

    @Test(arguments: [true, false]) func theSecondFailureIsReported(_ unnamed: Bool) throws {
        guard let (outcome, calls) = try trace(unnamed: unnamed, ["-e", "inject=fsync:error=EIO:when=5..6"]) else {
            return
        }
        #expect(outcome == "io")
        #expect(!steps(calls).contains("name"), "what is not durable gets no name")
        #expect(try LocalStore.open(at: temporary.bytes("store")).get(.record(2)) == nil)
        #expect(try leftovers(temporary.path).isEmpty)
    }

    @Test func aFolderThatCannotBeSynchronisedIsUnknown() throws {
        guard let (outcome, _) = try trace(unnamed: true, ["-e", "inject=fsync:error=EIO:when=6"]) else { return }
        #expect(outcome == "outcomeUnknown")
        #expect(try LocalStore.open(at: temporary.bytes("store")).get(.record(2)) == [2, 2])
    }

    @Test func aFileSystemWithoutUnnamedFilesGetsTemporaryNames() throws {
        // Such file systems seldom know a rename without replacing either; their answer to it is injected.
        guard let (outcome, calls) = try trace(unnamed: false, ["-e", "inject=renameat2:error=EINVAL"]) else { return }
        #expect(outcome == "created")
        #expect(calls.contains { $0.contains("linkat(") && $0.contains("\"000000000002\"") })
        #expect(try leftovers(temporary.path).isEmpty, "the temporary name is gone after the link")
        #expect(try LocalStore.open(at: temporary.bytes("store")).get(.record(2)) == [2, 2])
    }

    @Test(arguments: [true, false]) func aKilledPutLeavesNoObject(_ unnamed: Bool) throws {
        let naming = unnamed ? "linkat" : "renameat2"
        guard try trace(unnamed: unnamed, ["-e", "inject=\(naming):signal=KILL:when=2"], isKilled: true) != nil else {
            return
        }
        let store = try LocalStore.open(at: temporary.bytes("store"))
        #expect(try store.get(.record(2)) == nil)
        #expect(try store.list("log").map(\.name) == [.record(1)])
        #expect(try leftovers(temporary.path).count == (unnamed ? 0 : 1), "only a temporary name can be left")
        #expect(try store.put(.record(2), [3]) == .created)
    }
}
