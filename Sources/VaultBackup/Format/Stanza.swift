/// The sealed data key of a pack and what it is bound to (`docs/FORMAT.md`, section 8).
public struct Stanza: Sendable, Equatable {
    /// Length of the stored form, in bytes.
    public static let byteCount = 154

    /// The only type: HPKE to READ of the epoch.
    private static let type: UInt8 = 1

    /// The class of the segments sealed under this key.
    public let packClass: PackClass
    /// The epoch whose READ key opens it; from 1.
    public let epoch: Int
    /// The number of the dedup group; from 1.
    public let group: Int
    /// The salt of the derivations, 32 bytes.
    public let salt: [UInt8]
    /// The commitment to the data key.
    public let commitment: Digest
    /// The ephemeral public key, 32 bytes.
    public let enc: [UInt8]
    /// The data key, sealed, 48 bytes.
    public let sealedKey: [UInt8]

    /// A stanza of these fields. - Precondition: they have the lengths and bounds given above, and numbers fit a `u32`.
    public init(
        packClass: PackClass, epoch: Int, group: Int, salt: [UInt8], commitment: Digest, enc: [UInt8],
        sealedKey: [UInt8]
    ) {
        precondition(epoch >= 1 && group >= 1, "epochs and groups are counted from 1")
        precondition(
            salt.count == 32 && enc.count == 32 && sealedKey.count == 48, "a field of a stanza has the wrong length")
        self.packClass = packClass
        self.epoch = epoch
        self.group = group
        self.salt = salt
        self.commitment = commitment
        self.enc = enc
        self.sealedKey = sealedKey
    }

    /// Reads 154 bytes. Throws for an unknown class or type and for epoch or group 0.
    public init(from reader: inout ByteReader) throws(FormatError) {
        let classByte = try reader.u8()
        guard let packClass = PackClass(rawValue: classByte) else {
            throw reader.error("unknown class \(classByte) in a stanza")
        }
        let type = try reader.u8()
        guard type == Self.type else { throw reader.error("unknown type \(type) of a stanza") }
        let epoch = try reader.u32()
        let group = try reader.u32()
        guard epoch >= 1, group >= 1 else { throw reader.error("epoch or group 0 in a stanza") }
        self.init(
            packClass: packClass, epoch: epoch, group: group, salt: try reader.raw(32), commitment: try reader.digest(),
            enc: try reader.raw(32), sealedKey: try reader.raw(48))
    }

    /// Appends the 154 bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.raw(Self.binding(packClass, epoch: epoch, group: group))
        writer.raw(salt)
        writer.raw(commitment)
        writer.raw(enc)
        writer.raw(sealedKey)
    }

    /// The first fields, B of the definition, to which the derivations are bound.
    static func binding(_ packClass: PackClass, epoch: Int, group: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 10)
        writer.u8(packClass.rawValue)
        writer.u8(type)
        writer.u32(epoch)
        writer.u32(group)
        return writer.bytes
    }
}
