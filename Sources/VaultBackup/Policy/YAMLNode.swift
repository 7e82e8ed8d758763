/// A place in a text file.
public struct TextPlace: Sendable, Equatable {
    /// From 1; 0 when it is about the file as a whole.
    public var line: Int
    /// From 1, in characters; 0 when it is about the file as a whole.
    public var column: Int

    /// A place as given.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The file as a whole.
    public static let wholeFile = TextPlace(line: 0, column: 0)
}

/// A value in a YAML file, and where it begins.
struct YAMLNode: Sendable, Equatable {
    /// What it is. Plain scalars, those without quotes, may mean numbers and truth values.
    enum Content: Sendable, Equatable {
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    /// A member of a mapping. Each key is there once.
    struct Entry: Sendable, Equatable {
        var key: String
        var keyPlace: TextPlace
        var value: YAMLNode
    }

    var content: Content
    var place: TextPlace

    /// Whether nothing was written: `key:`, `~` or `null`.
    var isNull: Bool {
        if case .scalar(let text, isPlain: true) = content { return ["", "~", "null", "Null", "NULL"].contains(text) }
        return false
    }

    /// The plain word that it is; nil for anything else.
    var plainWord: String? {
        if case .scalar(let text, isPlain: true) = content { return text }
        return nil
    }

    /// What it is, for messages.
    var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a section with keys"
        }
    }
}

/// What a reader of YAML found wrong.
struct YAMLFault: Sendable, Equatable {
    var place: TextPlace
    var message: String
    var suggestion: String
}
