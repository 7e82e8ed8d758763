extension Verify {
    /// Evidence that is missing or has other bytes than its name says. Whether it agrees with its record is for those who
    /// ask about a drill.
    static func checkEvidence(_ repository: Repository, _ state: RepositoryState) -> [String] {
        state.drills.compactMap { drill in
            let name = ObjectName.content(.evidence, drill.body.evidence)
            let bytes = try? repository.store.get(name)
            if bytes.map({ SHA256.digest($0) }) == drill.body.evidence { return nil }
            return "\(name), the evidence of drill \(drill.id.hex.prefix(8)), is missing or damaged"
        }
    }
}
