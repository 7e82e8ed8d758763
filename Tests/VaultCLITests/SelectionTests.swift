import Foundation
import Testing
import VaultTestSupport

/// What `vault backup` is asked to leave out, to try or to skip.
@Suite struct SelectionTests {
    private let stage: Stage

    init() throws {
        stage = try Stage()
        let made = try stage.shell(
            """
            mkdir -p src/a src/b src/cache && cd src && echo 1 > a/x.o && echo 2 > a/x.c && echo 3 > b/Y.O &&
            head -c 3000 /dev/zero > b/large && printf 'Signature: 8a477f597d28d172789f06886806bc55' > cache/CACHEDIR.TAG &&
            echo 4 > cache/blob
            """)
        try #require(made.status == 0, "\(made.errors)")
        try stage.initialise()
    }

    /// Names of all files in the latest snapshot, in order.
    private func files() throws -> String {
        let list = try stage.vault("ls", "latest", "--recursive", "--json", "--passphrase-file", "passphrase")
        try #require(list.status == 0, "\(list.errors)")
        return try list.json().filter { $0["kind"] as? String == "file" }
            .compactMap { ($0["path"] as? String)?.split(separator: "/").last.map(String.init) }.sorted()
            .joined(separator: " ")
    }

    private static let whole = "CACHEDIR.TAG Y.O large x.c x.o"

    @Test(arguments: [
        ([], whole),
        (["--exclude", "*.o"], "CACHEDIR.TAG Y.O large x.c"),
        (["--iexclude", "*.o"], "CACHEDIR.TAG large x.c"),
        (["--exclude", "*.o", "--exclude", "!x.o"], whole),
        (["--exclude", "b/", "--exclude-larger-than", "2K"], "CACHEDIR.TAG x.c x.o"),
        (["--exclude-larger-than", "2999"], "CACHEDIR.TAG Y.O x.c x.o"),
        (["--exclude-larger-than", "3000"], whole),
        (["--no-exclude-caches"], "CACHEDIR.TAG Y.O blob large x.c x.o"),
        (["--exclude-if-present", "x.c", "--exclude-if-present", "none"], "CACHEDIR.TAG Y.O large x.c"),
        (["--exclude-file", "rules"], "CACHEDIR.TAG large x.o"),
        (["--exclude-nodump"], whole),
    ])
    func options(_ options: [String], _ expected: String) throws {
        try stage.write("rules", "# what is built\n\n  x.?\n!*.o\r\nY.O\n")
        let made = try stage.shell("vault backup src " + options.map { "'\($0)'" }.joined(separator: " "))
        #expect(made.status == 0, "\(made.errors)")
        #expect(try files() == expected)
    }

    @Test func patternsFromTheInputAndPathsFromLists() throws {
        let piped = try stage.shell("printf '*.o\\nlarge\\n' | vault backup src --exclude-file -")
        #expect(piped.status == 0, "\(piped.errors)")
        #expect(try files() == "CACHEDIR.TAG Y.O x.c")
        let lines = try stage.shell("printf 'src/a/x.o\\n\\nsrc/b\\n' > list; vault backup --files-from list src/a/x.c")
        #expect(lines.status == 0, "\(lines.errors)")
        #expect(try files() == "Y.O large x.c x.o")
        let raw = try stage.shell(
            "n=$(printf 'src/line\\nfeed'); echo 5 > \"$n\"; find src -name '*feed' -print0 | vault backup -0 --files-from -"
        )
        #expect(raw.status == 0, "\(raw.errors)")
        #expect(try files() == "line\nfeed")
        let both = try stage.shell("printf 'src/a/x.o\\0src/b/Y.O\\0' > raw; vault backup --files-from-raw raw --json")
        #expect(try both.json().first?["entries"] as? Int != nil, "\(both.errors)")
        #expect(try files() == "Y.O x.o")
    }

