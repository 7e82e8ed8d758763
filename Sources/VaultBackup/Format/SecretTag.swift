/// The secrets of a repository, by their number in a slot (`docs/FORMAT.md`, section 6).
public enum SecretTag: UInt8, Sendable, CaseIterable, Comparable {
    case read = 1
    case index, dedup, cut

    /// Whether the number of `l` is lower.
    public static func < (l: SecretTag, r: SecretTag) -> Bool { l.rawValue < r.rawValue }

    /// The secrets that a member loses whose roles were `before`; `after` is nil for one that goes.
    static func lost(_ before: Set<Role>, _ after: Set<Role>?) -> Set<SecretTag> {
        given(by: before).subtracting(given(by: after ?? []))
    }

    /// The secrets that the roles together give.
    public static func given(by roles: Set<Role>) -> Set<SecretTag> {
        roles.reduce(into: []) { tags, role in
            switch role {
            case .write: tags.formUnion([.index, .dedup, .cut])
            case .read, .drill: tags.formUnion([.read, .index, .dedup])
            case .maintain: tags.insert(.index)
            case .administer, .audit: break
            }
        }
    }
}
