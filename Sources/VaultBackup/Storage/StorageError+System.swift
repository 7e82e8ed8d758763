internal import Glibc

extension StorageError {
    /// The class of a failed system call. `subject` says what was attempted, such as `write packs/3f/…`.
    init(_ error: SystemError, _ subject: String, at location: String) {
        let kind: Kind
        switch error.errno {
        case ENOSPC, EDQUOT: kind = .noSpace
        case EROFS: kind = .readOnly
        case EACCES, EPERM: kind = .permission
        // What is missing itself is not an error here, so that it is the folder that is gone.
        case ENOENT, ESTALE: kind = .notFound
        default: kind = .io
        }
        self.init(kind, error, subject, at: location)
    }

    /// The same with a class that the caller knows.
    init(_ kind: Kind, _ error: SystemError, _ subject: String, at location: String) {
        self.init(kind, "cannot \(subject) in \(location): \(error.operation): \(SystemError.reason(error.errno))")
    }
}
