extension Envelope {
    /// Signs a payload as a member. Throws as ``Ed25519/sign(_:seed:)``.
    public init(signing payload: [UInt8], as member: MemberID, seed: SecretBytes) throws(CryptoError) {
        let signature = try Ed25519.sign(Self.signedBytes(of: payload), seed: seed)
        self.init(payload: payload, signer: member, signature: signature)
    }

    /// Whether it names `member` as its signer, and the signature verifies.
    public func isSigned(by member: Member) -> Bool {
        signer == member.id
            && Ed25519.isValid(signature, of: Self.signedBytes(of: payload), publicKey: member.ed25519)
    }
}
