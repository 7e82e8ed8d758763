/// Opens directories below a root, one after the other. The last few stay open, since pieces in pack order go to and fro
/// between directories, and of the directories above the last each 64th, so that no directory costs more than 64 steps, however deep it is. One thread each.
struct OpenDirectoryCache {
    private typealias Directory = RestoreTarget.Directory

    private let root: () throws -> OpenFile
    private var recent: [(directory: RestoreTarget.Directory, file: OpenFile)] = []
    /// Which of them is given up next.
    private var oldest = 0
    /// At place n the directory of depth 64 (n + 1).
    private var held: [(directory: RestoreTarget.Directory, file: OpenFile)] = []

    private static let interval = 64
    private static let recentMax = 16
    // A path in one call has at most 4,095 bytes.
    private static let pathByteCountMax = 3_800

    init(_ target: RestoreTarget) { root = { try target.openRoot() } }

    /// Below any directory that is open.
    init(root: OpenFile) { self.root = { root } }

    mutating func open(_ directory: RestoreTarget.Directory) throws -> OpenFile {
        if let file = known(directory) { return file }
        var below: [RestoreTarget.Directory] = []
        var place = directory
        var file: OpenFile?
        while file == nil {
            file = known(place)
            if file != nil { break }
            guard let parent = place.parent else {
                file = try root()
                break
            }
            below.append(place)
            place = parent
        }
        guard var open = file else { throw SystemError.notThere(directory.path) }
        var path: [UInt8] = []
        while let next = below.popLast() {
            path = path.isEmpty ? next.name : path + [0x2f] + next.name
            let isHeld = next.depth % Self.interval == 0
            let isLong = below.last.map { path.count + 1 + $0.name.count > Self.pathByteCountMax } ?? true
            guard isHeld || isLong else { continue }
            open = try ConfinedDirectory(root: open).openDirectory(path)
            path = []
            if isHeld {
                held.removeSubrange(min(held.count, next.depth / Self.interval - 1)...)
                // Those above it were held when they were passed.
                if held.count == next.depth / Self.interval - 1 { held.append((next, open)) }
            }
        }
        if recent.count < Self.recentMax {
            recent.append((directory, open))
        } else {
            recent[oldest] = (directory, open)
            oldest = (oldest + 1) % Self.recentMax
        }
        return open
    }

    private func known(_ directory: RestoreTarget.Directory) -> OpenFile? {
        for other in recent where other.directory === directory { return other.file }
        let place = directory.depth / Self.interval - 1
        guard directory.depth > 0, directory.depth % Self.interval == 0, place < held.count,
            held[place].directory === directory
        else { return nil }
        return held[place].file
    }
}
