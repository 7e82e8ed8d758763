extension Client {
    /// An identity file of this user that can be opened with nobody there, of a member that may do what is wanted; nil
    /// when there is none. What needs no passphrase comes first: a machine's.
    ///
    /// - Parameter hasPassphrase: whether a passphrase comes from a file, a program or the service manager.
    public func unattendedFile(of repository: Repository, _ purpose: Purpose, hasPassphrase: Bool) -> [UInt8]? {
        let fitting = identityFiles(of: repository.id).compactMap { path -> (path: [UInt8], isLocked: Bool)? in
            guard let file = identityFile(at: path, of: repository, for: purpose), hasPassphrase || !file.isLocked
            else { return nil }
            return (path, file.isLocked)
        }
        return (fitting.first { !$0.isLocked } ?? fitting.first)?.path
    }
}
