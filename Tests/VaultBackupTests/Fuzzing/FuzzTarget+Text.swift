@testable import VaultBackup

/// What users write: patterns, paths, times. The first byte of some inputs is the length of their first part.
extension FuzzTarget {
    static let text: [FuzzTarget] = [
        FuzzTarget(
            name: "exclusion-rules",
            seeds: {
                ["*.o\n!keep/**/x\n/a/[a-z\\]]?\n# c\nb/\n", "**/**/a*b*c*d"].map { [6] + Array(("a/xo/b" + $0).utf8) }
            }
        ) { input in
            let (path, lines) = FuzzWorld.split(input)
            var rules = ExclusionRules()
            do { try rules.add(lines: lines) } catch is VaultError { return false }
            let names = path.split(separator: 0x2f).map { Array($0) }
            let isOut = rules.excludes(path, isDirectory: true)
            // What is below an excluded directory is excluded.
            if isOut, !names.isEmpty {
                try FuzzFinding.require(
                    rules.excludes(path + [0x2f, 0x61], isDirectory: false), "below is not excluded")
            }
            return true
        },
        FuzzTarget(
            name: "find-pattern",
            seeds: { ["*.[ch]", "a/**/b?", "[!a-z]*", "\\*[a]"].map { [3] + Array(("a/b" + $0).utf8) } }
        ) { input in
            let (path, text) = FuzzWorld.split(input)
            guard let pattern = try? PathPattern(text) else { return false }
            // Upwards from the entry and downwards from the root the answer is one.
            let names = path.split(separator: 0x2f).map { Array($0) }
            guard let last = names.last else { return true }
            let directory = PathChain.of(Array(names.dropLast().joined(separator: [0x2f])))
            let upwards = last.withUnsafeBytes { pattern.matches($0, isDirectory: true, in: directory) }
            let patterns = PathPatterns([pattern])
            var (progress, downwards) = (patterns.start, false)
            for name in names { (progress, downwards) = patterns.step(progress, name, isDirectory: true) }
            try FuzzFinding.require(
                upwards == downwards,
                "\(PathText.readable(text)) for \(PathText.readable(path)): \(upwards), \(downwards)")
            return true
        },
        FuzzTarget(
            name: "snapshot-path", seeds: { ["latest:/a/./b", "0123abcd:/", "latest:x"].map { Array($0.utf8) } }
        ) {
            guard let path = try? SnapshotPath($0) else { return false }
            let names = path.path.split(separator: 0x2f, omittingEmptySubsequences: false)
            try FuzzFinding.require(
                path.path.isEmpty || !names.contains { $0.isEmpty || $0.elementsEqual("..".utf8) },
                "a path that leads up")
            return true
        },
        FuzzTarget(
            name: "object-name",
            seeds: {
                ["packs/ab/ab" + String(repeating: "0", count: 62), "log/000000000/00000000000a"].map { Array($0.utf8) }
            }
        ) {
            guard let text = String(validating: $0, as: UTF8.self), let name = ObjectName(text) else { return false }
            try FuzzFinding.require(name.text.hasSameBytes(as: text), "another name")
            try FuzzFinding.require(!text.contains(".."), "a name that leads up")
            _ = name.recordPosition
            return true
        },
        FuzzTarget(
            name: "timestamp",
            seeds: { ["2024-02-29T23:59:59.999Z", "1970-01-01T00:00:00.000Z"].map { Array($0.utf8) } }
        ) {
            let text = String(decoding: $0, as: UTF8.self)
            guard let time = Timestamp(text) else { return false }
            try FuzzFinding.require(time.description.hasSameBytes(as: text), "another time")
            return true
        },
        FuzzTarget(name: "text-codecs", seeds: { ["00ff", "AAE=", "AAEC", "abcd"].map { Array($0.utf8) } }) {
            let text = String(decoding: $0, as: UTF8.self)
            let (hex, base64) = (Hex.decode(text), Base64.decode(text))
            try FuzzFinding.require(hex.map { Hex.encode($0) == text } ?? true, "hex of another form")
            try FuzzFinding.require(base64.map { Base64.encode($0) == text } ?? true, "base64 of another form")
            return hex != nil || base64 != nil
        },
        FuzzTarget(
            name: "policy",
            seeds: {
                [
                    "sources:\n  paths: [/etc, '/a b']\n  exclude: ['*.tmp']\nretention: {keep-daily: 7}\nlevel: 3\n",
                    "sources: {databases: [postgres:x]}\ncopies:\n  - path: /c\n    offsite: true\ndrill: {sample: 5}\n",
                ].map { Array($0.utf8) }
            }
        ) {
            var problems: [PolicyProblem] = []
            guard let text = PolicyText(file: [0x66], $0, &problems) else {
                try FuzzFinding.require(problems.hasErrors, "refused without a word")
                return false
            }
            let draft = PolicyDecoder.decode(text, defaults: text, name: "web")
            draft.check(text)
            if (problems + draft.log.problems).hasErrors { return false }
            // What is accepted is written, and read as the same.
            let written = PolicyWriter(draft.policy).text
            guard let again = PolicyText(file: [0x66], Array(written.utf8), &problems) else {
                throw FuzzFinding(description: "what is written cannot be read: \(written)")
            }
            let second = PolicyDecoder.decode(again, defaults: nil, name: "web")
            try FuzzFinding.require(second.policy == draft.policy, "another policy: \(written)")
            return true
        },
        FuzzTarget(name: "path-text", seeds: { [Array("a\u{202e}b\\\u{7}ü".utf8), [0xff, 0xc2, 0x61]] }) {
            let text = PathText.readable($0)
            let isHarmless = text.unicodeScalars.allSatisfy {
                switch $0.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: false
                default: true
                }
            }
            try FuzzFinding.require(isHarmless, "a character that can drive a terminal")
            return true
        },
    ]
}

extension FuzzWorld {
    /// The first part, as long as the first byte says, and the rest.
    static func split(_ input: [UInt8]) -> ([UInt8], [UInt8]) {
        guard let count = input.first else { return ([], []) }
        let rest = input.dropFirst()
        return (Array(rest.prefix(Int(count))), Array(rest.dropFirst(Int(count))))
    }
}
