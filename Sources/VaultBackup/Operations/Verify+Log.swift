extension Verify {
    /// What is wrong with the log. Every record is read and replayed anew: a state that is kept on this machine says
    /// nothing about what lies in the store now.
    static func checkLog(_ repository: Repository) throws -> [Irregularity] {
        let known = repository.state
        let history = try repository.log.reader.history()
        var found = known.irregularities
        for item in history.state.irregularities where !found.contains(item) { found.append(item) }
        if !found.contains(where: \.kind.isDamage), history.size > known.head,
            history.entries[known.head].point.digest != known.headDigest
        {
            found.append(
                Irregularity(
                    position: known.head, kind: .alteredRecord,
                    reason: "it is not the one that was there when the repository was opened"))
        }
        return found.sorted { $0.position < $1.position }
    }
}
