import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A writer with valid keys makes a tree that is a trap. Nothing is written outside the target, and what is left out is
/// named.
@Suite struct HostileSnapshotTests {
    private let fixture: RepositoryFixture
    private let made: HandmadeSnapshot
    private let outside: String

    init() throws {
        fixture = try RepositoryFixture()
        made = try HandmadeSnapshot(fixture)
        outside = fixture.directory.path + "/outside"
        for folder in [outside, fixture.directory.path + "/deep"] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        try Data("mine".utf8).write(to: URL(fileURLWithPath: outside + "/file"))
    }

    private var target: String { fixture.directory.path + "/deep/target" }

    /// Restores, makes sure that nothing outside has changed, and returns the paths of the problems.
    private func restore(_ root: ChunkID) throws -> Set<String> {
        let id = try made.commit(root)
        let before = outsideState()
        let result = try fixture.restore(id.hex, to: target)
        #expect(outsideState() == before)
        #expect(result.problemCount == result.problems.count)
        return Set(result.problems.map { String(decoding: $0.path, as: UTF8.self) })
    }

    private func outsideState() -> [String] {
        let folders = [outside, fixture.directory.path + "/deep"]
        return folders.flatMap { folder in
            (runProgram(["find", folder, "-path", target, "-prune", "-o", "-type", "f", "-printf", "%p %n %m %T@ %s\n"]
            )?.output ?? "")
            .split(separator: "\n").map(String.init).sorted()
        }
    }

