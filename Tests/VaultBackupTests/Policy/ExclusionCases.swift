import Testing

/// One set of patterns and what it leaves of a tree. In patterns `@` stands for the root of the tree.
struct ExclusionCase: Sendable, CustomTestStringConvertible {
    var patterns: [String]
    /// What is left out and not below something that is, in the order of ``tree``.
    var leftOut: [String]
    var isCaseIgnored = false
    /// Why restic does otherwise; nil when it does the same.
    var difference: String?

    var testDescription: String { patterns.joined(separator: " ") }

    /// Directories end in `/`; every directory stands before what is in it.
    static let tree = [
        "a/", "a/b/", "a/b/c/", "a/b/c/deep.o", "a/b/x.o", "a/keep/", "a/keep/y.o", "a/main.c", "A/", "A/b/",
        "A/b/UPPER.O",
        "b/", "b/c/", "b/c/file", "cache/", "cache/blob", "src/", "src/cache", "src/main.c", "src/main.o", "file.txt",
        "file1", "file2", "file10", "f[1]", "star*", "back\\slash", "#hash", "!bang", ".hidden", " blank",
    ]

    static let all: [ExclusionCase] = same + different

    private static let same: [ExclusionCase] = [
        .init(patterns: ["file1"], leftOut: ["file1"]),
        .init(patterns: ["*.o"], leftOut: ["a/b/c/deep.o", "a/b/x.o", "a/keep/y.o", "src/main.o"]),
        .init(patterns: ["file?"], leftOut: ["file1", "file2"]),
        .init(patterns: ["file*"], leftOut: ["b/c/file", "file.txt", "file1", "file2", "file10"]),
        .init(patterns: ["file[12]"], leftOut: ["file1", "file2"]),
        .init(patterns: ["file[^1]"], leftOut: ["file2"]),
        .init(patterns: ["file[0-1]*"], leftOut: ["file1", "file10"]),
        .init(patterns: ["f\\[1\\]"], leftOut: ["f[1]"]),
        .init(patterns: ["f[[]1[\\]]"], leftOut: ["f[1]"]),
        .init(patterns: ["star\\*"], leftOut: ["star*"]),
        .init(patterns: ["back\\\\slash"], leftOut: ["back\\slash"]),
        .init(patterns: ["\\!bang"], leftOut: ["!bang"]),
        .init(patterns: ["\\#hash"], leftOut: ["#hash"]),
        .init(patterns: [".*"], leftOut: [".hidden"]),
        .init(patterns: [" blank"], leftOut: [" blank"]),
        .init(patterns: ["b"], leftOut: ["a/b/", "A/b/", "b/"]),
        .init(patterns: ["@/b"], leftOut: ["b/"]),
        .init(patterns: ["/b"], leftOut: []),
        .init(patterns: ["a/b"], leftOut: ["a/b/"]),
        .init(patterns: ["b/c"], leftOut: ["a/b/c/", "b/c/"]),
        .init(patterns: ["./b//c"], leftOut: ["a/b/c/", "b/c/"]),
        .init(patterns: ["a/*/c"], leftOut: ["a/b/c/"]),
        .init(patterns: ["@/*/c"], leftOut: ["b/c/"]),
        .init(patterns: ["@/**/c"], leftOut: ["a/b/c/", "b/c/"]),
        .init(patterns: ["@/a/**"], leftOut: ["a/"]),
        .init(patterns: ["@/a/**/*.o"], leftOut: ["a/b/c/deep.o", "a/b/x.o", "a/keep/y.o"]),
        .init(patterns: ["a/**/deep.o"], leftOut: ["a/b/c/deep.o"]),
        .init(patterns: ["**/b/**/*.o"], leftOut: ["a/b/c/deep.o", "a/b/x.o"]),
        .init(patterns: ["m**n.c"], leftOut: ["a/main.c", "src/main.c"]),
        .init(patterns: ["src/cache"], leftOut: ["src/cache"]),
        .init(patterns: ["@/a/*", "!@/a/keep"], leftOut: ["a/b/", "a/main.c"]),
        .init(patterns: ["*.o", "!keep"], leftOut: ["a/b/c/deep.o", "a/b/x.o", "src/main.o"]),
        .init(patterns: ["!keep", "*.o"], leftOut: ["a/b/c/deep.o", "a/b/x.o", "a/keep/y.o", "src/main.o"]),
        .init(patterns: ["*.o", "!*.o", "main.o"], leftOut: ["src/main.o"]),
        .init(patterns: ["a", "!a/b"], leftOut: ["a/"]),
        .init(patterns: ["*.C"], leftOut: []),
        .init(
            patterns: ["*.O"], leftOut: ["a/b/c/deep.o", "a/b/x.o", "a/keep/y.o", "A/b/UPPER.O", "src/main.o"],
            isCaseIgnored: true),
        .init(patterns: ["A"], leftOut: ["a/", "A/"], isCaseIgnored: true),
        .init(patterns: ["FILE[A-Z0-1]"], leftOut: ["file1"], isCaseIgnored: true),
    ]

    private static let different: [ExclusionCase] = [
        .init(patterns: ["cache/"], leftOut: ["cache/"], difference: "restic drops the '/' at the end"),
        .init(patterns: ["file[!1]"], leftOut: ["file2"], difference: "restic takes '!' in '[…]' as itself"),
    ]
}
