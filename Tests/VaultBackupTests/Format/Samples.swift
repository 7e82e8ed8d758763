import VaultBackup

/// Small deterministic generator (SplitMix64) whose seed a test prints when it fails.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

/// Values to build records from.
enum Sample {
    static func digest(_ n: Int) -> Digest {
        var random = SplitMix(seed: UInt64(n) &+ 1)
        return Digest(random.bytes(32))!
    }

    static func id<ID: SixteenByteID>(_ n: Int, _: ID.Type = ID.self) -> ID {
        ID(words: (0x1111_2222_3333_4444, UInt64(n)))
    }

    static func chunkID(_ n: Int) -> ChunkID { ChunkID(digest(n)) }

    static func pack(_ n: Int) -> CommittedPack {
        CommittedPack(
            name: digest(n), packClass: n % 5 == 0 ? .names : .data, length: 32 << 20, segments: 33, epoch: 1,
            directory: digest(n + 1_000_000))
    }

    static func member(_ n: Int, roles: Set<Role> = Set(Role.allCases), systems: [String] = ["*"]) -> Member {
        Member(
            id: id(n), name: "member \(n)", kind: .person, ed25519: digest(n).bytes, x25519: digest(n + 1).bytes,
            roles: roles,
            systems: systems)
    }

    static func keyring(members: [Member] = [member(1), member(2, roles: [.write], systems: ["a", "b"])]) -> Keyring {
        Keyring(
            epoch: 1, expiryAge: 86_400, expiryKeep: 7, indexCommitments: [1: digest(7)], members: members,
            readKey: digest(8).bytes,
            slots: members.map {
                Slot(
                    epoch: 1, member: $0.id, enc: digest(9).bytes, commitment: digest(10),
                    sealed: [UInt8](repeating: 5, count: 17 + 33))
            })
    }

    static func snapshot(session: SessionID, packs: SnapshotBody.Packs, system: String = "a") -> SnapshotBody {
        SnapshotBody(
            bytes: 1_234_567, entries: 4_321, epoch: 1, finished: Timestamp(milliseconds: 1_700_000_100_000),
            map: digest(20),
            privatePart: chunkID(21), problems: 0, disclosure: digest(22), node: chunkID(23), session: session,
            packs: packs,
            started: Timestamp(milliseconds: 1_700_000_000_000), system: system, tags: ["nightly", "ünï \"quoted\""])
    }

    static func record(_ body: RecordBody, position: Int = 5) -> Record {
        Record(
            repository: id(100), lineage: id(100), position: position, previous: digest(30), sequence: 3,
            time: Timestamp(milliseconds: 1_700_000_000_123), writer: id(1), body: body)
    }
}

extension Sample {
    static func drill(snapshot: Digest = digest(60), packs: PackSet, verdict: DrillVerdict = .proven) -> DrillBody {
        DrillBody(
            bytes: 1_234, entries: 5, evidence: digest(61), expires: Timestamp(milliseconds: 1_800_000_000_000),
            packs: packs, scope: .sample, snapshot: snapshot, started: Timestamp(milliseconds: 1_700_000_200_000),
            verdict: verdict)
    }
}
