internal import VaultBackup

/// The exit statuses of the program. This file is the only place that knows their numbers and what they mean.
enum ExitStatus: Int32, CaseIterable {
    case done = 0
    case failed = 1
    case usage = 2
    case incompleteSources = 3
    case repositoryNotFound = 10
    case sessionConflict = 11
    case wrongIdentity = 12
    case notAllowed = 13
    case rolledBack = 14
    case drillFailed = 20
    case notProven = 21
    case evidenceExpired = 22
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
            case .drillFailed: .drillFailed
            case .notProven: .notProven
            case .evidenceExpired: .evidenceExpired
            case .damaged: .damaged
            case .interrupted: .interrupted
            }
    }

    /// The status of a program that was run on behalf of the user: 0, or a plain error.
    init(program status: Int32) { self = status == 0 ? .done : .failed }

    /// What it means, in a few words, as help pages, manual pages and the readme have it.
    var meaning: String {
        switch self {
        case .done: "done, or proven"
        case .failed: "error"
        case .usage: "wrong use"
        case .incompleteSources: "done, but some sources could not be read"
        case .repositoryNotFound: "there is no repository"
        case .sessionConflict: "another session prevents it"
        case .wrongIdentity: "wrong identity or passphrase"
        case .notAllowed: "not allowed for this role"
        case .rolledBack: "the repository was rolled back or forked"
        case .drillFailed: "drill failed"
        case .notProven: "not proven"
        case .evidenceExpired: "evidence expired"
        case .damaged: "damage found"
        case .interrupted: "interrupted"
        }
    }
}
