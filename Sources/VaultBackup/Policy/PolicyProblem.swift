/// Something that is wrong in a policy file, or that its owner should look at.
public struct PolicyProblem: Sendable, Equatable, CustomStringConvertible {
    /// How bad it is. The raw values are the words for people.
    public enum Severity: String, Sendable, CaseIterable {
        /// The policy is not used.
        case error
        /// The policy is used, and does not do all that its owner may think.
        case warning
    }

    /// How bad it is.
    public var severity: Severity
    /// Path of the file.
    public var file: [UInt8]
    /// Where in the file.
    public var place: TextPlace
    /// One sentence without a full stop.
    public var message: String
    /// What to do, in a sentence without a full stop; may be empty.
    public var suggestion: String

    /// A problem as given.
    public init(
        _ severity: Severity, _ file: [UInt8], _ place: TextPlace, _ message: String, _ suggestion: String = ""
    ) {
        self.severity = severity
        self.file = file
        self.place = place
        self.message = message
        self.suggestion = suggestion
    }

    /// Whether the policy is not used.
    public var isError: Bool { severity == .error }

    /// Such as `systems/web.yaml:3:5: error: …. …`, as compilers write it.
    public var description: String {
        let position = place == .wholeFile ? "" : ":\(place.line):\(place.column)"
        let rest = suggestion.isEmpty ? "" : ". \(suggestion)"
        return "\(PathText.readable(file))\(position): \(severity.rawValue): \(message)\(rest)"
    }
}

extension Sequence<PolicyProblem> {
    /// Whether any of them is an error.
    public var hasErrors: Bool { contains(where: \.isError) }
}
