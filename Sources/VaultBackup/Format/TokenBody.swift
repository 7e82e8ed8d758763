/// Puts on record that a token, card or key was handed to somebody or came back (`docs/FORMAT.md`, section 11). It gives
/// and takes no right: what opens the repository is in the keyring.
public struct TokenBody: Sendable, Equatable {
    /// Which way it went. The raw values are the stored words.
    public enum Action: String, Sendable, CaseIterable { case issued, returned }

    /// Lengths of the kind of token, in bytes of UTF-8.
    public static let deviceBytes = 1...64
    /// Lengths of the serial number, in bytes of UTF-8.
    public static let serialBytes = 1...128

    /// Which way it went.
    public var action: Action
    /// What kind of thing it is, such as `smart card`.
    public var device: String
    /// Who has or had it: a member, or one that was.
    public var holder: MemberID
    /// Why, for people.
    public var reason: String
    /// What tells it from others of its kind.
    public var serial: String

    /// A body as given. - Precondition: the texts have lengths that the stored form allows.
    public init(_ action: Action, device: String, serial: String, holder: MemberID, reason: String = "") {
        precondition(Self.deviceBytes.contains(device.utf8.count), "device outside the stored form")
        precondition(Self.serialBytes.contains(serial.utf8.count), "serial number outside the stored form")
        precondition(reason.utf8.count <= ForgetBody.reasonBytesMax, "reason outside the stored form")
        self.action = action
        self.device = device
        self.serial = serial
        self.holder = holder
        self.reason = reason
    }

    static let fieldNames = ["action", "device", "holder", "reason", "serial"]

    var fields: [String: JSONValue] {
        [
            "action": .string(action.rawValue), "device": .string(device), "holder": .string(holder.hex),
            "reason": .string(reason), "serial": .string(serial),
        ]
    }

    init(_ fields: JSONFields) throws(FormatError) {
        action = try fields.word("action")
        device = try fields.string("device", bytes: Self.deviceBytes)
        holder = try fields.id("holder")
        reason = try fields.reason()
        serial = try fields.string("serial", bytes: Self.serialBytes)
    }

    /// Whether both mean one thing. By bytes: names that only look alike are two.
    func isOf(device: String, serial: String) -> Bool {
        self.device.hasSameBytes(as: device) && self.serial.hasSameBytes(as: serial)
    }
}
