/// What a rule found.
struct Finding: CustomStringConvertible, Equatable {
    let path: String
    /// From 1.
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// The rules of the source code that a machine can check, each a function from files to findings.
enum TidyRules {
    /// Folders of the library, lowest level first. A folder may use itself and the folders of the levels before its
    /// own.
    static let levels: [[String]] = [
        ["Support"],
        ["Policy", "Format", "System", "Concurrency", "Chunking"],
        ["Crypto", "Compression"],
        ["Storage", "Printing"],
        ["Access", "Log"],
        ["Repository"],
        ["Snapshot"],
        ["Databases"],
        ["Drills", "Merge"],
        ["Operations"],
        ["Reports"],
    ]

    /// Modules that only some folders may import. Storage has the C library for the names of error numbers.
    static let importers: [String: Set<String>] = [
        "COpenSSL": ["Crypto"],
        "CToken": ["Crypto"],
        "CZstd": ["Compression"],
        "CYaml": ["Policy"],
        "CLinux": ["System"],
        "Glibc": ["System", "Concurrency", "Storage"],
        "Foundation": [],
        "FoundationEssentials": [],
        "Dispatch": [],
    ]

    static let fileLinesMax = 500
    static let fileLinesWarned = 300
    static let functionLinesMax = 70
    static let reasonDistanceMax = 5

    // MARK: Layers

    /// Each use of a type by a folder that may not know it.
    ///
    /// Only types at the top level of a file count, and only by name: a member that an extension in another folder adds
    /// is not seen.
    static func layers(_ files: [SourceFile]) -> [Finding] {
        let files = files.filter { $0.target == "VaultBackup" }
        var homes: [String: Set<String>] = [:]
        for file in files {
            for name in declaredTypes(file, isNested: false) { homes[name, default: []].insert(file.folder) }
        }
        var findings: [Finding] = []
        for file in files {
            guard let level = level(of: file.folder) else {
                findings.append(
                    Finding(path: file.path, line: 1, message: "the folder \(file.folder) has no level in TidyRules"))
                continue
            }
            let own = declaredTypes(file, isNested: true)
            for word in file.words() where word.previous != UInt8(ascii: ".") && !own.contains(word.text) {
                guard let places = homes[word.text], !places.contains(file.folder) else { continue }
                guard places.allSatisfy({ (self.level(of: $0) ?? 0) >= level }) else { continue }
                let message = "\(file.folder) may not use \(word.text) of \(places.sorted().joined(separator: ", "))"
                findings.append(Finding(path: file.path, line: word.line + 1, message: message))
            }
        }
        return findings
    }

    private static func level(of folder: String) -> Int? { levels.firstIndex { $0.contains(folder) } }

    /// Names of types that other files can see; or, with `isNested`, of all types and generic parameters of the file.
    private static func declaredTypes(_ file: SourceFile, isNested: Bool) -> Set<String> {
        let kinds: Set = ["struct", "enum", "class", "actor", "protocol", "typealias"]
        var names: Set<String> = []
        for line in SourceFile.perLine(file.words()) {
            guard let place = line.firstIndex(where: { kinds.contains($0.text) }), place + 1 < line.count else {
                continue
            }
            let isIndented = file.code[line[place].line].first == " "
            let isHidden = line[..<place].contains { $0.text == "private" || $0.text == "fileprivate" }
            if isNested {
                names.insert(line[place + 1].text)
                let isGeneric = place + 2 < line.count && line[place + 1].next == UInt8(ascii: "<")
                if isGeneric { names.insert(line[place + 2].text) }
            } else if !isIndented, !isHidden {
                names.insert(line[place + 1].text)
            }
        }
        return names
    }

    // MARK: Imports and banned calls

    /// Imports of modules that a folder may not import.
    static func imports(_ files: [SourceFile]) -> [Finding] {
        files.filter { $0.target == "VaultBackup" }.flatMap { file in
            SourceFile.perLine(file.words()).compactMap { line -> Finding? in
                guard let place = line.firstIndex(where: { $0.text == "import" }), place + 1 < line.count else {
                    return nil
                }
                let module = line[place + 1].text
                guard let allowed = importers[module], !allowed.contains(file.folder) else { return nil }
                let places =
                    allowed.isEmpty ? "nowhere in the library" : "only in " + allowed.sorted().joined(separator: ", ")
                let message = "\(module) is imported \(places)"
                return Finding(path: file.path, line: line[place].line + 1, message: message)
            }
        }
    }

