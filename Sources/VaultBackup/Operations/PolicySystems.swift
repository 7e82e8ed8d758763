extension Sequence<SystemPolicy> {
    /// The systems whose backups go to the repository at a place: there must be snapshots of each.
    ///
    /// - Parameter remembered: the repository of policies that name none.
    public func systems(at location: [UInt8], remembered: [UInt8]?) -> [String] {
        let place = RepositoryPlace.absolute(location)
        return filter { policy in
            !policy.sources.isEmpty
                && (policy.repository ?? remembered).map { RepositoryPlace.absolute($0) == place } == true
        }.map(\.system)
    }
}
