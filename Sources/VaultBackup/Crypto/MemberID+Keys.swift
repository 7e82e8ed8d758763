extension MemberID {
    /// The id of the member with these public keys (`docs/FORMAT.md`, section 5). - Precondition: both have 32 bytes.
    public init(x25519: [UInt8], ed25519: [UInt8]) {
        precondition(x25519.count == 32 && ed25519.count == 32, "public keys have 32 bytes")
        self.init(SHA256.digest(Label.bare("member") + x25519 + ed25519).bytes.prefix(16))!
    }
}
