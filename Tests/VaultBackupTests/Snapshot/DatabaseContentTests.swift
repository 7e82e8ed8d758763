import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Dumps and databases are cut small, and the same way every time.
@Suite struct DatabaseContentTests {
    @Test(arguments: [
        ("SQLite format 3\0", true), ("PGDMP", true), ("--\n-- PostgreSQL database dump\n", true),
        ("--\n-- PostgreSQL database cluster dump", true), ("-- MariaDB dump 10.19", true),
        ("-- MySQL dump 10.13", true),
        ("/*!999999\\- enable the sandbox mode */", true), ("/*M!999999\\- enable", true),
        ("PRAGMA foreign_keys=OFF;", true), ("SQLite format 4", false), ("-- Postgres", false), ("", false),
    ])
    func firstBytesAndSizeDecide(_ head: String, _ isDatabase: Bool) {
        let bytes = Array(head.utf8)
        bytes.withUnsafeBytes {
            #expect(DatabaseContent.isLikely($0, fileBytes: 256 << 10) == isDatabase)
            #expect(!DatabaseContent.isLikely($0, fileBytes: 256 << 10 - 1))
        }
    }

    /// Bytes that are new after a few hundred bytes all over a file have changed.
    private func growth(_ head: String, _ fixture: RepositoryFixture) throws -> Int {
        var random = SeededGenerator(seed: 81)
        var content = Array(head.utf8) + random.text(2 << 20)
        let path = fixture.directory.path + "/source-\(UUID().uuidString)"
        let file = URL(fileURLWithPath: path + "/file")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        var options = BackupOptions()
        options.ignoreScanCache = true
        try Data(content).write(to: file)
        try fixture.backup(path, options: options)
        for place in stride(from: 50_000, to: content.count, by: 100_000) { content[place] ^= 1 }
        try Data(content).write(to: file)
        let result = try fixture.backup(path, options: options)
        // Read in small portions it is cut the same: nothing is new.
        options.pace = Pace(
            read: TokenBucket(
                bytesPerSecond: 1,
                clock: PaceClock(now: { 0 }, processorTime: { 0 }, sleep: { _ in }, isCancelled: { true })))
        #expect(try fixture.backup(path, options: options).newBytes == 0, "\(head)")
        #expect(try fixture.differences(result.snapshot, tree: String(path.dropFirst()), expected: path) == "")
        return result.newBytes
    }

    /// Segments of both kinds are compressed by whoever has nothing to do, so their buffers change hands.
    @Test func aDumpBesideALargeFile() throws {
        let fixture = try RepositoryFixture()
        var random = SeededGenerator(seed: 82)
        let path = fixture.directory.path + "/source"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        for (name, head) in [("dump", "-- MariaDB dump 10.19"), ("other", "-- Letter")] {
            let content = Array(head.utf8) + random.bytes(24 << 20)
            try Data(content).write(to: URL(fileURLWithPath: path + "/" + name))
        }
        var options = BackupOptions()
        options.workers = 4
        let result = try fixture.backup(path, options: options)
        #expect(try fixture.differences(result.snapshot, tree: String(path.dropFirst()), expected: path) == "")
    }

    @Test func whatLooksLikeADumpGrowsLittle() throws {
        let fixture = try RepositoryFixture()
        // 21 places, each in a chunk of about 4 KiB, or of about 64 KiB.
        let dump = try growth("-- MariaDB dump 10.19", fixture)
        let text = try growth("-- Letter", fixture)
        #expect(dump > 0 && dump < 250_000, "\(dump) bytes")
        #expect(text > 800_000, "\(text) bytes")
    }
}
