import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Patterns, by a table that is compared with restic itself where that is installed.
@Suite struct ExclusionRulesTests {
    private static let hasRestic = runProgram(["restic", "version"])?.status == 0

    private func rules(_ example: ExclusionCase, root: String) throws -> ExclusionRules {
        var rules = ExclusionRules()
        for pattern in example.patterns {
            let text = pattern.replacingOccurrences(of: "@", with: root)
            try rules.add(Array(text.utf8), ignoringCase: example.isCaseIgnored)
        }
        return rules
    }

    @Test(arguments: ExclusionCase.all) func table(_ example: ExclusionCase) throws {
        let rules = try rules(example, root: "/some/root")
        var leftOut: [String] = []
        for path in ExclusionCase.tree {
            let isDirectory = path.hasSuffix("/")
            guard rules.excludes(Array("/some/root/\(path)".utf8), isDirectory: isDirectory) else { continue }
            if !leftOut.contains(where: { $0.hasSuffix("/") && path.hasPrefix($0) }) { leftOut.append(path) }
        }
        #expect(leftOut == example.leftOut)
    }

    /// What restic leaves out of the tree, from the list of what it would save.
    @Test(.enabled(if: hasRestic)) func resticAgrees() throws {
        let folder = try TemporaryDirectory()
        let root = folder.path + "/root"
        for path in ExclusionCase.tree {
            if path.hasSuffix("/") {
                try FileManager.default.createDirectory(atPath: "\(root)/\(path)", withIntermediateDirectories: true)
            } else {
                try Data("x".utf8).write(to: URL(fileURLWithPath: "\(root)/\(path)"))
            }
        }
        let restic = ["env", "RESTIC_PASSWORD=x", "restic", "--no-cache", "-r", folder.path + "/repository"]
        try #require(runProgram(restic + ["init", "--quiet"])?.status == 0)
        for example in ExclusionCase.all {
            let option = example.isCaseIgnored ? "--iexclude" : "--exclude"
            let patterns = example.patterns.map { option + "=" + $0.replacingOccurrences(of: "@", with: root) }
            let run = try #require(runProgram(restic + ["backup", "--dry-run", "-vv", root] + patterns))
            try #require(run.status == 0, "\(run.output)")
            let saved = Set(
                run.output.split(separator: "\n").compactMap { line -> String? in
                    guard line.hasPrefix("new "), let end = line.range(of: ", saved in") else { return nil }
                    let path = line[..<end.lowerBound].dropFirst("new       ".count)
                    return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : nil
                })
            var leftOut: [String] = []
            for path in ExclusionCase.tree where !saved.contains(path) {
                if !leftOut.contains(where: { $0.hasSuffix("/") && path.hasPrefix($0) }) { leftOut.append(path) }
            }
            #expect((leftOut == example.leftOut) == (example.difference == nil), "\(example.patterns): \(leftOut)")
        }
    }

    @Test(arguments: ["", "!", "/", "[a", "[]", "[a-]", "[z-a]", "a\\", "a/../b", "[a/b]", "./", "[^]"])
    func refused(_ pattern: String) throws {
        var rules = ExclusionRules()
        let error = #expect(throws: VaultError.self) { try rules.add(Array(pattern.utf8)) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("'\(PathText.readable(Array(pattern.utf8)))'") == true)
        #expect(rules.isEmpty)
    }

    @Test func namesAreBytes() throws {
        var rules = ExclusionRules()
        try rules.add([0xff, UInt8(ascii: "?")])
        try rules.add([UInt8(ascii: "["), 0xf0, UInt8(ascii: "-"), 0xf8, UInt8(ascii: "]")])
        #expect(rules.excludes([0xff, 0xfe], isDirectory: false))
        #expect(rules.excludes([0x61, 0x2f, 0xf4], isDirectory: false))
        #expect(!rules.excludes([0xff], isDirectory: false))
        #expect(!rules.excludes([0xef], isDirectory: false))
    }

    @Test func linesOfAFile() throws {
        var rules = ExclusionRules()
        try rules.add(lines: Array("\u{feff}# comment\r\n\n  *.o \t\r\n!keep.o\n#other\n".utf8))
        #expect(rules.rules.map(\.text) == ["*.o", "!keep.o"].map { Array($0.utf8) })
    }

    @Test func pathsAboveDecideToo() throws {
        var rules = ExclusionRules()
        try rules.add(Array("/a/".utf8))
        #expect(rules.excludes(Array("/a/b/c".utf8), isDirectory: false))
        #expect(!rules.excludes(Array("/a".utf8), isDirectory: false))
        #expect(!rules.excludes(Array("/b/a".utf8), isDirectory: true))
        #expect(!rules.excludes([], isDirectory: true))
    }

    /// A slow matcher takes ages for these.
    @Test func manyStarsAreNotSlow() throws {
        var rules = ExclusionRules()
        try rules.add(Array((String(repeating: "*a", count: 60) + "b").utf8))
        try rules.add(Array((String(repeating: "**/a/", count: 60) + "b").utf8))
        let name = String(repeating: "a", count: 255)
        within(.seconds(60)) {
            #expect(!rules.excludes(Array(name.utf8), isDirectory: false))
            #expect(!rules.excludes(Array(String(repeating: "a/", count: 200).utf8), isDirectory: true))
            #expect(rules.excludes(Array((String(repeating: "a/", count: 200) + "b").utf8), isDirectory: true))
        }
    }

    /// Against an independent matcher: all subsets of splits, without any cleverness.
    @Test func randomPatternsAgreeWithASimpleMatcher() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("ExclusionRulesTests seed \(seed)")
        var random = SplitMix(seed: seed)
        var hits = 0
        for _ in 0..<4000 {
            let pattern = (0..<Int(random.next() % 4 + 1)).map { _ in
                ["a", "b", "**", "*", "a*", "?"][Int(random.next() % 6)]
            }
            let path = (0..<Int(random.next() % 5 + 1)).map { _ in ["a", "b", "ab", "ba"][Int(random.next() % 4)] }
            let isRooted = random.next() % 2 == 0
            var rules = ExclusionRules()
            try rules.add(Array(((isRooted ? "/" : "") + pattern.joined(separator: "/")).utf8))
            let expected = (1...path.count).contains { end in
                (isRooted ? 0...0 : 0...end - 1).contains { start in Self.simple(pattern[...], path[start..<end]) }
            }
            let found = rules.excludes(Array(path.joined(separator: "/").utf8), isDirectory: true)
            #expect(found == expected, "\(pattern) \(path) rooted \(isRooted), seed \(seed)")
            hits += found ? 1 : 0
        }
        #expect((400...3600).contains(hits))
    }

    private static func simple(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == "**" {
            return (0...path.count).contains { simple(pattern.dropFirst(), path.dropFirst($0)) }
        }
        guard let name = path.first else { return false }
        let matches =
            switch first {
            case "*": true
            case "a*": name.hasPrefix("a")
            case "?": name.count == 1
            default: name == first
            }
        return matches && simple(pattern.dropFirst(), path.dropFirst())
    }
}
