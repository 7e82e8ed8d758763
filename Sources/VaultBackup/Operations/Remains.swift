/// What members keep who lose keys: no order takes back what somebody may have copied.
public struct Remains: Sendable {
    /// Who loses a key.
    public var members: [Member]
    /// Whether one of them could read content.
    public var couldRead: Bool
    /// Whether one of them is still due keys.
    public var keepsSome: Bool
    /// Whether one of them had the dedup secret, which stays the same: with it and a file, one can find out whether that
    /// file was backed up.
    public var canConfirm: Bool
    /// Position of the record with which the change is in force.
    public var upTo: Int
    /// Snapshots until then that are not forgotten.
    public var snapshots: Int
    /// Of how many systems they are.
    public var systems: Int
    /// Names of writers whose sessions are open: what they sealed before they learn of the change may still be added.
    public var openWriters: [String]
    /// Recovery kits that remain.
    public var kits: [String]

    /// Nil when nobody loses a key.
    init?(_ old: Keyring, _ new: Keyring, _ state: RepositoryState, upTo: Int) {
        func lost(_ member: Member) -> Set<SecretTag> { SecretTag.lost(member.roles, new.member(member.id)?.roles) }
        members = old.members.filter { !lost($0).isEmpty }
        guard !members.isEmpty else { return nil }
        keepsSome = members.contains { !SecretTag.given(by: new.member($0.id)?.roles ?? []).isEmpty }
        couldRead = members.contains { lost($0).contains(.read) }
        canConfirm = new.group == old.group && members.contains { SecretTag.given(by: $0.roles).contains(.dedup) }
        self.upTo = upTo
        snapshots = state.liveSnapshots.count
        systems = Set(state.liveSnapshots.map { Array($0.body.system.utf8) }).count
        openWriters = Set(state.openSessions.map(\.writer)).subtracting(members.map(\.id))
            .map { state.nameOfMember($0) }.sorted()
        kits = new.members.filter { $0.kind == .kit && $0.may(.read) }.map(\.name)
    }
}

/// A place where the repository or a copy of it lies, whose own access rules are no matter of keys.
public struct StoragePlace: Sendable {
    /// Path, as people know it.
    public var location: [UInt8]
    /// Name of the copy; nil for the repository itself.
    public var copy: String?
    /// Owner, group and mode of its directory; nil when it is not there now.
    public var rights: (owner: UInt32, group: UInt32, mode: UInt16)?

    /// The repository at `location` and the copies that this client knows.
    public static func all(_ repository: Repository, at location: [UInt8], client: Client) -> [StoragePlace] {
        let own = StoragePlace(location, copy: nil)
        return [own] + Copy.list(repository, client: client).map { StoragePlace($0.location, copy: $0.marker.name) }
    }

    private init(_ location: [UInt8], copy: String?) {
        self.location = (try? PathBytes.resolved(location)) ?? location
        self.copy = copy
        let status = try? FileStatus.readIfPresent(location, followingLinks: true)
        rights = status.map { ($0.owner, $0.group, $0.mode) }
    }
}
