/// A copy becomes a repository of its own: from this record on its history is another one than that of the original.
public struct PromoteBody: Sendable, Equatable {
    /// The copy.
    public var copy: CopyID
    /// Why, for people.
    public var reason: String

    /// Longest reason, in bytes of UTF-8.
    public static let reasonBytesMax = 1_024
    static let fieldNames = ["copy", "reason"]

    /// A body as given. - Precondition: the reason is not too long.
    public init(copy: CopyID, reason: String) {
        precondition(reason.utf8.count <= Self.reasonBytesMax, "the reason is not too long")
        self.copy = copy
        self.reason = reason
    }

    init(_ fields: JSONFields) throws(FormatError) {
        copy = try fields.id("copy")
        reason = try fields.string("reason", bytes: 0...Self.reasonBytesMax)
    }

    var fields: [String: JSONValue] { ["copy": .string(copy.hex), "reason": .string(reason)] }
}
