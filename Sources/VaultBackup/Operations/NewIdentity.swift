/// Makes the identity of a newcomer. It is of no use before an administrator has admitted its public line.
public enum NewIdentity {
    /// Where, and for whom.
    public struct Request: Sendable {
        /// The name that people use, 1 to 64 bytes.
        public var name: String
        /// Person or machine.
        public var kind: MemberKind
        /// The file to make; nil for one in this client's folder of `repository`.
        public var file: [UInt8]?
        /// What vouches for the repository; nil when nothing does, and the identity is then of no repository yet.
        public var anchor: Digest?
        /// What the file is to need besides a passphrase; nil for nothing.
        public var factor: IdentityFile.Factor?
        /// Where that factor is.
        public var factors = FactorSource()

        /// A request as given.
        public init(name: String, kind: MemberKind, file: [UInt8]?, anchor: Digest?) {
            self.name = name
            self.kind = kind
            self.file = file
            self.anchor = anchor
        }
    }

    /// Makes the file, locked by `passphrase` if one is given. On return it is durable; none is ever replaced.
    ///
    /// - Throws: ``VaultError`` `.usage` for a name that is too long or a file that is there already, `.failed` when it
    ///   cannot be written.
    public static func create(
        _ request: Request, for repository: RepositoryID?, passphrase: SecretBytes?, client: Client,
        cost: Int = IdentityFile.defaultCost
    ) throws -> (file: [UInt8], line: PublicLine) {
        let path = try place(request, repository, client)
        let identity = try Identity.create(name: request.name, kind: request.kind, random: client.random)
        let line = try PublicLine(identity)
        let file =
            try passphrase.map {
                try IdentityFile.locked(
                    identity, anchor: request.anchor, passphrase: $0, factor: request.factor,
                    factors: request.factors, cost: cost, random: client.random)
            } ?? IdentityFile.unlocked(identity, anchor: request.anchor)
        do {
            if request.file == nil, let repository {
                try AtomicFile.createDirectories(client.folders.config(of: repository))
            }
            try AtomicFile.write(path, file.encode())
        } catch {
            throw VaultError(
                .failed, "The identity file cannot be written to \(PathText.readable(path))",
                nextStep: "Check the permissions of that folder", cause: error)
        }
        return (path, line)
    }

    /// Where the file goes. Asked before a passphrase is.
    /// - Throws: ``VaultError`` `.usage` when there is something already.
    @discardableResult
    public static func place(_ request: Request, _ repository: RepositoryID?, _ client: Client) throws -> [UInt8] {
        let path: [UInt8]
        if let file = request.file {
            path = file
        } else if let repository {
            let folder = client.folders.config(of: repository)
            let machine = PathBytes.join(folder, Client.machineFileName)
            let isMachine = try request.kind == .machine && FileStatus.readIfPresent(machine) == nil
            path = isMachine ? machine : PathBytes.join(folder, fileName(request.name))
        } else {
            throw VaultError(
                .usage, "It is not known for which repository, so not where the identity belongs",
                nextStep: "Name the repository with -r DIR, or a new file with --output FILE")
        }
        guard try FileStatus.readIfPresent(path, followingLinks: false) == nil else {
            throw VaultError(
                .usage, "There is a file \(PathText.readable(path)) already",
                nextStep: "Choose another name, or name a new file with --output FILE")
        }
        return path
    }

    /// A file name from a name: letters and digits stay, the rest becomes dashes.
    static func fileName(_ name: String) -> [UInt8] {
        let stem = name.lowercased().unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) ? Character(scalar) : "-"
        }
        let text = String(stem)
        return Array(((text == "machine" || text.allSatisfy { $0 == "-" } ? "person" : text) + ".identity").utf8)
    }
}
