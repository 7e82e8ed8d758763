import Testing
import VaultTestSupport

@testable import VaultBackup

/// What an interrupted backup has noted is found again, or not at all.
@Suite struct ScanJournalTests {
    private let folder: TemporaryDirectory
    private let identity: ScanCache.Identity

    init() throws {
        folder = try TemporaryDirectory()
        identity = ScanCache.Identity(try FileStatus.read(folder.bytes()))
    }

    private static func ids(_ key: UInt64, _ count: Int) -> [UInt8] {
        (0..<count * 20).map { UInt8(truncatingIfNeeded: UInt64($0) &* 37 &+ key) }
    }

    /// Entries of which one is longer than what is written at once.
    private func write(_ path: [UInt8], _ counts: [Int]) {
        let journal = ScanJournal(path: path, isFresh: true)
        for (key, count) in counts.enumerated() {
            journal.add(UInt64(key), identity, fields: [UInt8(key)], ids: Self.ids(UInt64(key), count))
        }
        journal.flush()
    }

    @Test func longEntriesStandBetweenOthers() {
        let path = folder.bytes("journal")
        let counts = [3, 20_000, 0, 70_000, 13_107, 13_108, 1]
        write(path, counts)
        let journal = ScanJournal(path: path, isFresh: false)
        #expect(journal.count == counts.count)
        for (key, count) in counts.enumerated() {
            let found = journal.find(UInt64(key), identity)
            #expect(found?.fields == [UInt8(key)])
            #expect(found?.ids == Self.ids(UInt64(key), count))
        }
    }

    /// Each byte of the first records counts, those of the long one as well; what stands before the damage still holds.
    @Test func damageEndsTheJournal() throws {
        let path = folder.bytes("journal")
        write(path, [2, 14_000, 2])
        let whole = try #require(try AtomicFile.read(path, byteCountMax: 1 << 20))
        let first = 16 + Int(whole.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
        let second =
            first + 16 + Int(whole.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: first, as: UInt32.self) })
        #expect(second > 14_000 * 20 && second < whole.count)
        for place in Array(first..<first + 200) + [second - 1, second - 5_000] {
            var damaged = whole
            damaged[place] ^= 0x10
            try AtomicFile.write(path, damaged)
            let journal = ScanJournal(path: path, isFresh: false)
            #expect(journal.count == 1, "byte \(place)")
            #expect(journal.find(0, identity)?.ids == Self.ids(0, 2))
        }
        for length in [second - 1, first + 20, first + 3] {
            try AtomicFile.write(path, Array(whole.prefix(length)))
            #expect(ScanJournal(path: path, isFresh: false).count == 1, "\(length) bytes")
        }
    }
}
