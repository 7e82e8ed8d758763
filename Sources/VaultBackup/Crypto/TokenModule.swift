import CToken

/// Why a token did not do what it was asked for.
public enum TokenError: Error, Equatable, CustomStringConvertible {
    /// The file is no PKCS#11 module, or cannot be loaded.
    case noModule
    /// No token with the serial number is there.
    case noToken
    /// Two tokens state the same serial number.
    case twoTokens
    /// The token took the PIN for a wrong one.
    case wrongPIN
    /// The token takes no PIN any more.
    case locked
    /// There is no secret key with the label, or two.
    case noKey(count: Int)
    /// The token cannot compute an HMAC, or make a key for it.
    case notCapable
    /// Anything else, by the number in the standard.
    case failed(UInt)

    init(_ code: vault_ck_ulong) {
        switch code {
        case 0xa0, 0xa1, 0xa2: self = .wrongPIN
        case 0xa4: self = .locked
        case 0x70, 0x71, 0x54: self = .notCapable
        case 0xe0, 0xe1, 0x32: self = .noToken
        default: self = .failed(UInt(code))
        }
    }

    /// One phrase for people.
    public var description: String {
        switch self {
        case .noModule: "it is no PKCS#11 module that can be loaded"
        case .noToken: "the token is not there"
        case .twoTokens: "two tokens have this serial number"
        case .wrongPIN: "the PIN is wrong"
        case .locked: "the token is locked, after too many wrong PINs"
        case .noKey(let count): count == 0 ? "the key is not in it" : "it has more than one key of this name"
        case .notCapable: "the token cannot compute HMAC-SHA-256"
        case .failed(let code): "the token failed with code 0x\(String(code, radix: 16))"
        }
    }
}

/// A PKCS#11 module, initialised as long as the object lives. Keys never leave the token. One thread.
final class TokenModule {
    private static let slotsMax = 64
    private let functions: UnsafeMutablePointer<vault_ck_functions>

    /// Loads a module from a path.
    init(_ path: [UInt8]) throws(TokenError) {
        let name = path.map { CChar(bitPattern: $0) } + [0]
        guard let functions = vault_token_load(name) else { throw .noModule }
        try Self.check(vault_token_initialize(functions))
        self.functions = functions
    }

    deinit { vault_token_finalize(functions) }

    /// Serial numbers of the tokens that are there, without padding.
    func serials() throws(TokenError) -> [String] { try tokens().map(\.serial) }

    /// HMAC-SHA-256 of a message by the key with a label; with `makingKey` it is made if there is none.
    func authenticate(
        _ message: [UInt8], key label: String, serial: String, pin: SecretBytes, makingKey: Bool = false
    ) throws(TokenError) -> SecretBytes {
        let found = try tokens().filter { $0.serial.utf8.elementsEqual(serial.utf8) }
        guard let token = found.first else { throw .noToken }
        guard found.count == 1 else { throw .twoTokens }
        var session: vault_ck_ulong = 0
        try Self.check(vault_token_open(functions, token.slot, makingKey ? 1 : 0, &session))
        defer { vault_token_close(functions, session) }
        try Self.check(pin.withUnsafeBytes { vault_token_login(functions, session, $0.baseAddress, $0.count) })
        let name = Array(label.utf8)
        var keys = try self.keys(name, session)
        if keys.isEmpty, makingKey {
            try Self.check(vault_token_make_key(functions, session, name, name.count))
            keys = try self.keys(name, session)
        }
        guard keys.count == 1 else { throw .noKey(count: keys.count) }
        var status: vault_ck_ulong = 0
        var length: vault_ck_ulong = 0
        let output = SecretBytes(count: Digest.byteCount) {
            status = vault_token_hmac(functions, session, keys[0], message, message.count, $0.baseAddress, &length)
        }
        try Self.check(status)
        guard length == Digest.byteCount else { throw .notCapable }
        return output
    }

    private func keys(_ label: [UInt8], _ session: vault_ck_ulong) throws(TokenError) -> [vault_ck_ulong] {
        var found: [vault_ck_ulong] = [0, 0]
        var count: vault_ck_ulong = 0
        try Self.check(vault_token_find(functions, session, label, label.count, &found, &count))
        return Array(found.prefix(Int(count)))
    }

    private func tokens() throws(TokenError) -> [(slot: vault_ck_ulong, serial: String)] {
        var slots = [vault_ck_ulong](repeating: 0, count: Self.slotsMax)
        var count = vault_ck_ulong(slots.count)
        try Self.check(vault_token_slots(functions, &slots, &count))
        var found: [(slot: vault_ck_ulong, serial: String)] = []
        for slot in slots.prefix(Int(count)) {
            var bytes = [UInt8](repeating: 0, count: 16)
            // A token that does not answer is not the one that is looked for.
            guard vault_token_serial(functions, slot, &bytes) == 0 else { continue }
            while bytes.last == 0x20 || bytes.last == 0 { bytes.removeLast() }
            guard !bytes.isEmpty, let serial = String(validating: bytes, as: UTF8.self) else { continue }
            found.append((slot, serial))
        }
        return found
    }

    private static func check(_ code: vault_ck_ulong) throws(TokenError) {
        guard code == 0 else { throw TokenError(code) }
    }
}
