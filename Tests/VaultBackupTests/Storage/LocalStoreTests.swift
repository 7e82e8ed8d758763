import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct LocalStoreTests {
    let temporary: TemporaryDirectory

    init() throws { temporary = try TemporaryDirectory() }

    private var files: FileManager { FileManager.default }
    private func path(_ name: String) -> String { temporary.path + "/" + name }

    @Test func aMissingFolderIsNotFound() throws {
        for name in ["absent", "file/below"] {
            try Data([1]).write(to: URL(fileURLWithPath: path("file")))
            let error = #expect(throws: StorageError.self) { try LocalStore.open(at: temporary.bytes(name)) }
            #expect(error?.kind == .notFound)
        }
        let file = #expect(throws: StorageError.self) { try LocalStore.open(at: temporary.bytes("file")) }
        #expect(file?.kind == .notFound)
    }

    @Test func createMakesAPrivateFolder() throws {
        let store = try LocalStore.create(at: temporary.bytes("a/store"))
        #expect(store.capabilities.createOnly == .works)
        #expect(store.location == path("a/store"))
        _ = try store.put(.record(0), [1])
        for (name, mode) in [
            ("a", 0o700), ("a/store", 0o700), ("a/store/log/000000000", 0o700),
            ("a/store/log/000000000/000000000000", 0o600),
        ] {
            #expect(try FileStatus.read(temporary.bytes(name)).mode == mode, "\(name)")
        }
        #expect(try leftovers(temporary.path).isEmpty)
        #expect(try LocalStore.open(at: temporary.bytes("a/store")).get(.record(0)) == [1])
    }

    @Test(arguments: [true, false]) func aFolderOpenToTheGroupStaysSo(_ unnamed: Bool) throws {
        try files.createDirectory(atPath: path("shared"), withIntermediateDirectories: false)
        #expect(chmod(path("shared"), 0o2775) == 0)
        let store = try LocalStore(path: temporary.bytes("shared"), unnamedFiles: unnamed)
        _ = try store.put(.record(0), [1])
        let folder = try FileStatus.read(temporary.bytes("shared/log/000000000"))
        #expect(folder.mode == 0o2770)
        #expect(try FileStatus.read(temporary.bytes("shared/log/000000000/000000000000")).mode == 0o660)
    }

    @Test func theProbeWorksBothWays() throws {
        for unnamed in [true, false] {
            let store = try LocalStore(path: temporary.bytes(), unnamedFiles: unnamed)
            #expect(try store.probe() == .works)
            #expect(try files.contentsOfDirectory(atPath: temporary.path).isEmpty, "nothing is left behind")
        }
    }

    @Test func otherFilesAreNoObjects() throws {
        let store = try LocalStore.create(at: temporary.bytes())
        _ = try store.put(.record(1), [1])
        for name in [
            "log/README", "log/000000000/note", "log/000000000/.0123.tmp", "log/000000000/000000000002.tmp",
            "log/000000000/00000000000A", "log/000000000/000000001000", "x",
        ] { try Data([1]).write(to: URL(fileURLWithPath: path(name))) }
        try files.createDirectory(atPath: path("log/000000000/000000000003"), withIntermediateDirectories: false)
        try files.createSymbolicLink(atPath: path("log/000000000/000000000004"), withDestinationPath: "000000000001")
        try files.createDirectory(atPath: path("log/\u{e4}/b"), withIntermediateDirectories: true)
        #expect(try store.list("log").map(\.name) == [.record(1)])
        #expect(throws: StorageError.self, "a folder in the place of an object is damage") { try store.get(.record(3)) }
        #expect(throws: StorageError.self, "a link is not followed") { try store.get(.record(4)) }
        #expect(throws: StorageError.self) { try store.size(.record(4)) }
    }

    @Test func aRemovedFolderIsMadeAgain() throws {
        let store = try LocalStore.create(at: temporary.bytes("store"))
        _ = try store.put(.record(1), [1])
        try files.removeItem(atPath: path("store/log"))
        #expect(try store.put(.record(1), [2]) == .created)
        #expect(try store.get(.record(1)) == [2])
        try files.removeItem(atPath: path("store"))
        let error = #expect(throws: StorageError.self) { try store.put(.record(2), [2]) }
        #expect(error?.kind == .notFound)
    }

    @Test func manyFoldersDoNotExhaustDescriptors() throws {
        let store = try LocalStore.create(at: temporary.bytes())
        for k in 0..<300 { _ = try store.put(.record(k << 12), [1]) }
        let open = try files.contentsOfDirectory(atPath: "/proc/self/fd").filter {
            (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0))?.hasPrefix(temporary.path) ?? false
        }
        #expect(open.count <= 258 && open.count > 100, "\(open.count) descriptors")
        #expect(try store.list("log").count == 300)
    }

    @Test(.enabled(if: !isRoot)) func permissionIsToldApart() throws {
        let store = try LocalStore.create(at: temporary.bytes())
        #expect(chmod(temporary.path, 0o500) == 0)
        defer { chmod(temporary.path, 0o700) }
        let error = #expect(throws: StorageError.self) { try store.put(.record(0), [1]) }
        #expect(error?.kind == .permission)
    }

    @Test func errorsHaveTheirClass() {
        let classes: [(Int32, StorageError.Kind)] = [
            (ENOSPC, .noSpace), (EDQUOT, .noSpace), (EROFS, .readOnly), (EACCES, .permission), (EPERM, .permission),
            (EIO, .io), (ENOENT, .notFound),
        ]
        for (number, kind) in classes {
            let error = StorageError(SystemError(errno: number, operation: "open"), "write x", at: "/store")
            #expect(error.kind == kind)
            #expect(error.description.hasPrefix("cannot write x in /store: open: "))
        }
    }
}
