import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// What goes in comes out, whatever it is.
@Suite struct RoundTripTests {
    @Test(arguments: [1, 2, 3] as [UInt64]) func aTreeComesBackExactly(_ seed: UInt64) throws {
        let fixture = try RepositoryFixture()
        var builder = TreeBuilder(seed: seed)
        var tree = try builder.build(at: fixture.directory.bytes("tree"))
        var mutator = TreeMutator(seed: seed)
        var made: [(id: Digest, copy: String)] = []
        for day in 0..<3 {
            let copy = fixture.directory.path + "/copy-\(day)"
            try copyTree(tree.path, to: copy)
            let result = try fixture.backup(tree.path)
            #expect(result.problems.isEmpty, "seed \(seed)")
            made.append((result.snapshot, copy))
            try mutator.mutate(&tree)
        }
        for (id, copy) in made {
            #expect(try fixture.differences(id, tree: tree.path, expected: copy) == "", "seed \(seed)")
        }
        #expect(try fixture.verify().findings == [], "seed \(seed)")
    }

    /// Descriptors and memory are given back when an operation has ended: a run by policy does many in one process.
    @Test(arguments: [true, false]) func nothingIsHeldAfterwards(_ isWhole: Bool) throws {
        let fixture = try RepositoryFixture()
        var builder = TreeBuilder(seed: 5)
        builder.fileCount = 20
        let tree = try builder.build(at: fixture.directory.bytes("tree"))
        weak var held: MemoryStore?
        do {
            let store = try fixture.copyStore()
            held = store
            let made = try fixture.backup(tree.path, in: store)
            let target = fixture.directory.path + "/restored"
            _ = try fixture.restore(made.snapshot.hex, path: isWhole ? "" : tree.path, to: target, in: store)
            #expect(compareTrees(tree.path, isWhole ? target + tree.path : target) == "")
            #expect(try fixture.verify(store).findings == [])
        }
        #expect(held == nil)
    }

    /// The comparison itself must be able to fail.
    @Test func aDifferenceIsSeen() throws {
        let fixture = try RepositoryFixture()
        var builder = TreeBuilder(seed: 4)
        var tree = try builder.build(at: fixture.directory.bytes("tree"))
        let copy = fixture.directory.path + "/copy"
        try copyTree(tree.path, to: copy)
        #expect(compareTrees(tree.path, copy) == "")
        var mutator = TreeMutator(seed: 4)
        try mutator.mutate(&tree, count: 1)
        #expect(compareTrees(tree.path, copy) != "")
    }
}
