import Testing

@testable import VaultBackup

/// What an administrator who is to approve a new keyring sees by his own keys, though replay cannot.
@Suite struct ApproverTests {
    private let fixture: RepositoryFixture
    private let access: AdministerAccess
    private let state: RepositoryState

    init() throws {
        fixture = try RepositoryFixture()
        access = try AdministerAccess(try fixture.open(), fixture.person)
        state = access.repository.state
    }

    /// A keyring of the next epoch; `change` has the last word about its keys, and may begin a dedup group.
    private func next(_ change: (inout KeyMaterial) throws -> DedupGroup?) throws -> Keyring {
        let (repository, random) = (access.repository.id, SystemRandom())
        let made = try access.keys(in: state).next(repository: repository, random: random)
        var keys = made.keys
        var keyring = state.keyring
        if let group = try change(&keys) { keyring.groups.append(group) }
        keyring.chain.append(made.wrap)
        keyring.epoch = keys.epoch
        keyring.readKey = try X25519.publicKey(of: #require(keys.read))
        keyring.indexCommitments[keys.epoch] = Slots.indexCommitment(
            try #require(keys.index), epoch: keys.epoch, repository: repository)
        let slots = try keyring.members.compactMap {
            try Slots.seal(keys, to: $0, epoch: keys.epoch, repository: repository, random: random)
        }
        return keyring.with(members: keyring.members, slots: slots)
    }

    private func begin(_ keys: inout KeyMaterial) throws -> DedupGroup {
        try keys.beginGroup(after: .first, repository: access.repository.id, random: SystemRandom())
    }

    /// Whether replay would take it.
    private func mayTakePlace(_ keyring: Keyring) -> Bool {
        state.unmetCondition(of: KeyringBody(basis: state.keyringDigest, keyring: keyring, reason: "")) == nil
    }

    @Test func honestOnes() throws {
        for keyring in [try next { _ in nil }, try next { try begin(&$0) }] {
            #expect(mayTakePlace(keyring) && access.objection(to: keyring, in: state) == nil)
            #expect(try Keyring(json: keyring.json) == keyring)
        }
        #expect(try next { try begin(&$0) }.members.allSatisfy { $0.group == 2 })
    }

    @Test func secretsOfDedupGroupsThatAreNotWhatTheyShouldBe() throws {
        let other = SecretBytes.random(32, from: SystemRandom())
        let changed = try next { keys in
            keys.dedup = other
            return nil
        }
        let same = try next { keys in
            let old = try #require(keys.dedup)
            return try keys.beginGroup(after: .first, dedup: old, repository: access.repository.id)
        }
        let lost = try next { keys in
            keys.dedup = other
            return try begin(&keys)
        }
        for (keyring, reason) in [(changed, "stays as long as"), (same, "secret of the old one"), (lost, "would lose")]
        {
            #expect(mayTakePlace(keyring))
            #expect(access.objection(to: keyring, in: state)?.contains(reason) == true, "\(reason)")
        }
    }

    /// Groups that do not go on from those in force have no place by themselves.
    @Test func groupsThatDoNotFollow() throws {
        var keyring = try next { try begin(&$0) }
        let group = keyring.group
        let conflict = { (groups: [DedupGroup]) in
            keyring.groups = groups
            return state.unmetCondition(
                of: KeyringBody(basis: state.keyringDigest, keyring: keyring, reason: ""))
        }
        let late = DedupGroup(number: 2, name: "default", epoch: 1, previous: group.previous)
        let renamed = DedupGroup(number: 2, name: "other", epoch: 2, previous: group.previous)
        for groups in [[group], [.first, late], [.first, renamed], [.first, group, group]] {
            #expect(conflict(groups) == .fixedPart)
        }
        #expect(conflict([.first, group]) == nil)
    }
}
