import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct ContentTests {
    private func content(_ fixture: LookFixture, _ id: String, _ name: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try Content.read(fixture.path(id, name), with: fixture.access()) { bytes.append(contentsOf: $0) }
        return bytes
    }

    @Test func contentOfFiles() throws {
        let fixture = try LookFixture()
        try fixture.shell(
            """
            head -c 5000000 /dev/urandom > large; : > empty; truncate -s 300000 hole; echo 1 > small
            cp small mixed; truncate -s 700000 mixed; head -c 100000 /dev/urandom | dd of=mixed bs=1000 seek=400 conv=notrunc
            """)
        let id = try fixture.backup()
        for name in ["large", "empty", "hole", "small", "mixed"] {
            let disk = try #require(FileManager.default.contents(atPath: fixture.source + "/" + name))
            #expect(try content(fixture, id, name) == Array(disk), "\(name)")
        }
    }

    @Test func whatHasNoContent() throws {
        let fixture = try LookFixture()
        try fixture.shell("mkdir d; ln -s d l; mkfifo p")
        let id = try fixture.backup()
        for name in ["", "d", "l", "p", "missing"] {
            #expect { try content(fixture, id, name) } throws: { ($0 as? VaultError)?.code == .usage }
        }
        let whole = try SnapshotPath(Array(id.utf8))
        #expect(throws: VaultError.self) { try Content.read(whole, with: fixture.access()) { _ in } }
    }

    /// Breaks the middle of the largest pack.
    private func breakPack(_ fixture: LookFixture) throws {
        let outcome = try #require(
            runProgram([
                "/bin/sh", "-ec",
                "f=$(find '\(fixture.folder.path)/repo' -type f -printf '%s %p\\n' | sort -rn | head -1 | cut -d' ' -f2-); chmod u+w $f; "
                    + "printf '\\377\\000\\377' | dd of=$f bs=1 seek=$(($(stat -c %s $f) / 2)) conv=notrunc",
            ]))
        try #require(outcome.status == 0, "\(outcome.output)")
    }

    @Test func damageEndsIt() throws {
        let fixture = try LookFixture()
        try fixture.shell("head -c 5000000 /dev/urandom > large")
        let id = try fixture.backup()
        try breakPack(fixture)
        var bytes: [UInt8] = []
        #expect {
            try Content.read(fixture.path(id, "large"), with: fixture.access()) { bytes.append(contentsOf: $0) }
        } throws: { error in
            guard let error = error as? VaultError else { return false }
            return error.code == .damaged
                && error.message.contains("/large is damaged from byte \(bytes.count) of 5000000")
        }
        let disk = try #require(FileManager.default.contents(atPath: fixture.source + "/large"))
        #expect(bytes.count > 0 && bytes.count < 5_000_000 && Array(disk).starts(with: bytes))
    }

    @Test func damagedFileKeepsItsPlaceInAnArchive() throws {
        let fixture = try LookFixture()
        // In a pack of its own.
        try fixture.shell("echo kept > zz")
        try fixture.backup()
        try fixture.shell("head -c 5000000 /dev/urandom > large")
        let id = try fixture.backup()
        try breakPack(fixture)
        var bytes: [UInt8] = []
        let result = try Dump.tar(fixture.path(id), with: fixture.access()) { bytes.append(contentsOf: $0) }
        #expect(result.problemCount == 1, "\(result.problems)")
        #expect(result.problems.first?.path.suffix(5) == Array("large".utf8)[...])
        #expect(result.entries == 3 && bytes.count % 10_240 == 0)
        try Data(bytes).write(to: URL(fileURLWithPath: fixture.folder.path + "/x.tar"))
        let listed = try #require(runProgram(["tar", "-xOf", fixture.folder.path + "/x.tar", "./zz"]))
        #expect(listed.status == 0 && listed.output == "kept\n")
    }

    @Test func details() throws {
        let fixture = try LookFixture()
        let id = try fixture.backup()
        let details = try SnapshotDetails("latest", with: fixture.access())
        #expect(details.info.id.hex == id && details.privatePart.paths == [Array(fixture.source.utf8)])
        #expect(details.privatePart.version == Version.text && !details.privatePart.host.isEmpty)
    }
}
