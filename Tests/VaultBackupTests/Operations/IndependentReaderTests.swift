import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// The reader in Python, written from the format alone, restores what the engine stored.
@Suite struct IndependentReaderTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Independent/vault_reader.py").path

    private static let isUsable = runProgram(["/usr/bin/python3", "-c", "import cryptography, zstandard"])?.status == 0

    @Test(.enabled(if: isUsable, "needs python3-cryptography and python3-zstandard"))
    func restoresAndChecks() throws {
        let fixture = try RepositoryFixture(local: true)
        var builder = TreeBuilder(seed: 101)
        var tree = try builder.build(at: fixture.directory.bytes("tree"))
        try fixture.backup(tree.path)
        var mutator = TreeMutator(seed: 101)
        try mutator.mutate(&tree)
        try fixture.backup(tree.path)
        let reader = [
            "/usr/bin/python3", Self.script, "--repository", fixture.directory.path + "/store", "--identity",
            String(decoding: fixture.created.kitFile, as: UTF8.self),
        ]
        let checked = try #require(runProgram(reader + ["check"]))
        #expect(checked.status == 0, "\(checked.output)")
        let target = fixture.directory.path + "/target"
        let restored = try #require(runProgram(reader + ["restore", "latest", target]))
        #expect(restored.status == 0, "\(restored.output)")
        #expect(compareTrees(tree.path, target + tree.path) == "")
        // It can fail, too.
        let pack = try #require(try RepositoryFixture.objects(fixture.store).first { $0.text.hasPrefix("packs/") })
        try fixture.store.delete(pack)
        let damaged = try #require(runProgram(reader + ["check"]))
        #expect(damaged.status == 23 && damaged.output.contains(pack.text), "\(damaged.output)")
    }
}
