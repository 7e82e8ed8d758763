/// The secrets of an epoch that is over, wrapped under those of the next one (`docs/FORMAT.md`, section 6).
public struct EpochWrap: Sendable, Equatable {
    /// The epoch whose secrets these are, from 1.
    public let epoch: Int
    /// Commitment to the key that seals IDX.
    public let indexCommitment: Digest
    /// IDX, sealed: 48 bytes.
    public let sealedIndex: [UInt8]
    /// Encapsulated key for READ, 32 bytes.
    public let readEnc: [UInt8]
    /// Key commitment for READ.
    public let readCommitment: Digest
    /// The secret half of READ, sealed: 48 bytes.
    public let sealedRead: [UInt8]

    private static let sealedByteCount = 48

    /// A wrap as given. - Precondition: the lengths are as the properties say.
    public init(
        epoch: Int, indexCommitment: Digest, sealedIndex: [UInt8], readEnc: [UInt8], readCommitment: Digest,
        sealedRead: [UInt8]
    ) {
        precondition(sealedIndex.count == Self.sealedByteCount && sealedRead.count == Self.sealedByteCount, "48 bytes")
        precondition(readEnc.count == 32, "an encapsulated key has 32 bytes")
        self.epoch = epoch
        self.indexCommitment = indexCommitment
        self.sealedIndex = sealedIndex
        self.readEnc = readEnc
        self.readCommitment = readCommitment
        self.sealedRead = sealedRead
    }

    /// The JSON object of the stored form.
    var json: JSONValue {
        .object([
            "epoch": .integer(epoch),
            "idx": .object([
                "commitment": .string(indexCommitment.hex), "sealed": .string(Hex.encode(sealedIndex)),
            ]),
            "read": .object([
                "commitment": .string(readCommitment.hex), "enc": .string(Hex.encode(readEnc)),
                "sealed": .string(Hex.encode(sealedRead)),
            ]),
        ])
    }

    /// Reads one wrap.
    init(json: JSONValue) throws(FormatError) {
        let fields = try JSONFields(json, "keyring chain")
        try fields.requireOnly(["epoch", "idx", "read"])
        let index = try fields.object("idx", "keyring chain idx")
        try index.requireOnly(["commitment", "sealed"])
        let read = try fields.object("read", "keyring chain read")
        try read.requireOnly(["commitment", "enc", "sealed"])
        self.init(
            epoch: try fields.integer("epoch", Keyring.epochs), indexCommitment: try index.digest("commitment"),
            sealedIndex: try index.hex("sealed", count: Self.sealedByteCount),
            readEnc: try read.hex("enc", count: 32), readCommitment: try read.digest("commitment"),
            sealedRead: try read.hex("sealed", count: Self.sealedByteCount))
    }
}
