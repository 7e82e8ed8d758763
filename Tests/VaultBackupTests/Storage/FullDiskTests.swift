import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A small file system of its own in a file; nil where that is not allowed.
private final class SmallDisk {
    let temporary: TemporaryDirectory
    var path: String { temporary.path + "/mount" }

    init?(megabytes: Int) throws {
        temporary = try TemporaryDirectory()
        let image = temporary.path + "/image"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        guard isRoot, runProgram(["truncate", "-s", "\(megabytes)M", image])?.status == 0,
            runProgram(["mkfs.ext4", "-q", "-F", image])?.status == 0,
            runProgram(["mount", "-o", "loop", image, path])?.status == 0
        else { return nil }
    }

    func remountReadOnly() -> Bool { runProgram(["mount", "-o", "remount,ro", path])?.status == 0 }

    deinit { _ = runProgram(["umount", path]) }
}

@Suite struct FullDiskTests {
    @Test(arguments: [true, false]) func aFullDiskIsNoSpaceAndLeavesNothing(_ unnamed: Bool) throws {
        guard let disk = try SmallDisk(megabytes: 64) else {
            print("skipped: a full disk needs root, mkfs.ext4 and loop devices")
            return
        }
        let store = try LocalStore(path: Array(disk.path.utf8), unnamedFiles: unnamed)
        let content = [UInt8](repeating: 0x5a, count: 3_000_001)
        var failed: ObjectName?
        for position in 0..<100 where failed == nil {
            do {
                #expect(try store.put(.record(position), content) == .created)
            } catch {
                #expect(error.kind == .noSpace, "\(error)")
                failed = .record(position)
            }
        }
        let name = try #require(failed, "the disk was never full")
        #expect(try store.get(name) == nil)
        #expect(try store.size(name) == nil)
        #expect(try leftovers(disk.path).isEmpty)
        let stored = try store.list("log")
        #expect(stored.count > 5)
        for object in stored { #expect(try store.get(object.name) == content) }
        // With room again the same call succeeds, without anything done by hand.
        try store.delete(stored[0].name)
        #expect(try store.put(name, content) == .created)
        #expect(try store.get(name) == content)
    }

    @Test func aReadOnlyDiskIsReadOnly() throws {
        guard let disk = try SmallDisk(megabytes: 16) else {
            print("skipped: a read-only disk needs root, mkfs.ext4 and loop devices")
            return
        }
        let store = try LocalStore.create(at: Array(disk.path.utf8))
        _ = try store.put(.record(0), [1])
        try #require(disk.remountReadOnly())
        let put = #expect(throws: StorageError.self) { try store.put(.record(1), [1]) }
        #expect(put?.kind == .readOnly)
        let delete = #expect(throws: StorageError.self) { try store.delete(.record(0)) }
        #expect(delete?.kind == .readOnly)
        #expect(try store.get(.record(0)) == [1])
    }
}
