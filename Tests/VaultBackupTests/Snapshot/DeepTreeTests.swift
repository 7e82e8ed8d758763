import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Trees as deep, or as entangled, as nobody makes them by accident.
@Suite(.serialized) struct DeepTreeTests {
    private static let levels = 10_000

    /// Makes `levels` directories in each other with a file in the last, and a small one in every hundredth.
    private func makeDeep(_ path: String) throws {
        let script = """
            import os, sys
            os.mkdir(sys.argv[1]); os.chdir(sys.argv[1])
            for i in range(\(Self.levels)):
                os.mkdir('d'); os.chdir('d')
                if i % 100 == 0: open('f', 'w').write(str(i))
            open('last', 'w').write('deep')
            """
        try #require(runProgram(["python3", "-c", script, path])?.status == 0)
    }

    /// A list of the tree that a program makes which never uses a path: depth, kind and content.
    private func list(_ path: String) throws -> String {
        let script = """
            import os, sys
            os.chdir(sys.argv[1]); depth = 0
            while True:
                names = sorted(os.listdir('.'))
                for n in names:
                    if n != 'd': print(depth, n, open(n).read(), os.stat(n).st_mtime_ns)
                if 'd' not in names: break
                os.chdir('d'); depth += 1
            """
        let run = try #require(runProgram(["python3", "-c", script, path]))
        try #require(run.status == 0)
        return run.output
    }

    @Test func tenThousandLevels() throws {
        let fixture = try RepositoryFixture()
        let source = fixture.directory.path + "/deep"
        defer {
            for name in ["deep", "target"] { _ = runProgram(["rm", "-rf", fixture.directory.path + "/" + name]) }
        }
        try makeDeep(source)
        let descriptors = OpenFileCount(below: fixture.directory.path)
        var options = BackupOptions()
        try options.exclude.add(Array("/deep/**/nothing".utf8))
        let made = try fixture.backup(source, options: options)
        #expect(made.problemCount == 0)
        #expect(made.entries >= Self.levels + 101)
        let access = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
        var deepest = 0
        try Listing.run(try SnapshotPath(Array("\(made.snapshot.hex)".utf8)), recursive: true, with: access) {
            path, _ in
            deepest = max(deepest, path.count)
        }
        #expect(deepest > 2 * Self.levels)
        for pattern in ["last", "d/last", "**/deep/**/last"] {
            let found = try Find.run(FindRequest([try PathPattern(Array(pattern.utf8))]), with: access)
            #expect(found.entries.count == 1 && found.damage.isEmpty, "\(pattern)")
        }
        let target = fixture.directory.path + "/target"
        let path = String(source.dropFirst())
        var request = RestoreRequest(
            try SnapshotPath(Array("\(made.snapshot.hex):/\(path)".utf8)), target: Array(target.utf8))
        request.options.verify = true
        let restored = try Restore.run(request, with: access)
        #expect(restored.problemCount == 0 && restored.notAppliedCount == 0)
        #expect(try list(target) == list(source))
        let same = try Difference.run(
            try SnapshotPath(Array("\(made.snapshot.hex):/\(path)".utf8)), against: Array(target.utf8), with: access
        ) { _ in }
        #expect(same.isSame && same.problemCount == 0)
        let report = try Verify.run(VerifyRequest(), access.repository, with: access)
        #expect(report.findings.isEmpty)
        // What is not in the snapshot goes away, however deep.
        request.what = try SnapshotPath(Array("\(made.snapshot.hex):/\(path)/d/d".utf8))
        request.target = Array((target + "/d").utf8)
        request.options.verify = false
        request.options.overwrite = .ifChanged
        request.options.delete = true
        let again = try Restore.run(request, with: access)
        #expect(again.problemCount == 0, "\(again.problems.first.map { "\($0.reason)" } ?? "")")
        #expect(descriptors.most < 1300, "\(descriptors.most) open files")
    }

    /// A directory in which one node stands twice, in one in which it stands twice, and so on: 2⁶⁰ files.
    private func entangled(_ made: HandmadeSnapshot) throws -> ChunkID {
        var node = try made.leaf([try made.file("f", "x")])
        for _ in 0..<60 { node = try made.leaf([made.directory("a", node), made.directory("b", node)]) }
        return node
    }

    @Test func aTreeThatMultipliesEndsWithASentence() throws {
        let fixture = try RepositoryFixture()
        let made = try HandmadeSnapshot(fixture)
        let id = try made.commit(try entangled(made), entries: 2_000)
        let access = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
        let what = try SnapshotPath(Array(id.hex.utf8))
        func expectRefusal(_ body: () throws -> Void) {
            let error = #expect(throws: VaultError.self) { try body() }
            #expect(error?.message.contains("more entries than the 2000 of its record") == true, "\(error as Any)")
        }
        expectRefusal { try Listing.run(what, recursive: true, with: access) { _, _ in } }
        expectRefusal {
            let target = fixture.directory.path + "/target"
            _ = try Restore.run(RestoreRequest(what, target: Array(target.utf8)), with: access)
        }
        expectRefusal { _ = try Dump.tar(what, with: access) { _ in } }
        expectRefusal {
            let other = try HandmadeSnapshot(fixture)
            let empty = try other.commit(try other.leaf([]))
            let again = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
            _ = try Difference.run(what, try SnapshotPath(Array(empty.hex.utf8)), with: again) { _ in }
        }
        // Searching reads each node once; only what is found is too much.
        for (pattern, isDamaged) in [("nothing", false), ("/**/nothing", false), ("f", true), ("/a/**/f", true)] {
            let found = try Find.run(FindRequest([try PathPattern(Array(pattern.utf8))]), with: access)
            #expect(found.damage.isEmpty != isDamaged, "\(pattern)")
            #expect(found.directoryCount <= 3 * 61)
        }
        #expect(try Verify.run(VerifyRequest(), access.repository, with: access).findings.isEmpty)
    }
}

extension DeepTreeTests {
    /// The same where every directory also has a file whose content is nowhere, so that none of them counts as right.
    @Test func damageThatMultipliesEndsToo() throws {
        let fixture = try RepositoryFixture()
        let made = try HandmadeSnapshot(fixture)
        let lost = made.file("f", size: 1, extents: [.chunk(id: ChunkID(Digest.zero), length: 1)])
        var node = try made.leaf([lost])
        for _ in 0..<60 { node = try made.leaf([made.directory("a", node), made.directory("b", node), lost]) }
        _ = try made.commit(node, entries: 2_000)
        let access = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
        let report = try Verify.run(VerifyRequest(), access.repository, with: access)
        #expect(report.findings.contains { $0.contains("is in no pack") })
    }
}

/// Looks now and then how many files below a directory this process has open; other tests have theirs.
private final class OpenFileCount: @unchecked Sendable {
    // Unchecked: the counting thread alone writes, and it is joined before the value is read.
    private var highest = 0
    private let end = Cancellation()
    private var thread: VaultBackup.Thread?

    init(below path: String) {
        thread = try? VaultBackup.Thread { [self] in
            while !end.isCancelled {
                highest = max(highest, Self.count(below: path))
                usleep(5_000)
            }
        }
    }

    private static func count(below path: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        var buffer = [CChar](repeating: 0, count: 4096)
        return names.count { name in
            let count = readlink("/proc/self/fd/" + name, &buffer, buffer.count)
            // What lies so deep that its path cannot be told is ours.
            guard count >= 0 else { return errno == ENAMETOOLONG }
            return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self).hasPrefix(path)
        }
    }

    /// Ends the counting.
    var most: Int {
        end.cancel()
        thread?.join()
        thread = nil
        return highest
    }
}
