/// Makes the page of an existing recovery kit again, with where the repository is and how far its log goes now. The
/// secret stays the same, so the old paper stays valid: ``ReplaceKit`` revokes it.
public enum ReprintKit {
    /// The page. Checks first that the kit belongs to the repository.
    ///
    /// - Throws: ``VaultError`` `.wrongIdentity` when it does not.
    public static func run(
        _ kit: RecoveryKit, in repository: Repository, location: [UInt8], language: Language, client: Client
    ) throws -> RecoveryKitPage {
        guard repository.state.keyring.member(try kit.identity().id) != nil else {
            throw VaultError(
                .wrongIdentity,
                "The seed is not that of a recovery kit of the repository at \(repository.store.location)",
                nextStep: "Use the kit that was made with this repository, or name its repository with -r DIR")
        }
        let state = repository.state
        // Only a record that counts says something about all before it.
        let head = state.lastCounted
        let place = (try? PathBytes.resolved(location)) ?? location
        return RecoveryKitPage(
            RecoveryKitFile(
                kit: kit, anchor: state.anchor, repository: repository.id, location: PathText.readable(place),
                head: (head.position, head.digest)),
            language, time: client.clock.now())
    }

    /// The kit that `vault init` left with this client; nil when it was removed, as it should be.
    public static func leftover(_ repository: Repository, _ client: Client) throws -> RecoveryKit? {
        let path = PathBytes.join(client.folders.config(of: repository.id), Client.kitFileName)
        guard try FileStatus.readIfPresent(path, followingLinks: true) != nil,
            case .kit(let file) = try IdentitySource.load(path)
        else { return nil }
        return file.kit
    }

    /// Writes a page to a file that does not exist, with mode 0600. Durable on return.
    ///
    /// - Parameter makingFolder: whether its folder is made if it is missing.
    /// - Throws: ``VaultError`` `.usage` when there is something, `.failed` when it cannot be written.
    public static func write(_ content: SecretBytes, to path: [UInt8], makingFolder: Bool = false) throws {
        do {
            if makingFolder, let slash = path.lastIndex(of: 0x2f), slash > 0 {
                try AtomicFile.createDirectories(Array(path[..<slash]))
            }
            guard try FileStatus.readIfPresent(path, followingLinks: false) == nil else {
                throw VaultError(
                    .usage, "There is a file \(PathText.readable(path)) already",
                    nextStep: "Choose another name, or remove it")
            }
            try AtomicFile.write(path, content)
        } catch let error as SystemError {
            throw VaultError(
                .failed, "The recovery kit cannot be written to \(PathText.readable(path))",
                nextStep: "Choose a folder that can be written", cause: error)
        }
    }
}
