import Testing

@testable import VaultBackup

/// The one pattern language, in its three uses: what is left out of a backup, restored, and looked for.
@Suite struct PathPatternTests {
    /// Whether a pattern means an entry, upwards as rules do; the same downwards as a search does must agree.
    private func matches(_ pattern: String, _ path: [UInt8], isDirectory: Bool = true) throws -> Bool {
        let pattern = try PathPattern(Array(pattern.utf8))
        let names = path.split(separator: 0x2f).map { Array($0) }
        let directory = PathChain.of(Array(names.dropLast().joined(separator: [0x2f])))
        let upwards = (names.last ?? []).withUnsafeBytes {
            pattern.matches($0, isDirectory: isDirectory, in: directory)
        }
        let patterns = PathPatterns([pattern])
        var progress = patterns.start
        var downwards = false
        for (index, name) in names.enumerated() {
            (progress, downwards) = patterns.step(
                progress, name, isDirectory: index < names.count - 1 || isDirectory)
        }
        #expect(upwards == downwards, "\(pattern.text) on \(path)")
        return upwards
    }

    @Test(arguments: [
        ("*.conf", "etc/a.conf", true), ("*.conf", ".conf", true), ("*.conf", "etc/a.conf/b", false),
        ("a", "x/y/a", true), ("a", "x/ab", false), ("a?c", "abc", true), ("a?c", "ac", false), ("a?c", "aäc", true),
        ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("[!a-c]x", "dx", true), ("[^a-c]x", "ax", false),
        ("[\\]]x", "]x", true), ("[ä-ü]", "ö", true), ("[a-]", "a-", false), ("\\*", "*", true), ("\\*", "a", false),
        ("*", "anything", true), ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-b-b", false), ("A", "a", false),
        ("*a*b*c*", "xxaxxbxxcxx", true), ("**", "a/b", true), ("*?", "é", true), ("*??", "é", false),
        ("/etc/ssh", "etc/ssh", true), ("/etc/ssh", "x/etc/ssh", false), ("ssh/config", "etc/ssh/config", true),
        ("ssh/config", "etc/ssh/x/config", false), ("/etc/*", "etc/a", true), ("/etc/*", "etc/a/b", false),
        ("/etc/**/b", "etc/b", true), ("/etc/**/b", "etc/x/y/b", true), ("/etc/**/b", "etc/x/y/c", false),
        ("/etc/**", "etc/x/y", true), ("/**/b/**/c", "a/b/d/b/c", true), ("**/x/**/y", "a/x/x/b/y", true),
        ("etc/*.conf", "usr/etc/a.conf", true), ("/*/b", "a/b", true), ("a/", "x/a", true), ("./a//b", "a/b", true),
    ])
    func pattern(_ pattern: String, _ path: String, _ isMatch: Bool) throws {
        if pattern == "[a-]" {
            #expect(throws: VaultError.self) { try PathPattern(Array(pattern.utf8)) }
        } else {
            #expect(try matches(pattern, Array(path.utf8)) == isMatch, "\(pattern) on \(path)")
        }
    }

    @Test func aSlashAtTheEndMeansDirectories() throws {
        #expect(try matches("a/", Array("x/a".utf8), isDirectory: true))
        #expect(try !matches("a/", Array("x/a".utf8), isDirectory: false))
    }

    @Test func bytesThatAreNoText() throws {
        func isMatch(_ pattern: [UInt8], _ name: [UInt8]) throws -> Bool { try NamePattern(pattern).matches(name) }
        #expect(try isMatch([0x61, 0x3f, 0x62], [0x61, 0xff, 0x62]))
        #expect(try isMatch([0xff, 0x2a], [0xff, 0xfe]))
        #expect(try !isMatch([0xff], [0xfe]))
        // A byte alone is not the character with its number.
        #expect(try !isMatch(Array("[ÿ]".utf8), [0xff]))
        #expect(try !isMatch([0x5b, 0xff, 0x5d], Array("ÿ".utf8)))
        // Neither a surrogate nor a long form is a character.
        #expect(try isMatch(Array("???".utf8), [0xed, 0xa0, 0x80]))
        #expect(try isMatch(Array("??".utf8), [0xc0, 0xaf]))
    }

    /// What restic was compared with for backups holds for the two other uses.
    @Test(arguments: ExclusionCase.all) func restoreAndSearchAgreeWithBackup(_ example: ExclusionCase) throws {
        var rules = ExclusionRules()
        let texts = example.patterns.map { Array($0.replacing("@", with: "/root").utf8) }
        for text in texts { try rules.add(text, ignoringCase: example.isCaseIgnored) }
        let selection = RestoreSelection(include: ExclusionRules(), exclude: rules)
        let search = PathPatterns([try PathPattern(texts[0], ignoringCase: example.isCaseIgnored)])
        for path in ExclusionCase.tree {
            let full = Array("/root/\(path)".utf8)
            let isDirectory = path.hasSuffix("/")
            let isLeftOut = rules.excludes(full, isDirectory: isDirectory)
            #expect((selection.place(full, isDirectory: isDirectory).verdict == .excluded) == isLeftOut, "\(path)")
            guard texts.count == 1, texts[0].first != UInt8(ascii: "!") else { continue }
            var progress = search.start
            var isFound = false
            let names = full.split(separator: 0x2f)
            for (index, name) in names.enumerated() {
                let step = search.step(progress, Array(name), isDirectory: index < names.count - 1 || isDirectory)
                progress = step.0
                isFound = isFound || step.isMatch
            }
            #expect(isFound == isLeftOut, "\(path)")
        }
    }

    @Test func manyStarsAreNotSlow() throws {
        let pattern = String(repeating: "*a", count: 100) + "b"
        #expect(try !matches(pattern, [UInt8](repeating: 0x61, count: 250)))
    }

    /// A chain of any length is released without a deep stack.
    @Test func aLongChainEndsQuietly() {
        var chain: PathChain?
        for _ in 0..<1_000_000 { chain = PathChain(chain, [0x61]) }
        #expect(chain?.depth == 1_000_000)
        chain = nil
    }
}
