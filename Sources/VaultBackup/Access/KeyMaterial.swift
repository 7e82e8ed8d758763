/// The secrets of a repository that a member holds (`docs/FORMAT.md`, section 6). What its roles do not give is nil.
public struct KeyMaterial: Sendable {
    /// The secrets of an epoch that is over.
    struct Earlier: Sendable {
        var read: SecretBytes?
        var index: SecretBytes?
    }

    /// The epoch of ``read`` and ``index``.
    public var epoch: Int
    /// Those of the epochs before it, as far as the roles give them.
    var earlier: [Int: Earlier] = [:]
    /// READ of the epoch, an X25519 secret: opens pack keys, and with them content and names.
    public var read: SecretBytes?
    /// IDX of the epoch: opens pack directories and segment maps.
    public var index: SecretBytes?
    /// DD of the dedup group: chunk ids, disclosure salts, node cutting.
    public var dedup: SecretBytes?
    /// DD of the groups before, the newest first, as far as they are known.
    var earlierDedups: [SecretBytes] = []
    /// CK of the dedup group: content-defined cutting.
    public var cut: SecretBytes?

    /// Secrets as given.
    public init(
        epoch: Int = 1, read: SecretBytes? = nil, index: SecretBytes? = nil, dedup: SecretBytes? = nil,
        cut: SecretBytes? = nil
    ) {
        self.epoch = epoch
        self.read = read
        self.index = index
        self.dedup = dedup
        self.cut = cut
    }

    /// Draws all secrets of a new repository.
    public static func create(random: some RandomSource) -> KeyMaterial {
        KeyMaterial(
            read: .random(32, from: random), index: .random(32, from: random), dedup: .random(32, from: random),
            cut: .random(32, from: random))
    }

    private static func path(_ tag: SecretTag) -> WritableKeyPath<KeyMaterial, SecretBytes?> {
        switch tag {
        case .read: \.read
        case .index: \.index
        case .dedup: \.dedup
        case .cut: \.cut
        }
    }

    private static let secretByteCount = 32

    subscript(tag: SecretTag) -> SecretBytes? { self[keyPath: Self.path(tag)] }

    /// READ of an epoch; nil when it is not known.
    public func readSecret(of epoch: Int) -> SecretBytes? { epoch == self.epoch ? read : earlier[epoch]?.read }

    /// IDX of an epoch; nil when it is not known.
    public func indexSecret(of epoch: Int) -> SecretBytes? { epoch == self.epoch ? index : earlier[epoch]?.index }

    /// The same without any READ: what opens directories and segment maps, and no content.
    var withoutReading: KeyMaterial {
        var keys = self
        keys.read = nil
        for epoch in keys.earlier.keys { keys.earlier[epoch]?.read = nil }
        return keys
    }

    /// The epochs that it has secrets of, the newest first.
    var epochs: [Int] { [epoch] + earlier.keys.sorted(by: >) }

    /// Reads the plaintext of a slot: u8 count ‖ count × (u8 tag ‖ 32 bytes), tags strictly increasing.
    init(slotPlaintext bytes: SecretBytes) throws(FormatError) {
        self = try bytes.withUnsafeBytes { (input) throws(FormatError) in
            guard let count = input.first, input.count == 1 + Int(count) * (1 + Self.secretByteCount) else {
                throw FormatError("slot: length does not match the number of secrets")
            }
            var keys = KeyMaterial()
            var last: UInt8 = 0
            for start in stride(from: 1, to: input.count, by: 1 + Self.secretByteCount) {
                guard let tag = SecretTag(rawValue: input[start]), tag.rawValue > last else {
                    throw FormatError("slot: secret \(input[start]) is unknown or out of order")
                }
                last = tag.rawValue
                keys[keyPath: Self.path(tag)] = bytes.slice(start + 1..<start + 1 + Self.secretByteCount)
            }
            return keys
        }
    }

    /// The plaintext of a slot with the secrets `tags`; nil if one of them is not here.
    func slotPlaintext(_ tags: Set<SecretTag>) -> SecretBytes? {
        var parts = [SecretBytes([UInt8(tags.count)])]
        for tag in tags.sorted() {
            guard let secret = self[tag] else { return nil }
            precondition(secret.count == Self.secretByteCount, "secrets of a repository have 32 bytes")
            parts += [SecretBytes([tag.rawValue]), secret]
        }
        return .concatenate(parts)
    }
}
