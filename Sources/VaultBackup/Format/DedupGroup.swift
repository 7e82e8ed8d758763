/// A group of writers that recognise each other's chunks, by the secrets DD and CK (`docs/FORMAT.md`, section 6).
public struct DedupGroup: Sendable, Equatable {
    /// DD of the group before, wrapped under DD of this one.
    struct Wrap: Sendable, Equatable {
        static let sealedByteCount = 48

        /// Commitment to the key that seals it.
        var commitment: Digest
        /// The secret, sealed: 48 bytes.
        var sealed: [UInt8]
    }

    /// The group that a repository begins with.
    public static let first = DedupGroup(number: 1, name: "default", epoch: 1, previous: nil)

    /// Its number, from 1.
    public let number: Int
    /// Its name, 1 to 64 bytes.
    public let name: String
    /// The epoch with which it begins.
    public let epoch: Int
    /// Nil for the first group.
    let previous: Wrap?

    init(number: Int, name: String, epoch: Int, previous: Wrap?) {
        (self.number, self.name, self.epoch, self.previous) = (number, name, epoch, previous)
    }

    /// Whether two groups are the same to the byte.
    public static func == (l: DedupGroup, r: DedupGroup) -> Bool {
        l.number == r.number && l.name.hasSameBytes(as: r.name) && l.epoch == r.epoch && l.previous == r.previous
    }

    /// The JSON object of the stored form.
    var json: JSONValue {
        var members: [String: JSONValue] = ["name": .string(name), "number": .integer(number)]
        if let previous {
            members["epoch"] = .integer(epoch)
            members["previous"] = .object([
                "commitment": .string(previous.commitment.hex), "sealed": .string(Hex.encode(previous.sealed)),
            ])
        }
        return .object(members)
    }

    /// Reads the groups of a keyring: numbered from 1, each beginning after the one before.
    static func list(_ values: [JSONValue]) throws(FormatError) -> [DedupGroup] {
        var groups: [DedupGroup] = []
        for value in values {
            let fields = try JSONFields(value, "keyring group")
            let isFirst = groups.isEmpty
            try fields.requireOnly(["name", "number"] + (isFirst ? [] : ["epoch", "previous"]))
            guard try fields.integer("number") == groups.count + 1 else {
                throw fields.error("its number is not the next")
            }
            var (epoch, wrap): (Int, Wrap?) = (1, nil)
            if let last = groups.last {
                epoch = try fields.integer("epoch", Keyring.epochs)
                guard epoch > last.epoch else { throw fields.error("it does not begin after the group before") }
                let previous = try fields.object("previous", "keyring group before")
                try previous.requireOnly(["commitment", "sealed"])
                wrap = Wrap(
                    commitment: try previous.digest("commitment"),
                    sealed: try previous.hex("sealed", count: Wrap.sealedByteCount))
            }
            groups.append(
                DedupGroup(
                    number: groups.count + 1, name: try fields.string("name", bytes: Member.nameBytes), epoch: epoch,
                    previous: wrap))
        }
        guard !groups.isEmpty else { throw FormatError("keyring: no group") }
        return groups
    }
}
