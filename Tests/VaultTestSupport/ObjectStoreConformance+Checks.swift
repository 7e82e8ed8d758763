internal import Foundation
internal import Synchronization
internal import VaultBackup

extension ObjectStoreConformance {
    func checkStoring(_ store: any ObjectStore) throws {
        let name = ObjectName.record(0)
        let first = try store.put(name, [1, 2, 3])
        try require(first == .created, "first put: \(first)")
        let got = try store.get(name)
        try require(got == [1, 2, 3], "got \(String(describing: got))")
    }

    func checkExists(_ store: any ObjectStore) throws {
        let name = ObjectName.record(5000)
        _ = try store.put(name, [1])
        for other in [[2], [1], [], [3, 4]] as [[UInt8]] {
            let result = try store.put(name, other)
            try require(result == .exists, "put of \(other): \(result)")
            let got = try store.get(name)
            try require(got == [1], "after put of \(other): \(String(describing: got))")
        }
    }

    func checkOneWriterWins(_ store: any ObjectStore) throws {
        for round in 0..<8 {
            let name = ObjectName.record(round * 3000)
            let winners = Mutex<[Int]>([])
            let failures = Mutex<[String]>([])
            Self.onThreads(16) { writer in
                do {
                    let content = [UInt8](repeating: UInt8(writer), count: 1000 + writer)
                    if try store.put(name, content) == .created { winners.withLock { $0.append(writer) } }
                    let seen = try store.get(name)
                    if seen == nil { failures.withLock { $0.append("writer \(writer) does not see the object") } }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
            let won = winners.withLock { $0 }
            try require(failures.withLock { $0.isEmpty }, failures.withLock { $0.joined(separator: ", ") })
            try require(won.count == 1, "round \(round): \(won.count) writers got .created")
            let content = try store.get(name)
            try require(
                content == [UInt8](repeating: UInt8(won[0]), count: 1000 + won[0]), "not the content of the winner")
        }
    }

    func checkGet(_ store: any ObjectStore) throws {
        let name = Self.name(.packs, 1)
        try require(try store.get(name) == nil, "an object that was never put")
        let content = Self.content(123_457, 1)
        _ = try store.put(name, content)
        try require(try store.get(name) == content, "other content")
        try require(try store.get(Self.name(.sets, 1)) == nil, "the same digest in another folder")
    }

    func checkStaysVisible(_ store: any ObjectStore) throws {
        let name = Self.name(.index, 7)
        _ = try store.put(name, [7])
        for k in 0..<50 {
            _ = try store.put(Self.name(.index, 100 + k), [UInt8(k)])
            try store.delete(Self.name(.index, 100 + k))
            try require(try store.get(name) == [7], "gone after \(k) other calls")
        }
    }

    func checkRead(_ store: any ObjectStore) throws {
        let name = Self.name(.packs, 2)
        var buffer = [UInt8](repeating: 0, count: 100)
        func read(_ offset: Int, _ count: Int) throws -> [UInt8]? {
            let result: Int? = try buffer.withUnsafeMutableBytes {
                try store.read(name, offset: offset, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<count]))
            }
            return result.map { Array(buffer.prefix($0)) }
        }
        try require(try read(0, 10) == nil, "an object that was never put")
        let content = Self.content(250, 2)
        _ = try store.put(name, content)
        for (offset, count) in [(0, 100), (0, 0), (1, 99), (150, 100), (200, 100), (249, 1), (250, 10), (9999, 10)] {
            let expected = Array(content.dropFirst(offset).prefix(count))
            let got = try read(offset, count)
            try require(got == expected, "offset \(offset), room \(count): \(String(describing: got))")
        }
    }

    func checkSize(_ store: any ObjectStore) throws {
        let name = Self.name(.sets, 3)
        try require(try store.size(name) == nil, "an object that was never put")
        _ = try store.put(name, Self.content(777, 3))
        let size = try store.size(name)
        try require(size == 777, "\(String(describing: size))")
    }

    func checkList(_ store: any ObjectStore) throws {
        for folder in ["log", "packs", "index", "sets"] {
            try require(try store.list(folder).isEmpty, "an empty store lists objects in \(folder)")
        }
        var expected: [ObjectName: Int] = [:]
        for k in 0..<40 {
            let name = Self.name(.packs, k)
            _ = try store.put(name, Self.content(k, k))
            expected[name] = k
        }
        _ = try store.put(.record(4096), [1])
        _ = try store.put(.record(1), [1, 2])
        let packs = try store.list("packs")
        try require(packs.count == 40, "\(packs.count) packs")
        try require(Dictionary(uniqueKeysWithValues: packs.map { ($0.name, $0.byteCount) }) == expected, "other packs")
        let log = try store.list("log").sorted { $0.name < $1.name }
        try require(log.map(\.name) == [.record(1), .record(4096)], "\(log)")
        try require(log.map(\.byteCount) == [2, 1], "\(log)")
    }

    func checkDelete(_ store: any ObjectStore) throws {
        let name = Self.name(.packs, 4)
        try store.delete(name)
        _ = try store.put(name, [1])
        _ = try store.put(Self.name(.packs, 5), [2])
        try store.delete(name)
        try store.delete(name)
        try require(try store.get(name) == nil, "still there")
        try require(try store.size(name) == nil, "still has a size")
        try require(try store.list("packs").map(\.name) == [Self.name(.packs, 5)], "another listing")
        // Several at once, of which some are not there.
        let many = [4, 5, 6].map { Self.name(.packs, $0) } + [Self.name(.sets, 4)]
        _ = try store.put(many[2], [3])
        for _ in 0..<2 {
            try store.delete(many)
            try require(try store.list("packs").isEmpty, "one of several is still there")
        }
    }

    func checkNameIsFree(_ store: any ObjectStore) throws {
        let name = Self.name(.packs, 6)
        _ = try store.put(name, [1])
        try store.delete(name)
        let result = try store.put(name, [2])
        try require(result == .created, "\(result)")
        try require(try store.get(name) == [2], "other content")
    }

    func checkEmpty(_ store: any ObjectStore) throws {
        let name = Self.name(.packs, 8)
        try require(try store.put(name, []) == .created, "not created")
        try require(try store.put(name, [1]) == .exists, "replaced")
        try require(try store.get(name) == [], "other content")
        try require(try store.size(name) == 0, "another size")
        try require(try store.list("packs").map(\.byteCount) == [0], "not listed")
    }

    func checkLarge(_ store: any ObjectStore) throws {
        let content = Self.content((5 << 20) + 3, 9)
        _ = try store.put(Self.name(.packs, 9), content)
        try require(try store.get(Self.name(.packs, 9)) == content, "other content")
    }

    func checkParallel(_ store: any ObjectStore) throws {
        let failures = Mutex<[String]>([])
        Self.onThreads(8) { thread in
            do {
                for k in 0..<25 {
                    let number = thread * 1000 + k
                    let content = Self.content(number, number)
                    let name = Self.name(.packs, number)
                    let result = try store.put(name, content)
                    let got = try store.get(name)
                    _ = try store.list("packs")
                    if k % 5 == 0 { try store.delete(name) }
                    if result != .created || got != content { failures.withLock { $0.append("object \(number)") } }
                }
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        try require(failures.withLock { $0.isEmpty }, failures.withLock { $0.joined(separator: ", ") })
        let count = try store.list("packs").count
        try require(count == 8 * 20, "\(count) objects are left")
    }
}
