import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Files with several names of which the content is damaged or lost: each name is said, and none gets other bytes than
/// it had.
@Suite struct RestoreLinkedTests {
    private let fixture: RestoreFixture

    init() throws {
        fixture = try RestoreFixture(
            "cd src; head -c 5000000 /dev/urandom > a; ln a a2; mkdir d; ln a d/a3; mkfifo p; ln p p2; : > empty")
    }

    /// Runs a line of shell for each pack `$p` with content of `a`.
    private func damage(_ line: String) throws {
        try fixture.shell("for p in $(find repo/packs -type f -size +50k); do chmod u+w $p; \(line); done")
    }

    /// Damages one segment of each pack.
    private func damageInPart() throws {
        try damage("printf 'DAMAGE' | dd of=$p bs=1 seek=100000 conv=notrunc status=none")
    }

    private func reasons(_ result: RestoreResult) -> [String] {
        result.problems.map { "\(PathText.readable($0.path)): \($0.reason)" }
    }

    /// Problems are those of the three names of `a`: the first is damaged, and so the others are what `rest` says.
    private func expect(_ result: RestoreResult, _ rest: String) {
        let reasons = reasons(result)
        #expect(reasons.count == 3 && reasons.first?.hasPrefix("a: is damaged: ") == true, "\(reasons)")
        #expect(reasons.dropFirst() == ["a2: \(rest)", "d/a3: \(rest)"])
    }

    @Test func lost() throws {
        try damage("truncate -s 200 $p; truncate -s 6M $p")
        expect(try fixture.restore(), "cannot be restored: it is the same file as /a, which could not be")
        #expect(try fixture.shell("cd target; find . -type f -o -type p | sort") == "./empty\n./p\n./p2\n")
        #expect(try fixture.shell("stat -c %h target/p2") == "2\n")
    }

    @Test func lostInPart() throws {
        try damageInPart()
        expect(try fixture.restore(), "is damaged: it is the same file as /a")
        #expect(try fixture.shell("stat -c %h target/d/a3; cmp -s src/a target/a2 || echo other") == "3\nother\n")
    }

    /// What is there is kept under every name, and not replaced by what is there under the first.
    @Test(arguments: [false, true])
    func overExistingFiles(verifying: Bool) throws {
        try damageInPart()
        try fixture.shell("mkdir -p target/d; for name in a a2 d/a3; do echo $name > target/$name; done")
        let result = try fixture.restore {
            $0.options.overwrite = .ifChanged
            $0.options.verifyExisting = verifying
        }
        #expect(reasons(result).count == 3)
        #expect(reasons(result).dropFirst().allSatisfy { $0.hasSuffix("same file as /a, which could not be") })
        // With a look at what is there, the file under the first name is put right as far as that is possible.
        #expect(try fixture.shell("cat target/a2 target/d/a3") == "a2\nd/a3\n")
        if !verifying { #expect(try fixture.shell("cat target/a") == "a\n") }
    }

    /// A first name that cannot be restored is no name for the others, each of which says why.
    @Test func aChunkInNoPack() throws {
        let fixture = try RepositoryFixture()
        let made = try HandmadeSnapshot(fixture)
        let extents = [Extent.chunk(id: ChunkID(Digest.zero), length: 4)]
        let entries = ["a", "b"].map { name in
            var entry = made.file(name, size: 4, extents: extents)
            entry.hardLinkGroup = Array(repeating: 7, count: 16)
            return entry
        }
        let id = try made.commit(try made.leaf(entries + [try made.file("c", "last")]))
        let access = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
        let target = fixture.directory.path + "/target"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
        for name in ["a", "b"] { try Data(name.utf8).write(to: URL(filePath: "\(target)/\(name)")) }
        var request = RestoreRequest(try SnapshotPath(Array(id.hex.utf8)), target: Array(target.utf8))
        request.options.overwrite = .always
        let result = try Restore.run(request, with: access)
        #expect(reasons(result).count == 2)
        #expect(reasons(result).allSatisfy { $0.contains("cannot be restored: chunk ") })
        for name in ["a", "b"] { #expect(try String(contentsOfFile: "\(target)/\(name)", encoding: .utf8) == name) }
        #expect(try String(contentsOfFile: target + "/c", encoding: .utf8) == "last")
    }
}
