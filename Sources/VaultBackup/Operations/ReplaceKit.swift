/// Makes a new recovery kit and revokes the old ones, in one order.
public enum ReplaceKit {
    /// A kit that is not yet one of the repository.
    public struct Prepared: Sendable {
        /// Its page, whose head is that of before the change.
        public let page: RecoveryKitPage
        /// The name it will have.
        public let name: String
        /// Names of the kits that it replaces.
        public let revoked: [String]
        let member: Member

        /// The kit in shares instead of on one page: a sheet for each trustee.
        ///
        /// - Parameter needed: how many of them open everything together, 2 to `count`; `count` at most 32.
        /// - Parameter trustees: whom the shares are sealed to, as many as there are shares; none for shares on paper.
        /// - Throws: ``VaultError`` `.usage` for other numbers, and for a trustee who is named twice.
        public func shares(
            _ count: Int, needed: Int, to trustees: [Trustee] = [], client: Client
        ) throws -> [KitShareFile] {
            precondition(trustees.isEmpty || trustees.count == count, "each share has one trustee")
            guard KitShareFile.counts.contains(count), (2...count).contains(needed) else {
                throw VaultError(
                    .usage, "\(needed) of \(count) shares are not possible",
                    nextStep: "Give 2 to \(KitShareFile.counts.upperBound) shares, and need at least 2 of them")
            }
            // Whoever has two of three shares, of which two are needed, is no trustee but a holder of the kit.
            for (place, one) in trustees.enumerated() where trustees[..<place].contains(where: { $0.id == one.id }) {
                throw VaultError(
                    .usage, "'\(one.name)' is named twice, and would have two shares",
                    nextStep: "Name as many different trustees as there are shares")
            }
            let file = page.file
            let shares = try KitShare.deal(file.kit, count: count, needed: needed, random: client.random)
            return try shares.enumerated().map { place, share in
                var sheet = KitShareFile(
                    share: share, anchor: file.anchor, repository: file.repository, location: file.location,
                    head: file.head)
                if !trustees.isEmpty { try sheet.seal(to: trustees[place], random: client.random) }
                return sheet
            }
        }
    }

    private static let name = "recovery kit"

    /// Draws the secret and makes the page, which must be on paper, or at least durable, before ``run(_:reason:with:)``:
    /// afterwards the old paper opens nothing that is new.
    public static func prepare(
        _ repository: Repository, at location: [UInt8], language: Language, client: Client
    ) throws -> Prepared {
        let state = try repository.log.refresh()
        let kit = RecoveryKit(random: client.random)
        let old = state.keyring.members.filter { $0.kind == .kit }
        let taken = Set(state.keyring.members.filter { $0.kind != .kit }.map(\.name))
        var name = name
        var number = 1
        while taken.contains(name) {
            number += 1
            name = "\(Self.name) \(number)"
        }
        let member = try kit.identity(name: name).member(roles: [.read, .administer])
        let place = (try? PathBytes.resolved(location)) ?? location
        let head = state.lastCounted
        let page = RecoveryKitPage(
            RecoveryKitFile(
                kit: kit, anchor: state.anchor, repository: repository.id, location: PathText.readable(place),
                head: (head.position, head.digest)),
            language, time: client.clock.now())
        return Prepared(page: page, name: name, revoked: old.map(\.name).sorted(), member: member)
    }

    /// Puts the kit in the place of the old ones, with new keys. On return the record is durable.
    /// - Throws: ``VaultError`` `.notAllowed`, as ``MemberChanges`` does.
    public static func run(
        _ prepared: Prepared, reason: String, with access: AdministerAccess
    ) throws -> MemberChangeReport {
        try MemberChanges.replaceKits(by: prepared.member, reason: reason, with: access)
    }

    /// Removes the files of the old kit that init left with this client, if they are there: they open nothing any more
    /// that is written from now on.
    /// - Returns: the files that could not be removed.
    public static func removeLeftovers(_ repository: Repository, _ client: Client) -> [[UInt8]] {
        let folder = client.folders.config(of: repository.id)
        return [Client.kitFileName, Client.kitPageName].filter { name in
            guard let directory = try? OpenFile.openDirectory(folder, followingLinks: true),
                (try? FileStatus.readIfPresent(PathBytes.join(folder, name), followingLinks: false)) != nil
            else { return false }
            return (try? DirectoryEntries.remove(at: directory, name)) == nil
        }.map { PathBytes.join(folder, $0) }
    }
}
