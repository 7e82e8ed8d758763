/// A snapshot as the log shows it to everybody.
public struct SnapshotInfo: Sendable, Equatable {
    /// SHA-256 of its record; people use the first eight digits or more.
    public var id: Digest
    /// Position of its record.
    public var position: Int
    /// When it began, by its writer's clock.
    public var time: Timestamp
    /// When it ended, by its writer's clock.
    public var finished: Timestamp
    /// The system it is of.
    public var system: String
    /// Name of the member that made it.
    public var writer: String
    /// Entries in it.
    public var entries: Int
    /// Bytes of content in it.
    public var bytes: Int
    /// How much is missing or not exact.
    public var problems: Int
    /// Its public words.
    public var tags: [String]
    /// What keeps it from being forgotten.
    public var holds: [HoldInfo]
}

/// Lists and finds snapshots. Needs no key.
public enum Snapshots {
    /// All live snapshots, or those of one system, in the order of the log.
    public static func list(_ repository: Repository, system: String? = nil) -> [SnapshotInfo] {
        let state = repository.state
        return state.liveSnapshots.filter { $0.isOf(system) }.map { info($0, state) }
    }

    /// The snapshot that `text` means: `latest`, `latest:SYSTEM`, or the beginning of an id. A forgotten one is found
    /// by its id alone, as long as all its packs are there.
    /// - Throws: ``VaultError`` `.usage` when there is none or more than one.
    public static func find(_ text: String, in repository: Repository) throws -> SnapshotInfo {
        let state = repository.state
        return info(try find(text, in: state), state)
    }

    /// The same of those that are not forgotten.
    static func findLive(_ text: String, in state: RepositoryState) throws -> SnapshotState {
        let snapshot = try find(text, in: state)
        if snapshot.isLive { return snapshot }
        throw VaultError(
            .usage, "The snapshot \(snapshot.id.hex.prefix(8)) is forgotten",
            nextStep: "Bring it back with 'vault forget --undo \(snapshot.id.hex.prefix(8))'")
    }

    static func find(_ text: String, in state: RepositoryState) throws -> SnapshotState {
        if text == "latest" || text.hasPrefix("latest:") {
            let system = text == "latest" ? nil : String(text.dropFirst("latest:".count))
            if let latest = state.liveSnapshots.last(where: { $0.isOf(system) }) { return latest }
            throw VaultError(
                .usage,
                system.map { "There is no snapshot of the system '\(PathText.readable(Array($0.utf8)))'" }
                    ?? "There is no snapshot yet",
                nextStep: "See 'vault snapshots'")
        }
        let all = text.count < idDigitsMin ? [] : state.snapshots.filter { $0.id.hex.hasPrefix(text) }
        let live = all.filter(\.isLive)
        let found = live.isEmpty ? all : live
        guard let first = found.first else {
            throw VaultError(
                .usage, "There is no snapshot '\(PathText.readable(Array(text.utf8)))'",
                nextStep:
                    "Give 'latest', 'latest:SYSTEM' or at least \(idDigitsMin) digits of an id from 'vault snapshots'")
        }
        guard found.count == 1 else {
            throw VaultError(
                .usage, "\(found.count) snapshots begin with '\(PathText.readable(Array(text.utf8)))'",
                nextStep: "Give more digits of the id")
        }
        if !first.isLive, !Recall.isWhole(first, state) {
            throw VaultError(
                .usage, "The snapshot \(first.id.hex.prefix(8)) was forgotten, and its data has been taken away",
                nextStep: "See 'vault snapshots'")
        }
        return first
    }

    /// The snapshot that `text` means among those of a system that began at a time or before.
    static func find(_ text: String, system: String?, asOf: Timestamp?, in state: RepositoryState) throws
        -> SnapshotState
    {
        guard system != nil || asOf != nil else { return try find(text, in: state) }
        let named = text.hasPrefix("latest:") ? String(text.dropFirst("latest:".count)) : nil
        guard text == "latest" || named != nil, named.map({ $0.hasSameBytes(as: system ?? $0) }) ?? true else {
            throw VaultError(
                .usage,
                "'\(PathText.readable(Array(text.utf8)))' names a snapshot already, so it cannot be chosen by system or time",
                nextStep: "Give 'latest' instead")
        }
        let wanted = system ?? named
        let found = state.liveSnapshots.last {
            $0.isOf(wanted) && $0.body.started <= asOf ?? $0.body.started
        }
        if let found { return found }
        let ofSystem = wanted.map { " of the system '\(PathText.readable(Array($0.utf8)))'" } ?? ""
        let before = asOf.map { " that began at \($0) or before" } ?? ""
        throw VaultError(.usage, "There is no snapshot\(ofSystem)\(before)", nextStep: "See 'vault snapshots'")
    }

    static let idDigitsMin = 4

    /// Snapshots by their systems, in the order of the bytes of their names; those of each in the order of the log.
    static func bySystem(_ snapshots: [SnapshotState]) -> [(name: String, snapshots: [SnapshotState])] {
        Dictionary(grouping: snapshots) { Array($0.body.system.utf8) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (String(decoding: $0.key, as: UTF8.self), $0.value) }
    }

    static func info(_ snapshot: SnapshotState, _ state: RepositoryState) -> SnapshotInfo {
        SnapshotInfo(
            id: snapshot.id, position: snapshot.position, time: snapshot.body.started, finished: snapshot.body.finished,
            system: snapshot.body.system,
            writer: state.nameOfMember(snapshot.writer), entries: snapshot.body.entries,
            bytes: snapshot.body.bytes, problems: snapshot.body.problems, tags: snapshot.body.tags,
            holds: state.holds(of: snapshot.id).map { HoldInfo($0, state) })
    }
}

extension SnapshotState {
    /// Whether it is of a system; of any when that is nil. By bytes: names that only look alike are not one system.
    func isOf(_ system: String?) -> Bool { system.map { body.system.hasSameBytes(as: $0) } ?? true }
}

/// A snapshot, and a path in it: `SNAPSHOT`, `SNAPSHOT:/PATH`, `latest:SYSTEM:/PATH`.
public struct SnapshotPath: Sendable, Equatable {
    /// What ``Snapshots/find(_:in:)`` takes.
    public var snapshot: String
    /// Path from `/`, without the leading slash; empty for all of it.
    public var path: [UInt8]

    /// Takes an argument apart: the path begins at the first `:/`.
    /// - Throws: ``VaultError`` `.usage` for a snapshot that is no UTF-8, or a path with `..` in it.
    public init(_ argument: [UInt8]) throws {
        var head = argument[...]
        var tail: ArraySlice<UInt8> = []
        if let colon = argument.indices.first(where: {
            argument[$0] == 0x3a && $0 + 1 < argument.count && argument[$0 + 1] == 0x2f
        }) {
            head = argument[..<colon]
            tail = argument[(colon + 1)...]
        }
        guard let text = String(validating: head, as: UTF8.self), !text.isEmpty else {
            throw VaultError(
                .usage, "'\(PathText.readable(argument))' names no snapshot",
                nextStep: "Give SNAPSHOT or SNAPSHOT:/PATH")
        }
        let names = tail.split(separator: 0x2f).filter { !$0.elementsEqual([0x2e]) }
        guard !names.contains(where: { $0.elementsEqual([0x2e, 0x2e]) }) else {
            throw VaultError(
                .usage, "'\(PathText.readable(argument))' contains '..'", nextStep: "Give the path without it")
        }
        snapshot = text
        path = Array(names.joined(separator: [0x2f]))
    }
}
