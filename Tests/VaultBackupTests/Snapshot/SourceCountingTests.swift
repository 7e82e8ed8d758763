import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct SourceCountingTests {
    /// Counting goes on beside a backup, which would else take the times that the counting made.
    @Test func countingLeavesAccessTimes() throws {
        let folder = try TemporaryDirectory()
        let source = folder.path + "/source"
        let script = """
            mkdir -p "$1/below"; echo content > "$1/below/file"
            touch -d 2001-01-01 "$1/below" "$1"; touch -a -d 2000-01-01 "$1/below" "$1"
            """
        #expect(runProgram(["sh", "-c", script, "sh", source])?.status == 0)
        let paths = [source, source + "/below"].map { Array($0.utf8) }
        let before = try paths.map { try FileStatus.read($0).accessed }
        let selector = EntrySelector(options: BackupOptions(), ownFolders: [], events: SilentEventSink())
        let found = try SourceCounting.count(try SourceTree([paths[0]]), selector, Cancellation())
        #expect(found.entries >= 3 && found.bytes == 8)
        #expect(try paths.map { try FileStatus.read($0).accessed } == before)
    }
}
