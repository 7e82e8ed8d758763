/// Who signs records: a member and its Ed25519 seed.
public struct Signer: Sendable {
    /// The member.
    public let member: MemberID
    /// Its Ed25519 seed, 32 bytes.
    public let seed: SecretBytes

    /// A signer as given.
    public init(member: MemberID, seed: SecretBytes) {
        self.member = member
        self.seed = seed
    }
}

/// A record together with the envelope it is stored in.
public struct SignedRecord: Sendable, Equatable {
    /// The record.
    public let record: Record
    /// The objects that its statement names.
    public let subjects: [Record.Subject]
    /// The envelope.
    public let envelope: Envelope

    /// Signs a record. - Precondition: its kind is known.
    public init(_ record: Record, by signer: Signer) throws(CryptoError) {
        self.record = record
        subjects = record.subjects ?? []
        envelope = try Envelope(
            signing: record.encode(subjects: subjects), as: signer.member, seed: signer.seed)
    }

    /// Reads stored bytes. Whether the signature verifies is asked with ``isSigned(by:)``.
    public init(decoding stored: [UInt8]) throws(FormatError) {
        envelope = try Envelope(decoding: stored)
        (record, subjects) = try Record.decode(envelope.payload)
    }

    /// The stored bytes.
    public var stored: [UInt8] { envelope.encode() }

    /// Whether `member` is the writer and the signer, and the signature verifies.
    public func isSigned(by member: Member) -> Bool {
        record.writer == member.id && envelope.isSigned(by: member)
    }
}

extension Record {
    /// The subjects that its statement must have; nil for kinds that this program does not know.
    var subjects: [Subject]? {
        guard case .genesis(let body) = body else { return expectedSubjects }
        return [Subject(name: "keyring", digest: SHA256.digest(CanonicalJSON.encode(body.keyring.json)))]
    }
}
