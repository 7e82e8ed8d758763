import Foundation
import Glibc
import Testing
import VaultTestSupport

@testable import VaultBackup

/// What a restore leaves for the next backup: nothing is read again, and nothing is believed that is not so.
@Suite struct RestoredEntriesTests {
    private let fixture: RestoreFixture

    init() throws {
        fixture = try RestoreFixture(
            """
            cd src; mkdir d; echo one > d/a; : > empty; head -c 900000 /dev/urandom > big; ln big d/name;
            truncate -s 700000 holes; printf x | dd of=holes bs=1 seek=300000 conv=notrunc status=none;
            ln -s d/a link; find . -exec touch -h -d '2020-01-01 00:00:00.5' {} +
            """)
    }

    /// Files of the target that a backup of it opens or reads, as the kernel tells.
    private func opened(_ body: () throws -> Void) throws -> Set<String> {
        let queue = inotify_init1(Int32(O_NONBLOCK))
        try #require(queue >= 0)
        defer { close(queue) }
        var names: [Int32: String] = [:]
        for name in ["d/a", "empty", "big", "d/name", "holes"] {
            let number = inotify_add_watch(queue, fixture.path + "/target/" + name, 0x21)
            #expect(number >= 0)
            names[number] = name
        }
        try body()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = max(0, Glibc.read(queue, &buffer, buffer.count))
        var found: Set<String> = []
        var offset = 0
        while offset + 16 <= count {
            let number = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Int32.self) }
            found.insert(names[number] ?? "?")
            offset +=
                16 + Int(buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self) })
        }
        return found
    }

    private func backup() throws { try fixture.backup("target") { $0.secondReading = false } }

    @Test func theNextBackupOpensNothing() throws {
        try fixture.restore()
        #expect(try opened { try backup() } == [])
        #expect(try fixture.shell("ls cache/*/scan | grep -c restored || true") == "0\n")
    }

    @Test func whatChangedSinceIsRead() throws {
        try fixture.restore()
        try fixture.shell("cd target; printf two > d/a; printf x >> empty; touch -d '2020-01-01 00:00:00.5' d/a empty")
        #expect(try opened { try backup() } == ["d/a", "empty"])
        try fixture.restore("again") {
            $0.what = try SnapshotPath(Array("latest:".utf8) + fixture.folder.bytes("target"))
        }
        #expect(try fixture.shell("cat again/d/a again/empty") == "twox")
        #expect(try fixture.shell("rsync -naciHX --delete target/ again/") == "")
    }

    @Test func whatCouldNotBeAppliedIsRead() throws {
        try fixture.shell("setfattr -n user.note -v 1 src/holes; touch -d '2020-01-01 00:00:00.5' src/holes")
        try fixture.backup()
        try fixture.restore { $0.options.attributes = false }
        #expect(try opened { try backup() } == ["holes"])
    }

    @Test func aRecentFileIsRead() throws {
        try fixture.shell("echo now > src/empty; touch -d '+1 hour' src/empty")
        try fixture.backup()
        try fixture.restore()
        #expect(try opened { try backup() } == ["empty"])
    }

    /// A digest that the writer of the snapshot made up would else be passed on.
    @Test func onlyTheRightDigestIsExact() {
        func file(_ digest: ContentDigest, _ size: Int) -> RestoreFile {
            var entry = TreeEntry(
                name: [0x61], kind: .file, mode: 0o644, owner: 0, group: 0, mtimeSeconds: 1, mtimeNanoseconds: 0)
            entry.size = size
            entry.digest = digest
            return RestoreFile(
                directory: RestoreTarget.Directory(nil), entry: entry, pieceCount: 0, holeBytes: 0,
                needsLength: false, placement: .create, ids: [])
        }
        let whole = SHA256.digest([1, 2, 3])
        let piece = RestorePiece(
            id: ChunkID(Digest.zero), ordinal: 0, segment: 0, offset: 0, length: 3, file: 0, fileOffset: 0)
        let right = file(ContentDigest(kind: 1, digest: whole), 3)
        right.note([piece], [whole])
        #expect(right.isExact)
        let wrong = file(ContentDigest(kind: 1, digest: .zero), 3)
        wrong.note([piece], [whole])
        #expect(!wrong.isExact)
        let longer = file(ContentDigest(kind: 1, digest: whole), 4)
        longer.note([piece], [whole])
        #expect(!longer.isExact)
        #expect(file(ContentDigest(kind: 1, digest: SHA256.digest([])), 0).isExact)
        #expect(!file(ContentDigest(kind: 1, digest: SHA256.digest([])), 5).isExact)
    }
}
