/// Looks at shares of recovery kits. Needs no key.
public enum KitShares {
    /// The kit that a share is of, as the repository has it.
    ///
    /// - Parameter name: what messages call the share.
    /// - Throws: ``VaultError`` `.wrongIdentity` for a share of another repository, of no kit that counts, or that is not
    ///   as the kit made it.
    public static func check(_ sheet: KitShareFile, in repository: Repository, name: String) throws -> Member {
        let state = repository.state
        func wrong(_ what: String, _ nextStep: String) -> VaultError {
            VaultError(.wrongIdentity, "The share in \(name) \(what)", nextStep: nextStep)
        }
        guard sheet.anchor == state.anchor else {
            throw wrong("is of another repository", "Name its repository with -r DIR")
        }
        let former = state.formerMembers.values.map(\.member)
        guard let kit = state.keyring.members.first(where: { $0.kind == .kit && sheet.share.isOf($0.id) }) else {
            throw former.contains { $0.kind == .kit && sheet.share.isOf($0.id) }
                ? wrong("is of a recovery kit that was revoked", "Destroy it; newer shares have taken its place")
                : wrong("is of no recovery kit of the repository", "Compare it with the sheet that was handed out")
        }
        guard sheet.share.isProven(by: kit) ?? true else {
            throw wrong("is not as its kit made it", "Do not use it; ask whoever made the shares for new ones")
        }
        return kit
    }

    /// Writes each sheet to a new file of a folder, which is made if it is missing, with mode 0600. On return they are
    /// durable.
    /// - Throws: ``VaultError`` `.usage` when there is such a file, `.failed` when one cannot be written.
    public static func write(_ sheets: [KitShareFile], into folder: [UInt8]) throws -> [[UInt8]] {
        try sheets.map { sheet in
            let path = PathBytes.join(folder, Array("share-\(sheet.share.number).txt".utf8))
            try ReprintKit.write(sheet.text(), to: path, makingFolder: true)
            return path
        }
    }
}
