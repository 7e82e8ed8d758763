import Foundation
import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Trees that no walk gives, signed by a writer with valid keys, met by every command that reads trees. Nothing is
/// written outside the target, nothing ends the process, and each forged directory is named by each of them.
@Suite(.serialized) struct ForgedTreeTests {
    private let fixture: RepositoryFixture
    private let made: HandmadeSnapshot
    private var target: String { fixture.directory.path + "/deep/target" }

    init() throws {
        fixture = try RepositoryFixture()
        made = try HandmadeSnapshot(fixture)
        let canary =
            "mkdir -p outside/x deep; echo mine > outside/file; echo mine > outside/x/passwd; chmod 600 outside/file"
        _ = runProgram(["sh", "-c", "cd \"$0\" && \(canary)", fixture.directory.path])
    }

    private static let badNames = [
        "", ".", "..", "../outside/new", "/etc/new", "a/b", "a//b", "a/../../b", "./x", "//", "a\0b", "\0", "..\0", "/",
        String(repeating: "n", count: 256), "x/",
    ]

    /// Forged entries of one directory each, with what they are.
    private func forged() throws -> [(what: String, node: ChunkID)] {
        var cases: [(String, ChunkID)] = []
        for name in Self.badNames {
            var device = made.entry(name, .characterDevice)
            device.device = (1, 3)
            let inside = try made.leaf([try made.file("file", "trap")])
            for entry in [
                try made.file(name, "trap"), made.directory(name, inside), made.link(name, to: fixture.directory.path),
                made.entry(name, .fifo), device,
            ] {
                cases.append(("\(entry.kind) named \(name.debugDescription.prefix(30))", try made.leaf([entry])))
            }
        }
        let outside = fixture.directory.path + "/outside"
        let inside = try made.leaf([try made.file("passwd", "trap")])
        let (link, folder, file) = (
            made.link("x", to: outside), made.directory("x", inside), try made.file("x", "trap")
        )
        for (one, other) in [
            (link, folder), (folder, link), (file, folder), (folder, file), (link, file), (file, file),
        ] {
            cases.append(("\(one.kind) and \(other.kind) of one name", try made.leaf([one, other])))
            let two = try made.inner([("x", try made.leaf([one])), ("y", try made.leaf([other]))])
            cases.append(("\(one.kind) and \(other.kind) of one name in two nodes", two))
            // Here each node ends with the name that the node above says: only the order of the two is wrong.
            let last = try made.file("y", "trap")
            let overlapping = try made.inner([("x", try made.leaf([one])), ("y", try made.leaf([other, last]))])
            cases.append(("\(one.kind) and \(other.kind) of one name in two nodes that end right", overlapping))
        }
        cases.append(("out of order", try made.leaf([try made.file("b", "1"), try made.file("a", "2")])))
        let between = try made.leaf([try made.file("a", "1"), try made.file("z", "2")])
        let early = try made.leaf([try made.file("b", "3")])
        cases.append(("nodes out of order", try made.inner([("b", early), ("z", between)])))
        // One node at two places: on another level, and with a last name that is right at both.
        let deep = try made.inner([("b", early)])
        cases.append(("a node twice", try made.inner(level: 2, [("b", deep), ("b", deep)])))
        cases.append(("a node below itself twice", try made.inner([("a", inside), ("b", inside)])))
        cases.append(("an empty node below another", try made.inner([("a", try made.leaf([]))])))
        cases += try damagedEntries()
        for group in ["../outside/file", outside + "/file", "", "a//b", "."] {
            var entry = try made.file("linked", "trap")
            entry.hardLinkGroup = Array(group.utf8)
            cases.append(("hard link to \(group)", try made.leaf([entry])))
        }
        return cases
    }

