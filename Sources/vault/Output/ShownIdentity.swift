internal import VaultBackup

/// The public side of an identity file or recovery kit.
struct ShownIdentity {
    let path: [UInt8]
    let name: String
    let kind: MemberKind
    let id: MemberID
    let isLocked: Bool
    let factor: IdentityFile.Factor?

    /// Reads the file.
    init(_ path: [UInt8]) throws {
        self.path = path
        switch try IdentitySource.load(path) {
        case .file(let file):
            (name, kind, id, isLocked) = (file.name, file.kind, file.id, file.isLocked)
            factor = file.factor
        case .kit(let kit):
            let identity = try kit.kit.identity()
            (name, kind, id, isLocked) = (identity.name, identity.kind, identity.id, false)
            factor = nil
        }
    }

    /// For people. `member` is what the repository says of it; nil when it is no member.
    func facts(_ member: Member?) -> Facts {
        var facts = Facts()
        facts.add("Name", name.shown)
        facts.add("Kind", kind.rawValue)
        facts.add("Id", id.hex)
        facts.add("Roles", member.map { $0.roles.sorted().map(\.rawValue).joined(separator: ", ") } ?? "not a member")
        if let member, member.may(.write) {
            facts.add(
                "Systems", member.systems.map { $0 == Member.anySystem ? "all" : $0.shown }.joined(separator: ", "))
        }
        facts.add("Locked", Self.lock(isLocked: isLocked, factor))
        facts.add("File", PathText.readable(path))
        return facts
    }

    /// What it is locked with, for people.
    static func lock(isLocked: Bool, _ factor: IdentityFile.Factor?) -> String {
        switch factor {
        case nil: isLocked ? "with a passphrase" : "no"
        case .keyFile: "with a passphrase and a key file"
        case .token(_, let key, let serial): "with a passphrase and the key '\(key.shown)' in the token \(serial.shown)"
        }
    }

    /// What it needs besides a passphrase, for programs.
    static func word(_ factor: IdentityFile.Factor?) -> String {
        switch factor {
        case nil: "none"
        case .keyFile: "key-file"
        case .token: "token"
        }
    }

    /// For programs.
    func json(_ member: Member?) -> [(name: String, value: JSON)] {
        [
            ("name", .string(name)), ("kind", .string(kind.rawValue)), ("id", .string(id.hex)),
            ("isMember", .bool(member != nil)),
            ("roles", .array((member?.roles.sorted() ?? []).map { .string($0.rawValue) })),
            ("systems", .array((member?.systems ?? []).map { .string($0) })), ("isLocked", .bool(isLocked)),
            ("secondFactor", .string(Self.word(factor))),
        ] + JSON.path("file", path)
    }
}
