import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A clock that is ahead: an hour later, files that were just made are old enough to be trusted.
struct LateClock: TimeSource {
    var hours: Int64 = 1
    func now() -> Timestamp { Timestamp(milliseconds: SystemClock().now().milliseconds + hours * 3_600_000) }
    func monotonicNanoseconds() -> UInt64 { SystemClock().monotonicNanoseconds() }
}

@Suite struct ScanCacheTests {
    private let fixture: RepositoryFixture
    private let tree: TestTree

    init() throws {
        fixture = try RepositoryFixture()
        var builder = TreeBuilder(seed: 111)
        builder.fileCount = 30
        builder.largeBytes = 200_000
        tree = try builder.build(at: fixture.directory.bytes("tree"))
    }

    private func backup(_ clock: any TimeSource = LateClock(), ignoringCache: Bool = false) throws -> BackupResult {
        let folders = fixture.client().folders
        let repository = try Repository.open(
            store: fixture.store, anchor: fixture.created.anchor, folders: folders, clock: clock)
        var request = BackupRequest(paths: [tree.root], system: "server")
        request.options.workers = 2
        request.options.ignoreScanCache = ignoringCache
        request.options.secondReading = false
        return try Backup.run(request, with: try WriteAccess(repository, fixture.machine))
    }

    /// Path of the one cache that backups of the tree leave.
    private func cachePath() throws -> String {
        let folder = fixture.directory.path + "/first/cache/\(fixture.created.repository.hex)/scan"
        // Beside the cache lies what tells an unchanged backup from a changed one.
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.contains(".") }
        #expect(names.count == 1, "\(names)")
        return folder + "/" + (try #require(names.first))
    }

    /// Names of files whose content was opened while `body` ran, as the kernel tells.
    private func opened(_ body: () throws -> Void) throws -> Int {
        let queue = inotify_init1(Int32(O_NONBLOCK))
        try #require(queue >= 0)
        defer { close(queue) }
        for path in tree.files {
            #expect(inotify_add_watch(queue, path.map { CChar(bitPattern: $0) } + [0], 0x21) >= 0)
        }
        try body()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        return max(0, Foundation.read(queue, &buffer, buffer.count))
    }

    /// 0x21 is IN_OPEN and IN_ACCESS: an unchanged file costs one stat and is not even opened.
    @Test func anUnchangedRunReadsNoContent() throws {
        let first = try backup()
        var second: BackupResult?
        #expect(try opened { second = try backup() } == 0)
        #expect(try #require(second).entries == first.entries && second?.bytes == first.bytes && second?.newBytes == 0)
        #expect(try fixture.differences(try #require(second).snapshot, tree: tree.path, expected: tree.path) == "")
        // The watch does see what is read.
        #expect(try opened { _ = try backup(ignoringCache: true) } > 0)
    }

