/// A record that is durable, read back and effective.
public struct PublishedRecord: Sendable, Equatable {
    /// The record.
    public let record: Record
    /// SHA-256 of its stored bytes; of a SNAPSHOT, the id of the snapshot.
    public let digest: Digest

    /// Its position.
    public var position: Int { record.position }
}

/// A record on its way: signed for one position, and never sent in another form.
struct Outgoing: Sendable {
    private let signed: SignedRecord
    let stored: [UInt8]

    var record: Record { signed.record }
    var position: Int { record.position }

    init(_ record: Record, by signer: Signer) throws(VaultError) {
        do throws(CryptoError) {
            signed = try SignedRecord(record, by: signer)
        } catch {
            throw VaultError(.failed, "The record cannot be signed", cause: error)
        }
        stored = signed.stored
        guard stored.count <= Limits.recordBytesMax else {
            throw VaultError(.failed, "The record has \(stored.count) bytes, \(Limits.recordBytesMax) are allowed")
        }
    }

    func isSigned(by writer: Member) -> Bool { signed.isSigned(by: writer) }

    func isOf(_ body: RecordBody, _ writer: MemberID) -> Bool { record.body == body && record.writer == writer }
}
