extension StorageError {
    /// What a user can do about it.
    var nextStep: String {
        switch kind {
        case .noSpace: "Free space in the store and run the same command again; what is there stays usable"
        case .readOnly: "Make the store writable and run the same command again"
        case .permission: "Run as a user who may read and write the store"
        case .notFound: "Check that the store is mounted"
        case .io, .outcomeUnknown: "Check the store, then run the same command again"
        }
    }
}

extension VaultError {
    /// A failure of the store while `subject` was written.
    init(storing subject: String, _ error: StorageError) {
        self.init(.storage, "The \(subject) could not be stored", nextStep: error.nextStep, cause: error)
    }
}
