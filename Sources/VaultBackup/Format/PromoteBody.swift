/// A copy becomes a repository of its own: from this record on its history is another one than that of the original.
public struct PromoteBody: Sendable, Equatable {
    /// The copy.
    public var copy: CopyID
    /// Why, for people.
    public var reason: String

    static let fieldNames = ["copy", "reason"]

    /// A body as given. - Precondition: the reason is not too long.
    public init(copy: CopyID, reason: String) {
        precondition(reason.utf8.count <= ForgetBody.reasonBytesMax, "the reason is not too long")
        self.copy = copy
        self.reason = reason
    }

    init(_ fields: JSONFields) throws(FormatError) {
        copy = try fields.id("copy")
        reason = try fields.reason()
    }

    var fields: [String: JSONValue] { ["copy": .string(copy.hex), "reason": .string(reason)] }
}