    /// A right entry with one field that the format does not allow.
    private func damagedEntries() throws -> [(String, ChunkID)] {
        let right = try made.file("x", "trap").encoded()
        // lp16(name) is three bytes long, then kind, mode, owner, group, two empty names, seconds, nanoseconds.
        var cases: [(String, ChunkID)] = []
        for (what, place, value) in [
            ("kind 0", 3, 0), ("kind 8", 3, 8), ("kind of a directory", 3, 2), ("kind of a link", 3, 3),
            ("mode of 13 bits", 4, 0x1f), ("too many nanoseconds", 24, 0xff), ("size beyond 2^63", 28, 0xff),
            ("more attributes than bytes", 36, 0xff),
        ] as [(String, Int, UInt8)] {
            var entry = right
            entry[place] = value
            cases.append((what, try made.leaf(raw: [entry])))
        }
        cases.append(("bytes behind an entry", try made.leaf(raw: [right + [0]])))
        cases.append(("an empty entry", try made.leaf(raw: [[]])))
        for target in ["", "a\0b", String(repeating: "t", count: 4096)] {
            cases.append(("link target of \(target.utf8.count) bytes", try made.leaf([made.link("x", to: target)])))
        }
        return cases
    }

    /// All that stands around the target.
    private func canary() -> String {
        let look =
            "cd \"$0\" && find outside deep -path deep/target -prune -o ! -path deep "
            + "-printf '%p %y %m %U %n %s %T@ %C@\\n' | sort; cat outside/file outside/x/passwd; ls -a /etc"
        return runProgram(["sh", "-c", look, fixture.directory.path])?.output ?? "no answer"
    }

    /// In parts, because a report names a hundred paths of a snapshot.
    @Test(arguments: 0..<3) func everyForgedEntryIsNamedByEveryCommand(_ part: Int) throws {
        let all = try forged()
        let cases = all.indices.filter { $0 % 3 == part }.map { all[$0] }
        #expect(cases.count > 30 && cases.count < 100)
        func name(_ number: Int) -> String { String(format: "case-%03d", number) }
        var top = cases.indices.map { made.directory(name($0), cases[$0].node) }
        top.append(try made.file("good", "kept"))
        let id = try made.commit(try made.leaf(top))
        var violations: [String] = []
        func require(_ command: String, names said: [String]) {
            for number in cases.indices where !said.contains(where: { $0.contains(name(number)) }) {
                violations.append("\(command): \(cases[number].what)")
            }
        }
        let before = canary()
        let result = try fixture.restore(id.hex, to: target)
        #expect(canary() == before, "something outside the target has changed")
        require("restore", names: result.problems.map { String(decoding: $0.path, as: UTF8.self) })
        #expect(FileManager.default.contents(atPath: target + "/good") == Data("kept".utf8))
        let found = try FileManager.default.contentsOfDirectory(atPath: target)
        #expect(Set(found).subtracting(cases.indices.map(name)) == ["good"])

        let access = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
        let what = try SnapshotPath(Array("\(id.hex):/".utf8))
        var archive: [UInt8] = []
        let dump = try Dump.tar(what, with: access) { archive += $0 }
        require("dump", names: dump.problems.map { String(decoding: $0.path, as: UTF8.self) })
        #expect(try namesOf(archive).allSatisfy { $0.hasPrefix("./") && !$0.contains("/../") && !$0.contains("//") })

        var listed: [String] = []
        let code = thrownCode {
            try Listing.run(what, recursive: true, with: access) { path, _ in
                listed.append(String(decoding: path, as: UTF8.self))
            }
        }
        #expect(code == .damaged)
        #expect(listed.contains("good") && !listed.contains { $0.split(separator: "/").contains("..") })

        var request = FindRequest([try PathPattern(Array("*".utf8))])
        request.snapshot = id.hex
        let search = try Find.run(request, with: access)
        #expect(!search.damage.isEmpty)
        #expect(!search.entries.contains { $0.path.split(separator: 0x2f).contains { $0.elementsEqual("..".utf8) } })

        require("verify", names: try fixture.verify().findings)
        #expect(canary() == before)
        CampaignScale.report("forged entries, part \(part)", points: cases.count * 5, findings: violations)
        #expect(violations.isEmpty, "\(violations.prefix(10))")
    }