    /// Calls that have a better replacement, and work left undone.
    static func bans(_ files: [SourceFile]) -> [Finding] {
        // Written apart, so that a search for such words does not find this line.
        let unfinished = ["TO" + "DO", "FIX" + "ME"]
        var findings: [Finding] = []
        for file in files {
            for word in file.words() {
                guard let message = ban(word, isEngine: file.target == "VaultBackup") else { continue }
                findings.append(Finding(path: file.path, line: word.line + 1, message: message))
            }
            for (number, line) in file.lines.enumerated() where unfinished.contains(where: line.contains) {
                findings.append(Finding(path: file.path, line: number + 1, message: "finish it, or open an issue"))
            }
        }
        return findings
    }

    private static func ban(_ word: SourceFile.Word, isEngine: Bool) -> String? {
        let isCall = word.next == UInt8(ascii: "(") && word.previous != UInt8(ascii: ".")
        let isForced = word.next == UInt8(ascii: "!")
        switch word.text {
        case "try" where isForced: return "try! ends the process: throw, or handle the error"
        case "as" where isForced: return "as! ends the process: use as? and handle nil"
        case "print" where isCall && isEngine: return "the engine never prints: use an EventSink"
        case "fatalError" where isCall: return "throw for what the world does, precondition for what the caller does"
        case "Date" where isCall: return "take the time from a TimeSource"
        case "FileManager": return "use System"
        case "DispatchSemaphore", "DispatchQueue", "NSLock": return "use Concurrency"
        default: return nil
        }
    }

    // MARK: Sizes and reasons

    /// Files that are too long.
    static func fileLengths(_ files: [SourceFile], max: Int = fileLinesMax) -> [Finding] {
        files.filter { $0.lines.count - 1 > max }.map {
            Finding(path: $0.path, line: $0.lines.count - 1, message: "a file has at most \(max) lines")
        }
    }

    /// Functions that do not fit a screen. The end is found by indentation, which the formatter guarantees.
    static func functionLengths(_ files: [SourceFile]) -> [Finding] {
        let kinds: Set = ["func", "init", "deinit", "subscript"]
        return files.flatMap { file in
            SourceFile.perLine(file.words()).compactMap { line -> Finding? in
                guard let place = line.firstIndex(where: { kinds.contains($0.text) }) else { return nil }
                // A call, as in `.init(…)`, is no declaration; neither is one in the middle of an expression.
                guard line[place].previous == 0x20 || place == 0, isDeclaration(line[..<place]) else { return nil }
                let length = functionLength(file.code, from: line[place].line)
                guard length > functionLinesMax else { return nil }
                let message = "a function has at most \(functionLinesMax) lines, this one \(length)"
                return Finding(path: file.path, line: line[place].line + 1, message: message)
            }
        }
    }

    private static func isDeclaration(_ before: ArraySlice<SourceFile.Word>) -> Bool {
        let modifiers: Set = [
            "public", "internal", "private", "fileprivate", "package", "static", "class", "final", "mutating",
            "consuming", "borrowing", "override", "convenience", "required", "nonisolated", "inline", "__always",
            "never",
            "discardableResult", "inlinable", "usableFromInline",
        ]
        return before.allSatisfy { modifiers.contains($0.text) }
    }

    private static func functionLength(_ code: [String], from start: Int) -> Int {
        let depth = indentation(code[start])
        for number in code.indices.dropFirst(start + 1) {
            let rest = code[number].drop { $0 == " " }
            guard !rest.isEmpty else { continue }
            let here = indentation(code[number])
            if here > depth { continue }
            guard here == depth else { return 1 }
            if rest.first == "}" { return number - start + 1 }
            // The header goes on.
            guard rest.first == ")" || rest.hasPrefix("where") || rest.hasPrefix("{") else { return 1 }
        }
        return 1
    }

    private static func indentation(_ line: String) -> Int { line.utf8.prefix { $0 == 0x20 }.count }

    /// Promises to the compiler that nobody explained: each needs a comment near it that says why it holds.
    static func unexplained(_ files: [SourceFile]) -> [Finding] {
        files.flatMap { file in
            file.code.indices.compactMap { number -> Finding? in
                let line = file.code[number]
                guard line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") else { return nil }
                let near = max(0, number - reasonDistanceMax)...min(file.lines.count - 1, number + reasonDistanceMax)
                let comments = file.lines[near].filter { $0.drop { $0 == " " }.hasPrefix("//") }
                if comments.contains(where: isReason) { return nil }
                return Finding(path: file.path, line: number + 1, message: "say in a comment why this promise holds")
            }
        }
    }

    // A sentence about something else would not do.
    private static func isReason(_ comment: String) -> Bool {
        ["nchecked", "unsafe", "thread", "mutex", "written", "lock"].contains(where: comment.contains)
    }
}

extension SourceFile {
    /// Words of each line that has any.
    static func perLine(_ words: [Word]) -> [[Word]] {
        var lines: [[Word]] = []
        for word in words {
            if lines.last?.last?.line == word.line { lines[lines.count - 1].append(word) } else { lines.append([word]) }
        }
        return lines
    }
}
