/// The DSSE envelope around a record (`docs/FORMAT.md`, section 11): payload, the id of the signer, the signature.
///
/// It is one line of JSON whose members stand in a fixed order, and a line feed. No member needs an escape, so that the
/// line is taken apart by its fixed pieces.
public struct Envelope: Sendable, Equatable {
    /// The type of every payload.
    public static let payloadType = "application/vnd.in-toto+json"
    /// Bytes of an Ed25519 signature.
    public static let signatureByteCount = 64

    /// The signed statement.
    public let payload: [UInt8]
    /// The member that signed.
    public let signer: MemberID
    /// Ed25519 signature over ``signedBytes(of:)`` of the payload, 64 bytes.
    public let signature: [UInt8]

    private static let beforePayload = Array(#"{"payload":""#.utf8)
    private static let beforeSigner = Array(#"","payloadType":"\#(payloadType)","signatures":[{"keyid":""#.utf8)
    private static let beforeSignature = Array(#"","sig":""#.utf8)
    private static let end = Array("\"}]}\n".utf8)
    private static let signerCount = 32
    private static let signatureCount = 88
    private static let afterPayloadCount =
        beforeSigner.count + signerCount + beforeSignature.count + signatureCount + end.count

    /// An envelope as given. - Precondition: the signature has 64 bytes.
    public init(payload: [UInt8], signer: MemberID, signature: [UInt8]) {
        precondition(signature.count == Self.signatureByteCount, "an Ed25519 signature has 64 bytes")
        self.payload = payload
        self.signer = signer
        self.signature = signature
    }

    /// What a signature covers: the pre-authentication encoding of DSSE.
    public static func signedBytes(of payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }

    /// The stored line.
    public func encode() -> [UInt8] {
        var line = Self.beforePayload
        line.append(contentsOf: Base64.encode(payload).utf8)
        line.append(contentsOf: Self.beforeSigner)
        line.append(contentsOf: signer.hex.utf8)
        line.append(contentsOf: Self.beforeSignature)
        line.append(contentsOf: Base64.encode(signature).utf8)
        line.append(contentsOf: Self.end)
        return line
    }

    /// Takes a stored line apart and rejects everything that ``encode()`` would not have written.
    public init(decoding line: [UInt8]) throws(FormatError) {
        func error(_ reason: String) -> FormatError { FormatError("envelope: \(reason)") }
        let payloadCount = line.count - Self.beforePayload.count - Self.afterPayloadCount
        guard payloadCount >= 0 else { throw error("too short") }
        var offset = 0
        func take(_ count: Int) -> ArraySlice<UInt8> {
            defer { offset += count }
            return line[offset..<offset + count]
        }
        let head = take(Self.beforePayload.count)
        let payload = take(payloadCount)
        let type = take(Self.beforeSigner.count)
        let signer = take(Self.signerCount)
        let middle = take(Self.beforeSignature.count)
        let signature = take(Self.signatureCount)
        guard head.elementsEqual(Self.beforePayload), type.elementsEqual(Self.beforeSigner),
            middle.elementsEqual(Self.beforeSignature), line[offset...].elementsEqual(Self.end)
        else { throw error("not a record envelope in its fixed form") }
        guard let payload = Base64.decode(String(decoding: payload, as: UTF8.self)) else {
            throw error("payload is not base64")
        }
        guard let signer = MemberID(hex: String(decoding: signer, as: UTF8.self)) else {
            throw error("keyid is not an id")
        }
        guard let signature = Base64.decode(String(decoding: signature, as: UTF8.self)),
            signature.count == Self.signatureByteCount
        else { throw error("signature is not 64 bytes of base64") }
        self.init(payload: payload, signer: signer, signature: signature)
    }
}
