import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A client that neither answers nor ends.
@Suite struct SilentClientTests {
    private func session(_ script: String, _ patience: Patience) throws -> SQLSession {
        var tool = DatabaseTool("sh", ["-c", script])
        tool.patience = patience
        return try SQLSession(tool, separator: "|")
    }

    private func message(_ body: () throws -> Void) -> String {
        do { try body() } catch { return (error as? VaultError).map { "\($0.code): \($0.message)" } ?? "\(error)" }
        return "none"
    }

    @Test func aClientThatDoesNotConnect() throws {
        let session = try session("sleep 600", .init(start: 1, answer: 600))
        let said = message { try session.rows("SELECT 1;", Cancellation()) }
        #expect(said == "failed: sh did not connect within 1 s, and was ended")
    }

    /// The first question is answered with what was asked, as a client does; the next one is not.
    @Test func aClientThatStopsAnswering() throws {
        let script =
            #"while read -r a; do case $a in *vault-end*) echo "$a" | cut -d"'" -f2; break;; esac; done; sleep 600"#
        let session = try session(script, .init(start: 60, answer: 1))
        let said = message { try session.rows("SELECT 1;", Cancellation()) }
        #expect(said == "failed: sh said nothing for 1 s, and was ended")
        let cancellation = Cancellation()
        let other = try self.session("sleep 600", .init(start: 600, answer: 600))
        cancellation.cancel()
        #expect(message { try other.rows("SELECT 1;", cancellation) }.hasPrefix("interrupted"))
    }

    /// What the wait is for: its output, its input, its end.
    @Test(arguments: [
        ("output", "sleep 600"), ("input", "sleep 600"), ("end", "exec >&-; cat > /dev/null; sleep 600"),
        ("end of the loading", "cat > /dev/null; sleep 600"),
    ])
    func aProgramThatHangs(_ what: String, _ script: String) throws {
        let tool = try self.tool("(\(script)) & echo $! >&2; wait", .init(start: 600, answer: 1))
        while tool.lastWords.isEmpty { SystemClock.pause(milliseconds: 5) }
        let none = Cancellation()
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { block.deallocate() }
        let said = message {
            switch what {
            case "output": _ = try tool.read(into: block, none)
            case "input": try tool.feed(UnsafeRawBufferPointer(block), none)
            case "end": try tool.confirm(none)
            default: try tool.finish(none)
            }
        }
        #expect(said == "failed: sh said nothing for 1 s, and was ended")
        let child = try #require(Int32(tool.lastWords))
        #expect(isGone(child), "what it has started ends with it")
    }

    /// What is said among the errors counts: `pg_restore` names each index there before it builds it.
    @Test func aProgramThatTellsWhatItDoes() throws {
        let tool = try self.tool(
            "cat > /dev/null; for i in 1 2 3 4 5 6 7 8; do echo $i >&2; sleep 0.5; done", .init(start: 3, answer: 3))
        try tool.finish(Cancellation())
    }

    @Test func aCancellationEndsWhatHangs() throws {
        let tool = try self.tool("sleep 600 & echo $! >&2; wait", .init(start: 600, answer: 600))
        while tool.lastWords.isEmpty { SystemClock.pause(milliseconds: 5) }
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(message { try tool.confirm(cancellation) }.hasPrefix("interrupted"))
        let child = try #require(Int32(tool.lastWords))
        #expect(isGone(child))
    }

    /// So does that nobody wants the result: the transaction of a capture would stay open on the server.
    @Test func whatNobodyWaitsForIsEnded() throws {
        let tool = try self.tool("sleep 600 & echo $! >&2; wait", .init(start: 600, answer: 600))
        while tool.lastWords.isEmpty { SystemClock.pause(milliseconds: 5) }
        do {
            let unwanted = try Aside(Cancellation()) { try tool.confirm($0) }
            withExtendedLifetime(unwanted) {}
        }
        #expect(!tool.child.isRunning)
        let child = try #require(Int32(tool.lastWords))
        #expect(isGone(child))
    }

    /// A program that has ended before it has read everything has failed, also with status 0.
    @Test func aProgramThatDoesNotReadAll() throws {
        signal(SIGPIPE, SIG_IGN)
        let tool = try self.tool("exit 0", .init(start: 1, answer: 600))
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { block.deallocate() }
        #expect(
            message { try tool.feed(UnsafeRawBufferPointer(block), Cancellation()) }
                == "failed: sh ended before it had read everything")
    }

    /// A scratch server whose programs are silent for too long has shown nothing about the dump.
    @Test func aScratchServerThatHangsProvesNothing() throws {
        final class Hanging: ScratchServer {
            let notes: [String] = []
            func loadGlobals(_ bytes: DumpBytes) throws {}
            func load(_ capture: DatabaseCapture, _ bytes: DumpBytes) throws {
                var tool = DatabaseTool("sh", ["-c", "sleep 600"])
                tool.patience = Patience(start: 600, answer: 1)
                let loading = try tool.start()
                try DatabaseLoading.explain("postgres:x") { try loading.finish(Cancellation()) }
            }
            func capture(_ capture: DatabaseCapture) throws -> DatabaseCapture { capture }
            func variables(_ capture: DatabaseCapture) -> [[UInt8]] { [] }
            func hint(_ capture: DatabaseCapture) -> String { "" }
            func stop() {}
        }
        let folder = try TemporaryDirectory()
        let place = try ScratchPlace(
            in: folder.bytes(), byteCount: 0, bytesMax: nil, random: SystemRandom(), clock: SystemClock(),
            Cancellation())
        defer { place.watch.stop() }
        let capture = DatabaseCapture(engine: .postgres, name: [0x78], file: [0x79])
        let source = DumpSource(captures: [capture], byteCount: 0, random: SystemRandom(), clock: SystemClock()) {
            _, _, _ in
        }
        let checked = try DatabaseScratch.check(capture, Hanging(), place, source)
        #expect(checked.comparison.verdict == .notProven && checked.wasEnded)
        #expect(
            checked.comparison.differences == [
                "The dump of postgres:x cannot be loaded (sh said nothing for 1 s, and was ended)"
            ])
    }

    private func tool(_ script: String, _ patience: Patience) throws -> RunningTool {
        var tool = DatabaseTool("sh", ["-c", script])
        tool.patience = patience
        tool.hasInput = true
        return try tool.start()
    }

    /// Whether a process ends within seconds; an entry that nobody has collected yet is no process.
    private func isGone(_ number: Int32) -> Bool {
        for _ in 0..<400 {
            guard let text = try? AtomicFile.read(Array("/proc/\(number)/stat".utf8), byteCountMax: 4_096),
                !String(decoding: text, as: UTF8.self).contains(") Z ")
            else { return true }
            SystemClock.pause(milliseconds: 5)
        }
        return false
    }
}
