import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// The machine may add and cannot read; nothing readable of what was backed up lies around.
@Suite struct WriteOnlyTests {
    private static let canaryName = "canary-name-4711"
    private static let canaryContent = "canary-content-0815 of the land register"

    private func makeTree(_ fixture: RepositoryFixture) throws -> String {
        let root = fixture.directory.path + "/" + Self.canaryName
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        for number in 0..<20 {
            let path = root + "/\(Self.canaryName)-\(number)"
            try Data("\(number) \(Self.canaryContent)".utf8).write(to: URL(fileURLWithPath: path))
        }
        try FileManager.default.createSymbolicLink(atPath: root + "/link", withDestinationPath: Self.canaryName)
        return root
    }

    @Test func theMachineCannotRead() throws {
        let fixture = try RepositoryFixture()
        try fixture.backup(try makeTree(fixture))
        let error = #expect(throws: VaultError.self) { try ReadAccess(try fixture.open(), fixture.machine) }
        #expect(error?.code == .notAllowed)
        let stranger = try Identity.create(name: "stranger", kind: .person, random: SystemRandom())
        #expect(throws: VaultError.self) { try ReadAccess(try fixture.open(), stranger) }
        #expect(throws: VaultError.self) { try WriteAccess(try fixture.open(), stranger) }
    }

    /// Neither names nor content are in the repository or in the machine's folders, and no plain digests in the
    /// repository.
    @Test func canariesAreNowhere() throws {
        let fixture = try RepositoryFixture(local: true)
        let root = try makeTree(fixture)
        for _ in 0..<2 { try fixture.backup(root) }
        var needles = [Self.canaryName, Self.canaryContent].map { Array($0.utf8) }
        let digests = (0..<20).map { SHA256.digest(Array("\($0) \(Self.canaryContent)".utf8)).bytes }
        needles += needles.map { Array(Hex.encode($0).utf8) }
        var fileCount = 0
        for folder in ["store", "first/cache", "first/config"] {
            let path = fixture.directory.path + "/" + folder
            for name in try #require(FileManager.default.subpathsOfDirectory(atPath: path) as [String]?) {
                guard let data = FileManager.default.contents(atPath: path + "/" + name) else { continue }
                fileCount += 1
                for needle in needles + (folder == "store" ? digests : []) {
                    #expect(data.range(of: Data(needle)) == nil, "\(folder)/\(name)")
                }
                #expect(!name.contains(Self.canaryName))
            }
        }
        #expect(fileCount > 10)
    }

    /// The same search finds what is there: the tree itself.
    @Test func theSearchCanFind() throws {
        let fixture = try RepositoryFixture()
        let root = try makeTree(fixture)
        let data = try #require(FileManager.default.contents(atPath: root + "/\(Self.canaryName)-3"))
        #expect(data.range(of: Data(Self.canaryContent.utf8)) != nil)
    }
}
