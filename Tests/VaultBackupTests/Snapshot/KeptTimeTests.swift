import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct KeptTimeTests {
    /// Some file systems keep every time that the stored form can hold: the difference to now must not end the process.
    @Test(arguments: [Int64.min, -1, Int64.max]) func aTimeFarAwayIsNoOverflow(_ seconds: Int64) throws {
        let fixture = try RepositoryFixture()
        let access = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
        let target = Array(fixture.directory.path.utf8)
        let entries = try #require(RestoredEntries(target: target, access, isFresh: true))
        let path = target + Array("/file".utf8)
        try AtomicFile.write(path, [1, 2, 3])
        var status = try FileStatus.read(path)
        status.modified = FileStatus.Time(seconds: seconds, nanoseconds: 0)
        status.changed.nanoseconds = 1
        let content = RestoredEntries.Content(size: 3, modified: status.modified, fields: [7], ids: [])
        entries.keep(content, 5, status)
        entries.finish()
        let folder = try #require(access.repository.folders.cache(of: access.repository.id, "scan"))
        let found = RestoredCache(folder: folder).find(5, ScanCache.Identity(status))
        #expect((found?.fields == [7]) == (seconds < 0))
    }
}
