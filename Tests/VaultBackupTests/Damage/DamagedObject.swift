import Foundation
import VaultTestSupport

@testable import VaultBackup

/// What a test does to one object of a repository.
struct Damage: Sendable, CustomStringConvertible {
    enum Kind: Sendable {
        case removed
        case truncated(Int)
        case flipped(byte: Int)
        /// Replaced by the bytes of another object.
        case replaced(by: ObjectName)
    }

    let name: ObjectName
    let kind: Kind
    var description: String { "\(name.text) \(kind)" }

    /// Does it to a copy of `store`.
    func apply(to store: any ObjectStore) throws -> MemoryStore {
        let copy = try RepositoryFixture.copy(store)
        guard var bytes = try copy.get(name) else { return copy }
        try copy.delete(name)
        switch kind {
        case .removed: return copy
        case .truncated(let count): bytes = Array(bytes.prefix(count))
        case .flipped(let byte): bytes[byte] ^= 1 << UInt8(byte % 8)
        case .replaced(let other): bytes = try store.get(other) ?? []
        }
        _ = try copy.put(name, bytes)
        return copy
    }

    /// Whether a message is about the object: a record by its position, any other by its name.
    func isNamed(in text: String) -> Bool {
        guard let position = name.recordPosition else { return text.contains(name.text) }
        let places = ["record \(position)", "position \(position)", "genesis record", "anchor", "first record"]
        return places.prefix(position == 0 ? 5 : 2).contains { text.lowercased().contains($0) }
    }
}

/// A small repository with two snapshots of a small tree, to be damaged.
final class DamageScene: Sendable {
    let fixture: RepositoryFixture
    let root: String
    /// Both snapshots, and the files of each by path below the root.
    let snapshots: [(id: Digest, files: [String: [UInt8]])]
    let names: [ObjectName]

    init(seed: UInt64) throws {
        fixture = try RepositoryFixture()
        root = fixture.directory.path + "/tree"
        var random = SeededGenerator(seed: seed)
        var files: [String: [UInt8]] = ["a/text": random.text(3000), "a/b/random": random.bytes(9000), "zero": []]
        for number in 0..<4 { files["c/file-\(number)"] = random.bytes(500 * number + 1) }
        try Self.write(files, root)
        var snapshots = [(id: try fixture.backup(root).snapshot, files: files)]
        files["a/b/new"] = random.bytes(12_000)
        files["zero"] = random.text(800)
        try Self.write(files, root)
        snapshots.append((try fixture.backup(root).snapshot, files))
        self.snapshots = snapshots
        names = try RepositoryFixture.objects(fixture.store)
        // The reader has seen all of it, as it would have in life.
        _ = try fixture.open(client: "reader")
    }

    private static func write(_ files: [String: [UInt8]], _ root: String) throws {
        for (name, bytes) in files {
            let url = URL(fileURLWithPath: root + "/" + name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }
    }

    /// Names of the objects of one folder.
    func objects(_ folder: String) -> [ObjectName] { names.filter { $0.text.hasPrefix(folder + "/") } }

    func byteCount(_ name: ObjectName) -> Int { ((try? fixture.store.size(name)) ?? nil) ?? 0 }

    /// Every sentence that opening and verifying say, with the client's memory of the log; a client `new` has none.
    func sentences(_ store: any ObjectStore, withKeys: Bool = true, client: String = "reader") -> [String] {
        let client = client == "new" ? "new-\(UUID().uuidString)" : client
        do {
            return try fixture.verify(store, client: client, withKeys: withKeys).findings
        } catch { return ["\(error)"] }
    }

    /// Restores a snapshot and returns what is wrong and was not said: wrong content, or files that are missing.
    func silentErrors(_ number: Int, _ store: any ObjectStore) throws -> [String] {
        let (id, files) = snapshots[number]
        let target = fixture.directory.path + "/target-\(UUID().uuidString)"
        defer { _ = runProgram(["rm", "-rf", target]) }
        let result: RestoreResult
        do {
            result = try fixture.restore(id.hex, path: root, to: target, in: store)
        } catch let error as VaultError {
            return error.message.isEmpty ? ["no message"] : []
        }
        let named = Set(result.problems.map { String(decoding: $0.path, as: UTF8.self) })
        var wrong: [String] = []
        for (name, bytes) in files {
            let isRight = FileManager.default.contents(atPath: target + "/" + name).map { [UInt8]($0) } == bytes
            // The path itself, or a directory above it.
            var isNamed = named.contains("")
            for folder in named where name == folder || name.hasPrefix(folder + "/") {
                isNamed = isNamed || !folder.isEmpty
            }
            if !isRight, !isNamed { wrong.append("\(name) is not right and not named (\(named.sorted()))") }
        }
        return wrong
    }
}
