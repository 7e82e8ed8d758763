/// What went wrong, in the terms a user or a program can act on.
///
/// A message is one sentence that names the object; the next step is one sentence that says what to do.
/// Neither ever holds a secret or file content.
public struct VaultError: Error, Sendable, CustomStringConvertible {
    /// The class of a failure. Each maps to one exit status of the command line.
    public enum Code: String, Sendable, CaseIterable {
        /// Anything that has no code of its own.
        case failed
        /// The request itself is wrong.
        case usage
        /// Done, but some sources could not be read.
        case incompleteSources
        /// There is no repository at the given place.
        case repositoryNotFound
        /// Another session prevents the request.
        case sessionConflict
        /// The identity does not open this repository, or the passphrase is wrong.
        case wrongIdentity
        /// The identity's roles do not allow the request.
        case notAllowed
        /// The repository is older than, or another than, what this client has seen before.
        case rolledBack
        /// A drill restored something, and what it restored is not what it must be.
        case drillFailed
        /// A drill ended without a proof: nothing was compared, or not all that had to be.
        case notProven
        /// The evidence of the last proven restore is older than its objective allows.
        case evidenceExpired
        /// Stored bytes are missing or not what they were.
        case damaged
        /// The store is full, read-only or answers with errors.
        case storage
        /// The format is one that this program does not know.
        case unsupportedFormat
        /// The user or a signal ended the work.
        case interrupted
    }

    /// The class of the failure.
    public let code: Code
    /// One sentence: what failed, on what.
    public let message: String
    /// One sentence: what to do next; empty when there is nothing to add.
    public let nextStep: String
    /// The error below this one.
    public let cause: (any Error)?

    /// Makes an error; see the properties.
    public init(_ code: Code, _ message: String, nextStep: String = "", cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.nextStep = nextStep
        self.cause = cause
    }

    /// The sentence, the cause in brackets, and the next step.
    public var description: String {
        var text = message
        if let cause { text += " (\(cause))" }
        if !nextStep.isEmpty { text += ". \(nextStep)" }
        return text
    }
}

/// A stored form that its decoder rejects.
public struct FormatError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was decoded and why it was rejected.
    public let description: String

    /// Makes an error that says what was decoded and why it was rejected.
    public init(_ description: String) { self.description = description }
}
