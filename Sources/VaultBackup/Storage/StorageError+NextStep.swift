extension StorageError {
    /// What the user can do about it, one sentence.
    var nextStep: String {
        switch kind {
        case .noSpace: "Free space in the store and run the same command again; what is there stays usable"
        case .readOnly: "Make the store writable and run the same command again"
        case .permission: "Run as a user who may use the store"
        case .notFound: "Check that the store is mounted"
        case .io, .outcomeUnknown: "Check the store, then run the same command again"
        }
    }
}
