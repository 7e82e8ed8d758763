extension Repair {
    /// Puts back records of the log that a copy has: those whose SHA-256 the record after them names, and the last
    /// one if it is signed for its place. Needs no identity.
    ///
    /// - Returns: the names of the records that were, or can be, put back. The repository must be opened anew then.
    /// - Throws: ``VaultError`` `.storage`, `.notAllowed` for a copy.
    public static func records(
        of repository: Repository, from copy: any ObjectStore, applies: Bool
    ) throws -> [String] {
        if applies, let refusal = repository.log.refusal { throw refusal }
        let store = repository.store
        let reader = repository.log.reader
        let positions: [Int]
        do throws(StorageError) { positions = try store.list("log").compactMap(\.name.recordPosition) } catch {
            throw reader.storageFailure(error)
        }
        var fetched: [String] = []
        // From above: each record says which bytes the one below it had.
        var previous: Digest?
        var above = -1
        for position in try candidates(positions, copy, reader) {
            // Of a position that neither has, nothing follows for the one below.
            if above != position + 1 { previous = nil }
            above = position
            let there = try reader.record(position)
            let wanted = previous
            previous = there.flatMap { try? SignedRecord(decoding: $0) }?.record.previous
            let isRight: Bool
            if let wanted {
                isRight = there.map { SHA256.digest($0) } == wanted
            } else {
                isRight = try reader.isSigned(position, in: repository.state)
            }
            guard !isRight else { continue }
            guard let bytes = try? copy.get(.record(position)), let signed = try? SignedRecord(decoding: bytes),
                reader.isGenuine(signed, at: position, in: repository.state),
                wanted.map({ SHA256.digest(bytes) == $0 }) ?? (there != nil)
            else { continue }
            previous = signed.record.previous
            if applies { try store.putRight(.record(position), bytes) }
            fetched.append(ObjectName.record(position).text)
        }
        return fetched.reversed()
    }

    /// The positions that the repository has or, below its last one, the copy; highest first.
    private static func candidates(
        _ positions: [Int], _ copy: any ObjectStore, _ reader: LogReader
    ) throws -> [Int] {
        let top = positions.max() ?? 0
        do throws(StorageError) {
            let others = try copy.list("log").compactMap(\.name.recordPosition).filter { $0 <= top }
            return Set(positions + others).sorted(by: >)
        } catch { throw reader.storageFailure(error) }
    }
}
