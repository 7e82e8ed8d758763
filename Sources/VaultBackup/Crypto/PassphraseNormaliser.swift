@_spi(_Unicode) import Swift

/// Brings a typed passphrase into Unicode NFC, so that the same letters from another keyboard or system open the same
/// file.
public enum PassphraseNormaliser {
    /// The passphrase in NFC, UTF-8. ASCII is returned as it is; nothing is stripped. Throws `library` for invalid
    /// UTF-8.
    ///
    /// The standard library normalises only `String`, which does not wipe itself. Therefore the passphrase goes through
    /// it in pieces that begin at ASCII characters, across which normalisation never reaches. A piece of up to 15 bytes
    /// is held on the stack; a longer one, such as a passphrase without any ASCII, leaves a copy in freed memory until
    /// that is used again.
    public static func nfc(_ typed: SecretBytes) throws(CryptoError) -> SecretBytes {
        try typed.withUnsafeBytes { (bytes) throws(CryptoError) in
            if bytes.allSatisfy({ $0 < 0x80 }) { return typed }
            var pieces: [SecretBytes] = []
            var start = 0
            while start < bytes.count {
                var end = start + 1
                while end < bytes.count, bytes[end] >= 0x80 { end += 1 }
                pieces.append(try normalise(UnsafeRawBufferPointer(rebasing: bytes[start..<end])))
                start = end
            }
            return SecretBytes.concatenate(pieces)
        }
    }

    private static func normalise(_ piece: UnsafeRawBufferPointer) throws(CryptoError) -> SecretBytes {
        guard let text = String(validating: piece, as: UTF8.self) else {
            throw .failed("the passphrase is not valid UTF-8")
        }
        let count = text._nfc.reduce(0) { $0 + UTF8.width($1) }
        return SecretBytes(count: count) { output in
            var offset = 0
            for scalar in text._nfc {
                for byte in UTF8.encode(scalar)! {
                    output[offset] = byte
                    offset += 1
                }
            }
        }
    }
}
