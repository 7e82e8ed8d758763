import Testing

@testable import VaultBackup

/// A log that a test builds record by record, good and bad ones.
struct Chain {
    var state: RepositoryState
    var time = Timestamp(milliseconds: 1_700_000_000_000)
    var sets: [Digest: [UInt8]] = [:]

    init() throws {
        let store = TestStore()
        state = try Cast.writer(store).state
    }

    func draft(_ body: RecordBody, _ writer: TestMember) -> Record {
        Record(
            repository: state.repository, lineage: state.lineage, position: state.head + 1, previous: state.headDigest,
            sequence: state.nextSequence(of: writer.member.id), time: time, writer: writer.member.id, body: body)
    }

    static func seal(_ payload: [UInt8], _ writer: TestMember) throws -> [UInt8] {
        let signature = try Ed25519.sign(Envelope.signedBytes(of: payload), seed: writer.signer.seed)
        return Envelope(payload: payload, signer: writer.member.id, signature: signature).encode()
    }

    mutating func apply(_ stored: [UInt8]) throws -> RecordEffect {
        let sets = sets
        return try state.apply(stored) { (digest) throws(StorageError) in sets[digest] }
    }

    @discardableResult
    mutating func apply(_ body: RecordBody, _ writer: TestMember, change: (inout Record) -> Void = { _ in }) throws
        -> RecordEffect
    {
        var record = draft(body, writer)
        change(&record)
        return try apply(try SignedRecord(record, by: writer.signer).stored)
    }
}
