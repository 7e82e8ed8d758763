/// A token that was handed out, as the log shows it to everybody.
public struct TokenInfo: Sendable {
    /// What was handed out, and to whom.
    public var body: TokenBody
    /// Name of the member that has or had it.
    public var holder: String
    /// Whether the holder is a member now.
    public var isMember: Bool
    /// The record with which it was handed out, and when.
    public var issued: Admission
    /// Name of the administrator that wrote it.
    public var issuer: String
    /// The record with which it came back, and when; nil while it is out.
    public var returned: Admission?

    init(_ token: TokenState, _ state: RepositoryState) {
        body = token.body
        holder = state.nameOfMember(token.body.holder)
        isMember = state.keyring.member(token.body.holder) != nil
        issued = Admission(position: token.position, time: token.time)
        issuer = state.nameOfMember(token.writer)
        returned = token.returned
    }
}

/// The register of tokens, cards and keys that were handed out. It gives and takes no right; it says what to ask for when
/// somebody leaves.
public enum Tokens {
    /// All tokens, in the order in which they were handed out; without `all` those that are out.
    ///
    /// - Parameter member: only those of this one, as ``Members/find(_:in:isFormerFound:)`` takes it.
    /// - Throws: ``VaultError`` `.usage` when there is no such member.
    public static func list(_ state: RepositoryState, all: Bool, member: String? = nil) throws -> [TokenInfo] {
        let holder = try member.map { try Members.find($0, in: state, isFormerFound: true).member.id }
        return state.tokens.filter { (all || $0.isOut) && (holder == nil || $0.body.holder == holder) }
            .map { TokenInfo($0, state) }
    }

    /// Puts on record that a token was handed to a member. On return the record is durable.
    ///
    /// - Throws: ``VaultError`` `.usage` for a token that somebody has, no such member, or texts that are too long;
    ///   `.notAllowed`.
    public static func issue(
        _ device: String, serial: String, to member: String, reason: String, with access: SigningAccess
    ) throws -> TokenInfo {
        let state = try prepare(reason, access)
        guard TokenBody.deviceBytes.contains(device.utf8.count), TokenBody.serialBytes.contains(serial.utf8.count)
        else {
            throw VaultError(
                .usage, "A kind of token has 1 to 64 bytes, and a serial number 1 to 128",
                nextStep: "Give shorter ones")
        }
        let holder = try Members.find(member, in: state).member
        if let out = state.tokensOut.first(where: { $0.body.isOf(device: device, serial: serial) }) {
            throw VaultError(
                .usage, "The \(device) \(serial) is with '\(state.nameOfMember(out.body.holder))'",
                nextStep: "Put on record that it came back: vault access token return \(serial)")
        }
        return try publish(
            TokenBody(.issued, device: device, serial: serial, holder: holder.id, reason: reason), access)
    }

    /// Puts on record that a token came back. On return the record is durable.
    ///
    /// - Parameter device: what kind it is; needed only where two have the same serial number.
    /// - Throws: ``VaultError`` `.usage` for a token that nobody has, or for more than one; `.notAllowed`.
    public static func takeBack(
        serial: String, device: String? = nil, reason: String, with access: SigningAccess
    ) throws -> TokenInfo {
        let state = try prepare(reason, access)
        let found = state.tokensOut.filter {
            $0.body.isOf(device: device ?? $0.body.device, serial: serial)
        }
        guard let token = found.first else {
            throw VaultError(
                .usage, "No token with the serial number '\(serial)' is out", nextStep: "See 'vault access token list'")
        }
        guard found.count == 1 else {
            throw VaultError(
                .usage, "\(found.count) tokens with the serial number '\(serial)' are out",
                nextStep: "Say which: --kind '\(token.body.device)'")
        }
        var body = token.body
        (body.action, body.reason) = (.returned, reason)
        return try publish(body, access)
    }

    private static func prepare(_ reason: String, _ access: SigningAccess) throws -> RepositoryState {
        try ForgetBody.checkReason(reason)
        guard access.member.may(.administer) else {
            throw VaultError(
                .notAllowed, "'\(access.member.name)' may not keep the register of tokens",
                nextStep: "Use an identity with the role administer")
        }
        return try access.repository.log.refresh()
    }

    private static func publish(_ body: TokenBody, _ access: SigningAccess) throws -> TokenInfo {
        let repository = access.repository
        _ = try repository.log.publish(.token(body), by: access.signer)
        repository.advancePin()
        let state = repository.state
        guard let token = state.tokens.last(where: { $0.body.isOf(device: body.device, serial: body.serial) }) else {
            throw VaultError(
                .failed, "The token was put on record, but is not in the log", nextStep: "Run 'vault log show'")
        }
        return TokenInfo(token, state)
    }
}