    /// A cache of one directory whose entries have these ids, and those entries as they are read back.
    private func cache(
        _ ids: [[UInt8]], _ identity: ScanCache.Identity, idBytesMax: Int = ScanCacheWriter.idBytesMax
    ) throws -> (ScanCache, [ScanCache.Entry]) {
        let path = fixture.directory.bytes("long.cache")
        let id = fixture.created.repository
        let writer = try #require(
            ScanCacheWriter(path: path, repository: id, random: SystemRandom(), idBytesMax: idBytesMax))
        var directory = ScanCacheWriter.Directory()
        for (number, ids) in ids.enumerated() {
            let entry = ScanCacheWriter.Entry(
                nameHash: UInt64(number), identity: identity, groupHash: 0, fields: [UInt8(number)], ids: ids)
            writer.append(entry, to: &directory)
        }
        writer.add(pathHash: 7, nodes: [], disclosure: .zero, directory)
        writer.finish()
        let keys = ScanKeys(dedupSecret: SecretBytes([UInt8](repeating: 1, count: 32)), repository: id)
        let cache = ScanCache(path: path, repository: id, keys: keys)
        let entries = try #require(cache.directory(7)).entries.map { cache.entry(at: $0) }
        try #require(entries.map(\.nameHash) == ids.indices.map { UInt64($0) })
        return (cache, entries)
    }

    /// A file with more chunks than a length in the cache can say has a place in it, and is read again.
    @Test func moreIdsThanACacheHolds() throws {
        let identity = ScanCache.Identity(try FileStatus.read(tree.root))
        let (_, kept) = try cache([40, 60, 20].map { [UInt8](repeating: 9, count: $0) }, identity, idBytesMax: 40)
        #expect(kept.map(\.ids.count) == [40, 0, 20])
        #expect(kept.map { $0.identity == identity } == [true, false, true])
        #expect(ScanCacheWriter.idBytesMax < Int(UInt32.max) - (1 << 20), "a section with it has a length too")
    }

    /// The ids of a long file go another way into the file than those of others.
    @Test func aLongFileBesideOthers() throws {
        let expected = [10, 100_000, 5, 30_000, 0, 60_000, 1].enumerated().map { number, count in
            (0..<count * 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
        }
        let (cache, entries) = try cache(expected, ScanCache.Identity(try FileStatus.read(tree.root)))
        for (number, entry) in entries.enumerated() {
            #expect(Array(cache.bytes[entry.ids]) == expected[number], "entry \(number)")
            #expect(Array(cache.bytes[entry.fields]) == [UInt8(number)])
        }
    }

    /// A file that differs in any of these is read again; the time within a second is one of them.
    @Test func everyPartOfAnIdentityCounts() throws {
        let status = try FileStatus.read(try #require(tree.files.first))
        let changes: [(inout FileStatus) -> Void] = [
            { $0.inode += 1 }, { $0.size += 1 }, { $0.modified.seconds += 1 }, { $0.modified.nanoseconds ^= 1 },
            { $0.changed.seconds += 1 }, { $0.changed.nanoseconds ^= 1 }, { $0.owner += 1 }, { $0.group += 1 },
            { $0.mode ^= 1 }, { $0.kind = .fifo },
        ]
        for (number, change) in changes.enumerated() {
            var other = status
            change(&other)
            #expect(ScanCache.Identity(other) != ScanCache.Identity(status), "change \(number)")
        }
    }

    /// What changed within the last seconds may change again without a trace, so it is read again.
    @Test func freshFilesAreNotTrusted() throws {
        _ = try backup(LateClock(hours: -1))
        #expect(try opened { _ = try backup(SystemClock()) } > 0)
    }

    @Test func changesAreSeen() throws {
        _ = try backup()
        var changed = tree
        var mutator = TreeMutator(seed: 112)
        for round in 0..<4 {
            try mutator.mutate(&changed, count: 1)
            let result = try backup()
            #expect(
                try fixture.differences(result.snapshot, tree: tree.path, expected: tree.path) == "", "round \(round)")
        }
        #expect(try fixture.verify().findings == [])
    }

    /// A cache with any byte changed counts as none.
    @Test func aDamagedCacheIsIgnored() throws {
        _ = try backup()
        let path = try cachePath()
        let bytes = try #require(FileManager.default.contents(atPath: path))
        let access = try WriteAccess(try fixture.open(), fixture.machine)
        let keys = ScanKeys(dedupSecret: access.dedup, repository: fixture.created.repository)
        func isIgnored(_ data: Data) throws -> Bool {
            try data.write(to: URL(fileURLWithPath: path))
            return ScanCache(path: Array(path.utf8), repository: fixture.created.repository, keys: keys).isEmpty
        }
        #expect(try !isIgnored(bytes))
        for k in bytes.indices {
            var changed = bytes
            changed[k] ^= 1 << UInt8(k % 8)
            #expect(try isIgnored(changed), "byte \(k)")
        }
        for count in [0, 7, 48, bytes.count - 8] { #expect(try isIgnored(bytes.prefix(count)), "\(count) bytes") }
        // And the backup is right without it.
        #expect(try isIgnored(bytes.prefix(100)))
        #expect(try fixture.differences(try backup().snapshot, tree: tree.path, expected: tree.path) == "")
    }

    /// A sum is no proof: a directory that is said to begin within the header has no place for sections before it.
    @Test func aDirectoryInTheHeaderIsNone() throws {
        // Read as the head of a directory, the name of the repository asks for 64 bytes and one section.
        let repository = RepositoryID(words: (64, 1 << 32))
        var words: [UInt64] = [ScanCache.magic, repository.words.0, repository.words.1, 1, 0, 0, 7, 8, 0, 0]
        var sum = CacheSum()
        words.withUnsafeBytes { sum.add($0) }
        words[ScanCache.checksumOffset / 8] = sum.value
        let path = fixture.directory.path + "/crafted"
        try words.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path)) }
        let keys = ScanKeys(dedupSecret: SecretBytes([UInt8](repeating: 1, count: 32)), repository: repository)
        let cache = ScanCache(path: Array(path.utf8), repository: repository, keys: keys)
        #expect(!cache.isEmpty && cache.directory(7) == nil)
    }

    /// The packs that the cache relies on are gone from what may be used again: everything is read and stored anew.
    @Test func anotherRepositoryDoesNotUseIt() throws {
        _ = try backup()
        let other = try RepositoryFixture()
        let made = try other.backup(tree.path).snapshot
        #expect(try other.differences(made, tree: tree.path, expected: tree.path) == "")
    }
}
