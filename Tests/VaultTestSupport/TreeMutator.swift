/// Changes a tree as a day of work does: some files are added, changed, deleted and renamed.
public struct TreeMutator {
    private var random: SeededGenerator

    /// A mutator whose changes follow from `seed`.
    public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// Makes `count` changes of each kind.
    public mutating func mutate(_ tree: inout TestTree, count: Int = 3) throws {
        for _ in 0..<count {
            try add(&tree)
            try change(tree)
            try delete(&tree)
            try rename(&tree)
        }
    }

    private mutating func newPath(_ tree: inout TestTree) -> [UInt8] {
        tree.nextNumber += 1
        return tree.directories[random.below(tree.directories.count)] + Array("/later-\(tree.nextNumber)".utf8)
    }

    private mutating func add(_ tree: inout TestTree) throws {
        let path = newPath(&tree)
        let content = random.bytes(random.below(100_000))
        try FileCalls.write(path, [(0, content)], size: content.count)
        tree.files.append(path)
        let directory = newPath(&tree)
        try FileCalls.makeDirectory(directory)
        tree.directories.append(directory)
    }

    private mutating func change(_ tree: TestTree) throws {
        guard let path = tree.files.randomElement(using: &random) else { return }
        let content = random.text(random.below(300_000) + 1)
        try FileCalls.write(path, [(0, content)], size: content.count)
        if let other = tree.files.randomElement(using: &random) {
            try FileCalls.setMode(other, UInt32(random.below(0o1000)) | 0o600)
        }
    }

    private mutating func delete(_ tree: inout TestTree) throws {
        guard tree.files.count > 1 else { return }
        try FileCalls.remove(tree.files.remove(at: random.below(tree.files.count)))
    }

    private mutating func rename(_ tree: inout TestTree) throws {
        guard !tree.files.isEmpty else { return }
        let index = random.below(tree.files.count)
        let path = newPath(&tree)
        try FileCalls.move(tree.files[index], to: path)
        tree.files[index] = path
    }
}