    @Test func dryRun() throws {
        let dry = try stage.vault("backup", "src", "-n", "-v", "--json", "--exclude", "large")
        #expect(dry.status == 0, "\(dry.errors)")
        let lines = try dry.json()
        let result = try #require(lines.last)
        #expect(result["schema"] as? String == "vault/backup-preview/v1")
        // The large file, and what the tag keeps out.
        #expect(
            result["leftOut"] as? Int == 2 && result["bytes"] as? Int == 43 + 6 && result["newBytes"] as? Int == 43 + 6)
        let added = lines.dropLast().filter { $0["kind"] as? String == "added" }.compactMap { $0["path"] as? String }
        #expect(
            added.sorted()
                == ["", "/a", "/a/x.c", "/a/x.o", "/b", "/b/Y.O", "/cache", "/cache/CACHEDIR.TAG"]
                .map { stage.path + "/src" + $0 })
        #expect(try stage.vault("snapshots", "--json").json().first?["snapshots"] as? [String] == [])
        // What was written just before a backup is read again by the next one, and counts as changed.
        #expect(try stage.shell("sleep 2.5; vault backup src").status == 0)
        #expect(try stage.shell("rm -r src/a; echo new > src/b/new").status == 0)
        let text = try stage.vault("backup", "src", "--dry-run", "--verbose")
        #expect(
            text.output.contains("+ \(stage.path)/src/b/new\n")
                && text.output.contains("- 1 entry of \(stage.path)/src\n"))
        #expect(text.output.contains("none, this is a dry run"))
        #expect(!text.output.contains("large\n"))
        #expect(try (stage.vault("snapshots", "--json").json().first?["snapshots"] as? [Any])?.count == 1)
    }

    @Test func skipIfUnchanged() throws {
        let first = try #require(stage.vault("backup", "src", "--skip-if-unchanged", "--json").json().first)
        #expect(first["isUnchanged"] as? Bool == false)
        let second = try #require(stage.vault("backup", "src", "--skip-if-unchanged", "--json").json().first)
        #expect(second["isUnchanged"] as? Bool == true && second["snapshot"] as? String == first["snapshot"] as? String)
        let text = try stage.vault("backup", "src", "--skip-if-unchanged")
        #expect(text.status == 0 && text.output.contains("none, nothing has changed since"))
        #expect(try (stage.vault("snapshots", "--json").json().first?["snapshots"] as? [Any])?.count == 1)
        #expect(try stage.vault("verify").status == 0)
    }

    @Test func repositoryIsNamedAndLeftOut() throws {
        // In a folder of its own: what the program says here goes into a file of the stage, which changes by that.
        let made = try stage.shellSucceeding("mkdir in; mv repo src in; cd in; vault backup . -r repo")
        #expect(
            made.errors.contains("note: \(stage.path)/in/repo: left out, it is the repository itself"),
            "\(made.errors)")
    }

    @Test func wrongUse() throws {
        try stage.vault("backup", "src", "--exclude", "[a").expectFailure(2, "'[a'")
        try stage.vault("backup", "src", "--exclude", "src").expectFailure(2, "left out by a pattern")
        try stage.vault("backup", "src", "--exclude-file", "nowhere").expectFailure(2, "no list nowhere")
        try stage.vault("backup", "--files-from", "src").expectFailure(2, "list src cannot be read")
        try stage.vault("backup", "src", "--exclude-larger-than", "2X").expectFailure(2, "2X")
        try stage.vault("backup", "src", "--exclude-larger-than", "9999999999T").expectFailure(2, "9999999999T")
        try stage.vault("backup", "src", "--exclude-if-present", "a/b").expectFailure(2, "without '/'")
        try stage.vault("backup", "src", "-0").expectFailure(2, "--files-from")
        try stage.vault("backup", "--stdin-name", "x", "--dry-run").expectFailure(2, "for paths")
        try stage.vault("backup", "--command", "x", "--exclude", "y", "--", "true").expectFailure(2, "for paths")
        try stage.vault("backup", "--files-from", "/dev/null").expectFailure(2, "No path")
        try stage.vault("backup", "src", "--files-from", "-", "--exclude-file", "-").expectFailure(2, "once")
    }
}
