/// What this client has seen of a log: a point that every later state must descend from (`docs/FORMAT.md`, section 12).
public struct Pin: Sendable, Equatable {
    /// The log that it is of.
    public let lineage: RepositoryID
    /// A record that was not void when it was seen; as its bytes name the record before it, they vouch for all of them.
    public let point: LogPoint
    /// Whether this client took the repository on trust when it first saw it: what it showed then, nothing vouches for.
    public let isFirstUse: Bool

    /// A pin as given.
    public init(lineage: RepositoryID, point: LogPoint, isFirstUse: Bool = false) {
        self.lineage = lineage
        self.point = point
        self.isFirstUse = isFirstUse
    }

    /// The newest point of a state.
    public init(_ state: RepositoryState, isFirstUse: Bool = false) {
        self.init(lineage: state.lineage, point: state.lastCounted, isFirstUse: isFirstUse)
    }

    /// The file: canonical JSON.
    public func encode() -> [UInt8] {
        var members: [String: JSONValue] = [
            "digest": .string(point.digest.hex), "lineage": .string(lineage.hex),
            "position": .integer(point.position),
            "type": .string("vault-pin"), "version": .integer(0),
        ]
        if isFirstUse { members["firstUse"] = .bool(true) }
        return CanonicalJSON.encode(.object(members))
    }

    /// Reads ``encode()``.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        let fields = try JSONFields(try CanonicalJSON.decode(bytes, "pin"), "pin")
        let isFirstUse = fields.has("firstUse")
        try fields.requireOnly(
            ["digest", "lineage", "position", "type", "version"] + (isFirstUse ? ["firstUse"] : []))
        if isFirstUse, try fields.value("firstUse") != .bool(true) {
            throw fields.error("field 'firstUse' is not true")
        }
        guard try fields.string("type") == "vault-pin", try fields.integer("version") == 0 else {
            throw fields.error("unknown type or version")
        }
        self.init(
            lineage: try fields.id("lineage"),
            point: LogPoint(position: try fields.integer("position"), digest: try fields.digest("digest")),
            isFirstUse: isFirstUse)
    }

    /// Throws ``VaultError/Code/rolledBack`` unless `state` descends from the pin.
    ///
    /// - Parameter digest: SHA-256 of the store's record at the pinned position; nil when there is none.
    func check(_ state: RepositoryState, digest: Digest?) throws(VaultError) {
        let nextStep = "Do not write to it; compare it with a copy, and see 'vault help log pin'"
        guard state.lineage == lineage else {
            throw VaultError(
                .rolledBack, "The log has the lineage \(state.lineage), this client has seen \(lineage)",
                nextStep: nextStep)
        }
        guard state.head >= point.position, let digest else {
            throw VaultError(
                .rolledBack,
                "The log of repository \(state.repository.hex.prefix(8)) ends at position \(state.head), "
                    + "this client has seen position \(point.position)\(firstFault(state))",
                nextStep: nextStep)
        }
        // A pinned record that is void now has lost the history that it named.
        let isVoid = state.irregularities.contains { $0.position == point.position && $0.kind == .void }
        guard digest == point.digest, !isVoid else {
            throw VaultError(
                .rolledBack,
                "The log up to position \(point.position) is not the one this client has seen\(firstFault(state))",
                nextStep: nextStep)
        }
    }

    /// What went wrong first below the pin, for a sentence: a damaged record makes all later ones void.
    private func firstFault(_ state: RepositoryState) -> String {
        let faults = state.irregularities.filter { $0.position <= point.position && $0.kind != .withoutEffect }
        guard let first = faults.min(by: { $0.position < $1.position }) else { return "" }
        return "; the first fault is in record \(first.position): \(first.reason)"
    }
}

/// The pin of one repository as a file of this client.
public struct PinFile: Sendable {
    /// Name of the file.
    public static let fileName = "pin.json"
    private let files: any LocalFiles

    /// A pin in the directory of `files`, which belongs to one repository.
    public init(files: any LocalFiles) { self.files = files }

    /// The pin; nil when there is none yet. A pin that cannot be read is an error: to go on without it would undo its
    /// protection.
    public func load() throws(VaultError) -> Pin? {
        let found: [UInt8]?
        do { found = try files.read(Self.fileName) } catch {
            throw VaultError(
                .failed, "The file '\(Self.fileName)' that remembers the repository's history cannot be read",
                nextStep: "Check the permissions and the disk of the folder it is in, then run the same command again",
                cause: error)
        }
        guard let bytes = found else { return nil }
        do throws(FormatError) {
            return try Pin(decoding: bytes)
        } catch {
            throw VaultError(
                .damaged, "The file '\(Self.fileName)' that remembers the repository's history cannot be read",
                nextStep: "Remove the file only if you are sure that the repository is the right one", cause: error)
        }
    }

    /// Moves the pin up to the newest point of `state`, durably. It never moves down.
    ///
    /// - Parameter isFirstUse: whether nothing vouches for the repository but what it showed.
    /// - Precondition: `state` has been checked against the pin, as ``LogReader`` does.
    public func advance(to state: RepositoryState, isFirstUse: Bool = false) throws {
        var pin = Pin(state, isFirstUse: isFirstUse)
        if let current = try load(), current.lineage == pin.lineage, current.point.position >= pin.point.position {
            // What was taken on trust becomes known when an anchor is brought along, never the other way.
            guard current.isFirstUse, !isFirstUse else { return }
            pin = Pin(lineage: current.lineage, point: current.point)
        }
        try files.write(Self.fileName, pin.encode())
    }
}
