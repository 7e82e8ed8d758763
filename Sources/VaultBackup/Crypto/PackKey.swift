/// The data key of a pack, ready to seal and open its segments (`docs/FORMAT.md`, section 8). What is the same for all
/// segments is derived once; a segment then costs two short MACs and its encryption.
public final class PackKey: Sendable {
    /// By how many bytes a stored segment is longer than its body: hedge, tag, codec and raw length.
    public static let segmentOverhead = sealOverhead + 5

    /// By how many bytes a stored segment is longer than its plaintext.
    static let sealOverhead = Digest.byteCount + AESGCM.tagByteCount

    private let hedgeKey: MACKey
    /// The extracted data key: HKDF's expansion of 32 bytes is one MAC under it.
    private let expander: MACKey
    private let segmentLabel: [UInt8]
    private let segmentBinding: [UInt8]

    private init(dataKey: SecretBytes, packClass: PackClass, epoch: Int, commitment: Digest, repository: RepositoryID) {
        expander = MACKey(HKDF.extract(dataKey))
        hedgeKey = MACKey(HKDF.expand(expander, info: Label.repository("hedge", repository), count: 32))
        segmentLabel = Label.repository("segment", repository)
        var writer = ByteWriter(capacity: 80)
        writer.raw(segmentLabel)
        writer.u8(packClass.rawValue)
        writer.u32(epoch)
        writer.raw(commitment)
        segmentBinding = writer.bytes
    }

    /// Draws a key for a new pack and seals it to `readKey`, the public half of READ of the epoch. Throws
    /// `badKeyLength` and `refusedPoint`.
    ///
    /// - Precondition: epoch and group are at least 1 and fit a `u32`.
    public static func create(
        packClass: PackClass, epoch: Int, group: Int, readKey: [UInt8], repository: RepositoryID,
        random: some RandomSource
    ) throws(CryptoError) -> (key: PackKey, stanza: Stanza) {
        let seed = SecretBytes.random(32, from: random)
        let salt = random.bytes(32)
        let binding = Stanza.binding(packClass, epoch: epoch, group: group)
        let dataKey = HKDF.derive(seed, info: Label.repository("pack/data-key", repository), salt: salt)
        let ephemeral = HKDF.derive(seed, info: Label.repository("pack/ephemeral", repository), salt: salt)
        let commitment = commitment(to: dataKey, binding, salt, repository)
        let sealed = try HPKE.seal(
            dataKey, to: readKey, info: info(binding, repository), aad: aad(binding, salt, commitment, repository),
            ephemeral: ephemeral)
        let stanza = Stanza(
            packClass: packClass, epoch: epoch, group: group, salt: salt, commitment: commitment, enc: sealed.enc,
            sealedKey: sealed.ciphertext)
        let key = PackKey(
            dataKey: dataKey, packClass: packClass, epoch: epoch, commitment: commitment, repository: repository)
        return (key, stanza)
    }

    /// Opens the key of a pack with the secret half of READ of its epoch.
    ///
    /// Throws `authenticationFailed` for another key or changed bytes, `commitmentMismatch`, `refusedPoint` and
    /// `badKeyLength`.
    public static func open(
        _ stanza: Stanza, readSecret: SecretBytes, repository: RepositoryID
    ) throws(CryptoError) -> PackKey {
        let binding = Stanza.binding(stanza.packClass, epoch: stanza.epoch, group: stanza.group)
        let dataKey = try HPKE.open(
            stanza.sealedKey, enc: stanza.enc, with: readSecret, info: info(binding, repository),
            aad: aad(binding, stanza.salt, stanza.commitment, repository), commitment: nil)
        guard commitment(to: dataKey, binding, stanza.salt, repository) == stanza.commitment else {
            throw .commitmentMismatch
        }
        return PackKey(
            dataKey: dataKey, packClass: stanza.packClass, epoch: stanza.epoch, commitment: stanza.commitment,
            repository: repository)
    }

    /// Seals segment `index`. `plaintext` is u8 codec ‖ u32 raw length ‖ body; `codec`, `level`, `zstdVersion` and
    /// `chunks` (id and length, in order) go into the hedge: with them in it, two different plaintexts never meet the
    /// same key, even when random states repeat.
    ///
    /// - Precondition: `output` is 48 bytes longer than `plaintext` and does not overlap it.
    public func sealSegment(
        index: Int, codec: UInt8, level: UInt8, zstdVersion: UInt32, chunks: [(id: ChunkID, length: Int)],
        plaintext: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, using cipher: AESGCM
    ) throws(CryptoError) {
        precondition(output.count == plaintext.count + Self.sealOverhead, "the output holds hedge, ciphertext and tag")
        var description = ByteWriter(capacity: 14 + 24 * chunks.count)
        description.u32(index)
        description.u8(codec)
        description.u8(level)
        description.integer(zstdVersion)
        description.u32(plaintext.count)
        for chunk in chunks {
            description.raw(chunk.id)
            description.u32(chunk.length)
        }
        let hedge = hedgeKey.authenticate(description.bytes)
        hedge.withUnsafeBytes { output.copyMemory(from: $0) }
        try cipher.seal(
            key: segmentKey(hedge), aad: segmentAAD(index), plaintext,
            into: UnsafeMutableRawBufferPointer(rebasing: output[Digest.byteCount...]))
    }

    /// Opens segment `index` into `output`: u8 codec ‖ u32 raw length ‖ body.
    ///
    /// Throws `authenticationFailed` when anything differs (`output` is all zero then) and `badKeyLength` when `stored`
    /// is too short to be a segment.
    /// - Precondition: `output` is 48 bytes shorter than `stored`, if that is possible, and does not overlap it.
    public func openSegment(
        index: Int, _ stored: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, using cipher: AESGCM
    ) throws(CryptoError) {
        guard stored.count >= Self.sealOverhead else { throw .badKeyLength }
        let hedge = Digest(UnsafeRawBufferPointer(rebasing: stored[0..<Digest.byteCount]))
        try cipher.open(
            key: segmentKey(hedge), aad: segmentAAD(index),
            UnsafeRawBufferPointer(rebasing: stored[Digest.byteCount...]), into: output)
    }

    /// HKDF(D, L("segment") ‖ hedge), of which only the last block of the expansion is left to do.
    private func segmentKey(_ hedge: Digest) -> SecretBytes {
        var state = expander.begin()
        state.update(segmentLabel)
        hedge.withUnsafeBytes { state.update($0) }
        state.update([1])
        return state.finishSecret()
    }

    private func segmentAAD(_ index: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: segmentBinding.count + 4)
        writer.raw(segmentBinding)
        writer.u32(index)
        return writer.bytes
    }

    private static func commitment(
        to dataKey: SecretBytes, _ binding: [UInt8], _ salt: [UInt8], _ repository: RepositoryID
    ) -> Digest {
        HKDF.derive(dataKey, info: Label.repository("pack/commitment", repository) + binding, salt: salt)
            .withUnsafeBytes { Digest($0) }
    }

    private static func info(_ binding: [UInt8], _ repository: RepositoryID) -> [UInt8] {
        Label.repository("pack/stanza", repository) + binding
    }

    private static func aad(
        _ binding: [UInt8], _ salt: [UInt8], _ commitment: Digest, _ repository: RepositoryID
    ) -> [UInt8] {
        Label.repository("pack/stanza-aad", repository) + binding + salt + commitment.bytes
    }
}
