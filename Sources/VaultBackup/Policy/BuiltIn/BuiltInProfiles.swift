// Made by scripts/make-profiles: run the script instead of changing it.

/// The requirement profiles that are part of the program, as the text of their files.
enum BuiltInProfiles {
    /// By name.
    static let all: [(name: String, text: String)] = [
        ("3-2-1-1-0", rule32110),
        ("cis-11", cis11),
        ("vn-archive", vnArchive),
        ("vn-level-1", vnLevel1),
        ("vn-level-2", vnLevel2),
        ("vn-level-3", vnLevel3),
        ("vn-level-4", vnLevel4),
        ("vn-level-5", vnLevel5),
    ]
}
