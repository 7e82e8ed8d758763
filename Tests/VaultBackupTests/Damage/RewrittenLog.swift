@testable import VaultBackup

/// The store of a scene in which one pack is another one, and the log, signed again by its writers, says that it is right:
/// no hash of an object gives it away any more, only what is inside.
struct RewrittenLog {
    let store: OverlayStore
    let pack: Digest

    /// Puts `bytes` in the place of the pack `old`.
    init(_ scene: DamageScene, old: Digest, bytes: [UInt8]) throws {
        pack = SHA256.digest(bytes)
        store = OverlayStore(scene.fixture.store)
        store.set(.content(.packs, old), nil)
        store.set(.content(.packs, pack), bytes)
        var directories: (Digest, Digest)?
        if let before = try scene.fixture.store.get(.content(.packs, old)), let one = Self.directoryDigest(before),
            let other = Self.directoryDigest(bytes)
        {
            directories = (one, other)
        }
        var previous = scene.fixture.created.anchor
        for name in scene.objects("log").dropFirst() {
            guard let stored = try scene.fixture.store.get(name) else { continue }
            let signed = try SignedRecord(decoding: stored)
            var text = String(decoding: signed.envelope.payload, as: UTF8.self)
            text = Self.replacing(old.hex, by: pack.hex, in: text)
            if let (one, other) = directories { text = Self.replacing(one.hex, by: other.hex, in: text) }
            text = Self.replacing(signed.record.previous.hex, by: previous.hex, in: text)
            // Subjects are named by their place, which has the first two digits of the name in front.
            text = Self.replacing("packs/\(old.hex.prefix(2))/", by: "packs/\(pack.hex.prefix(2))/", before: pack, in: text)
            let payload = Array(text.utf8)
            let seed = scene.fixture.machine.secrets.ed25519Seed
            let signature = try Ed25519.sign(Envelope.signedBytes(of: payload), seed: seed)
            let line = Envelope(payload: payload, signer: signed.record.writer, signature: signature).encode()
            store.set(name, line)
            previous = SHA256.digest(line)
        }
    }

    private static func replacing(_ old: String, by new: String, before: Digest? = nil, in text: String) -> String {
        let tail = before?.hex ?? ""
        return text.split(separator: old + tail, omittingEmptySubsequences: false).joined(separator: new + tail)
    }

    private static func directoryDigest(_ pack: [UInt8]) -> Digest? {
        guard let trailer = try? PackTrailer(decoding: Array(pack.suffix(16)), packLength: pack.count) else { return nil }
        return SHA256.digest(Array(pack[trailer.directoryOffset..<trailer.directoryOffset + trailer.directoryLength]))
    }
}
