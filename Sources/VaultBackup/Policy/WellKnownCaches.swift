/// Directories that hold only what programs fetch or compute again, without a `CACHEDIR.TAG` that would say so: the
/// caches of users (XDG base directories) and of package managers. Named by path from `/`, without the leading slash.
enum WellKnownCaches {
    /// What is left out of such a directory; the directory itself is kept, since programs expect it.
    enum Content: Equatable {
        case all
        /// Only names that end so: the rest is state.
        case suffix([UInt8])

        /// Whether an entry of this name is left out.
        func contains(_ name: [UInt8]) -> Bool {
            switch self {
            case .all: true
            case .suffix(let suffix): name.count > suffix.count && name.suffix(suffix.count).elementsEqual(suffix)
            }
        }
    }

    private static let byPath: [[UInt8]: Content] = [
        Array("var/cache/apt/archives".utf8): .suffix(Array(".deb".utf8)),
        Array("var/cache/apt".utf8): .suffix(Array(".bin".utf8)),
        Array("var/cache/dnf".utf8): .all,
        Array("var/cache/yum".utf8): .all,
        Array("var/cache/zypp/packages".utf8): .all,
        Array("var/cache/pacman/pkg".utf8): .all,
        Array("root/.cache".utf8): .all,
    ]
    private static let userCache = Array(".cache".utf8)
    private static let homes = Array("home".utf8)
    private static let names = Set(byPath.keys.map { Array($0.split(separator: 0x2f).last ?? []) })

    /// Whether a directory of this name may be one; the path is needed to tell.
    static func mayBe(_ name: [UInt8]) -> Bool { names.contains(name) }

    /// What is left out of the directory at a path; nil when it is no such cache.
    static func content(of path: [UInt8]) -> Content? {
        if let content = byPath[path] { return content }
        let names = path.split(separator: 0x2f)
        let isUsers = names.count == 3 && names[0].elementsEqual(homes) && names[2].elementsEqual(userCache)
        return isUsers ? .all : nil
    }
}