    /// What GNU tar reads of an archive.
    private func namesOf(_ archive: [UInt8]) throws -> [String] {
        let path = fixture.directory.path + "/dump.tar"
        try Data(archive).write(to: URL(fileURLWithPath: path))
        let listed = try #require(runProgram(["tar", "--quoting-style=literal", "-tf", path]))
        #expect(listed.status == 0)
        return listed.output.split(separator: "\n").map(String.init)
    }

    /// A forged snapshot against a right one, both ways.
    @Test func differencesOfForgedTrees() throws {
        let right = try made.commit(try made.leaf([try made.file("good", "kept")]))
        let other = try HandmadeSnapshot(fixture)
        let trap = try other.leaf([try other.file("..", "trap")])
        let shared = try other.inner([("a", trap), ("b", trap)])
        let forged = try other.commit(
            try other.leaf([other.directory("d", trap), other.directory("e", shared), try other.file("good", "other")]))
        let access = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
        for (one, two) in [(right, forged), (forged, right), (forged, forged)] {
            var paths: [String] = []
            let result = try Difference.run(
                try SnapshotPath(Array("\(one.hex):/".utf8)), try SnapshotPath(Array("\(two.hex):/".utf8)), with: access
            ) { paths.append(String(decoding: $0.path, as: UTF8.self)) }
            #expect(!paths.contains { $0.contains("..") })
            if one != two {
                #expect(paths.contains("good"))
                #expect(result.isDamaged || result.problemCount > 0)
            }
        }
    }

    /// Somebody swaps directories of the target for links to the outside while a restore runs.
    @Test func linksSwappedDuringARestore() throws {
        let folders = 40
        var top: [TreeEntry] = []
        for number in 0..<folders {
            let files = try (0..<8).map { try made.file("file-\($0)", "content \(number) \($0)") }
            top.append(made.directory(String(format: "d%02d", number), try made.leaf(files)))
        }
        let id = try made.commit(try made.leaf(top))
        let outside = fixture.directory.path + "/outside"
        let before = canary()
        let swaps = Mutex(0)
        let isOver = Mutex(false)
        let target = target
        let group = DispatchGroup()
        group.enter()
        Foundation.Thread.detachNewThread {
            var round = 0
            while !isOver.withLock({ $0 }) {
                let path = target + String(format: "/d%02d", round % folders)
                let aside = path + "-aside"
                round += 1
                // Any step may fail, as the restore is at work in the same place.
                if rename(path, aside) == 0 {
                    if symlink(outside, path) == 0 { swaps.withLock { $0 += 1 } }
                    unlink(path)
                    rename(aside, path)
                }
            }
            group.leave()
        }
        for _ in 0..<(CampaignScale.isFull ? 300 : 12) {
            _ = runProgram(["rm", "-rf", target])
            _ = try? fixture.restore(id.hex, to: target)
        }
        isOver.withLock { $0 = true }
        group.wait()
        let count = swaps.withLock { $0 }
        #expect(count > 50, "the race was never run")
        let isQuiet = canary() == before
        CampaignScale.report(
            "links swapped during a restore", points: count, findings: isQuiet ? [] : ["written outside"])
        #expect(isQuiet)
    }

    /// The target holds links, magic links among them, where the snapshot has directories and files.
    @Test func linksThatWaitInTheTarget() throws {
        let inside = try made.leaf([try made.file("passwd", "trap"), try made.file("file", "trap")])
        let links = [
            fixture.directory.path + "/outside", "../../outside", "/proc/self/root\(fixture.directory.path)/outside",
            "/proc/self/cwd", ".", "..", "/", "loop0",
        ]
        var top = links.indices.map { made.directory("link\($0)", inside) }
        top.append(try made.file("zfile", "trap"))
        let id = try made.commit(try made.leaf(top))
        _ = runProgram(["mkdir", "-p", target])
        for (number, link) in links.enumerated() { symlink(link, target + "/link\(number)") }
        symlink(fixture.directory.path + "/outside/file", target + "/zfile")
        let before = canary()
        _ = try? fixture.restore(id.hex, to: target)
        #expect(canary() == before)
        CampaignScale.report(
            "links that wait in the target", points: links.count + 1, findings: canary() == before ? [] : ["outside"])
    }
}
