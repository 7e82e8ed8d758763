/// For how long a program of a database may say nothing, in seconds.
struct Patience: Sendable, Equatable {
    /// Until it has connected and says its first word.
    var start = 120
    /// While it works: a query of a large table, a lock that others hold, a dump, an index.
    var answer = DatabaseOptions.silenceSecondsDefault
}

/// What is said of a program that was ended since nothing came from it.
enum Silence {
    /// What to do when it had connected.
    private static let working =
        "See in the server what it waits for, mostly a lock that another program holds; if it is at work, give it more "
        + "time with --silence"
    /// What to do when it had not.
    private static let connecting = "Check with the database's own client that the server answers"

    /// The error; `lastWords` are what it wrote to its errors.
    static func error(_ name: String, _ seconds: Int, isConnected: Bool, _ lastWords: String) -> VaultError {
        VaultError(
            .failed,
            isConnected
                ? "\(name) said nothing for \(seconds) s, and was ended"
                : "\(name) did not connect within \(seconds) s, and was ended",
            nextStep: isConnected ? working : connecting,
            cause: lastWords.isEmpty ? nil : VaultError(.failed, lastWords))
    }

    /// Whether an error says that a program was silent for too long. That shows nothing about a dump: the largest of
    /// them, and a server that hangs, look alike.
    static func isReason(of error: VaultError) -> Bool { [working, connecting].contains(error.nextStep) }

    /// What to do after `error`: what it says itself if it is of this kind, else `step`.
    static func nextStep(after error: VaultError, or step: String) -> String {
        isReason(of: error) ? error.nextStep : step
    }
}
