internal import VaultBackup

/// The exit statuses of the program. This file is the only place that knows their numbers.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    case usage = 2
    case incompleteSources = 3
    case repositoryNotFound = 10
    case sessionConflict = 11
    case wrongIdentity = 12
    case notAllowed = 13
    case rolledBack = 14
    case damaged = 23
    case interrupted = 130

    /// The status for a failure of this class.
    init(_ code: VaultError.Code) {
        self =
            switch code {
            case .failed, .storage, .unsupportedFormat: .failed
            case .usage: .usage
            case .incompleteSources: .incompleteSources
            case .repositoryNotFound: .repositoryNotFound
            case .sessionConflict: .sessionConflict
            case .wrongIdentity: .wrongIdentity
            case .notAllowed: .notAllowed
            case .rolledBack: .rolledBack
            case .damaged: .damaged
            case .interrupted: .interrupted
            }
    }

    /// The table for help pages.
    static let help = """
        Exit status: 0 done, 1 failed, 2 wrong usage, 3 some sources could not be read, 10 no repository, 11 another \
        session prevents it, 12 wrong identity or passphrase, 13 not allowed, 14 repository rolled back, 23 damage \
        found, 130 interrupted.
        """
}