    private func content(_ path: String) -> String? {
        FileManager.default.contents(atPath: target + "/" + path).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func namesThatLeadElsewhere() throws {
        let names = ["", ".", "..", "../outside/new", "/etc/new", "a/b", "a\0b", String(repeating: "n", count: 256)]
        var top: [TreeEntry] = []
        for (number, name) in names.enumerated() {
            let leaf = try made.leaf([try made.file(name, "trap")])
            top.append(made.directory("dir-\(number)", leaf))
        }
        top.append(try made.file("good", "kept"))
        let problems = try restore(try made.leaf(top))
        #expect(problems == Set(names.indices.map { "dir-\($0)" }))
        #expect(content("good") == "kept")
        for number in names.indices {
            #expect(try FileManager.default.contentsOfDirectory(atPath: target + "/dir-\(number)").isEmpty)
        }
    }

    /// Two nodes of one directory hold the same name: first a link to a place outside, then what is to be written
    /// through it.
    @Test func throughALink() throws {
        let inside = try made.leaf([try made.file("file", "trap")])
        let link = made.link("x", to: outside)
        let directory = made.directory("x", inside)
        let fileLink = made.link("x", to: outside + "/file")
        let file = try made.file("x", "trap")
        var top: [TreeEntry] = []
        for (number, pair) in [(link, directory), (directory, link), (fileLink, file), (file, fileLink)].enumerated() {
            let node = try made.inner([("x", try made.leaf([pair.0])), ("y", try made.leaf([pair.1]))])
            top.append(made.directory("dir-\(number)", node))
        }
        // In one node the same name twice is out of order.
        top.append(made.directory("dir-4", try made.leaf([link, directory])))
        // A link stands for itself; a directory below it is somebody else's.
        top.append(made.link("plain", to: outside))
        let problems = try restore(try made.leaf(top))
        for number in 0..<5 {
            #expect(problems.contains { $0.hasPrefix("dir-\(number)") }, "dir-\(number): \(problems)")
        }
        #expect(!problems.contains("plain"))
    }

    @Test func groupsThatPointOutside() throws {
        var top: [TreeEntry] = []
        let groups = ["nowhere", "file-1b/x", "../../outside/file", outside + "/file", "/etc/passwd", ""]
        for (number, group) in groups.enumerated() {
            for half in ["a", "b"] {
                var entry = try made.file("file-\(number)\(half)", "content \(number)")
                entry.hardLinkGroup = Array(group.utf8)
                top.append(entry)
            }
        }
        // Not the same thing, though it says so.
        var one = made.link("link-a", to: "left")
        var two = made.link("link-b", to: "rite")
        one.hardLinkGroup = Array("link-a".utf8)
        two.hardLinkGroup = Array("link-a".utf8)
        top += [one, two]
        // A group that is no path inside makes an entry that is not valid: it is left out, named by its directory.
        #expect(try restore(try made.leaf(top)) == [""])
        for number in groups.indices {
            #expect(content("file-\(number)a") == (number < 2 ? "content \(number)" : nil))
            #expect(content("file-\(number)b") == (number < 2 ? "content \(number)" : nil))
        }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: target + "/link-a") == "left")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: target + "/link-b") == "rite")
    }

    @Test func lengthsThatDoNotFit() throws {
        let huge = Int.max
        let bytes = Array("twelve bytes".utf8)
        let chunk = Extent.chunk(id: try made.add(.data, bytes), length: bytes.count)
        func list(_ extents: [Extent]...) throws -> ChunkID {
            let leaves = try extents.map { try made.add(.extentList, ExtentListNode.leaf($0).encode()) }
            if leaves.count == 1 { return leaves[0] }
            let children = leaves.map { ExtentListNode.Child(id: $0, byteCount: 1, itemCount: 1) }
            return try made.add(.extentList, ExtentListNode.inner(level: 1, children).encode())
        }
        let run = Extent.run(list: try list([chunk]), first: 0xffff_ffff, count: 0xffff_ffff)
        let wrong = [
            made.file("a", size: 13, extents: [chunk]),
            made.file("b", size: 11, extents: [chunk]),
            made.file("c", size: 5, extents: [.hole(length: huge), chunk]),
            made.file("d", size: huge, list: try list([.hole(length: huge)], [chunk], [.hole(length: huge)])),
            made.file("e", size: 11, list: try list([chunk])),
            made.file("f", size: huge, extents: [.hole(length: huge)]),
            made.file("g", size: huge, list: try list([.hole(length: huge)])),
            made.file("h", size: 12, list: made.directory("x", try made.leaf([])).child?.node),
            made.file("i", size: 12, extents: [run]),
            made.file("j", size: 11, extents: [.chunk(id: try made.add(.data, bytes), length: 11)]),
        ]
        let good = made.file("z", size: 24, list: try list([chunk], [chunk]))
        let top = try made.leaf(wrong + [good])
        let problems = try restore(top)
        // Entries that are not valid in themselves are named by their directory.
        for entry in wrong where !problems.contains(String(decoding: entry.name, as: UTF8.self)) {
            #expect(problems.contains(""), "\(entry.name)")
        }
        // d, e, f, g, h and j in themselves; a, b, c and i, which are not valid as entries, by their directory.
        #expect(problems == ["", "d", "e", "f", "g", "h", "j"])
        #expect(content("z") == "twelve bytestwelve bytes", "\(problems)")
        for entry in wrong {
            let path = target + "/" + String(decoding: entry.name, as: UTF8.self)
            #expect((FileManager.default.contents(atPath: path)?.count ?? 0) <= 12)
        }
        let report = try fixture.verify()
        #expect(report.findings.count >= 7, "\(report.findings)")
    }

    @Test func deepNesting() throws {
        var node = try made.leaf([try made.file("bottom", "down here")])
        let name = String(repeating: "d", count: 20)
        for _ in 0..<2000 { node = try made.leaf([made.directory(name, node)]) }
        #expect(try restore(node) == [])
        let found = runProgram(["sh", "-c", "cd \"$0\" && find . -name bottom | wc -c", target])
        // ./ and 2,000 names with a slash each, the file, a line feed.
        #expect(found?.output.trimmingCharacters(in: .whitespacesAndNewlines) == "\(2 + 2000 * 21 + 7)")
        #expect(try fixture.verify().findings == [])
    }
}
