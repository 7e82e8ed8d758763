import Foundation
import Testing

@Suite("Tidy") struct TidyTests {
    /// All Swift files below `Sources`.
    static let files: [SourceFile] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")
        guard let paths = FileManager.default.enumerator(atPath: root.path) else { return [] }
        return paths.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
            return text.map { SourceFile(path: path, text: $0) }
        }
    }()

    private func expectNone(_ findings: [Finding], _ location: SourceLocation = #_sourceLocation) {
        for finding in findings { Issue.record("\(finding)", sourceLocation: location) }
    }

    @Test func sourcesAreFound() {
        #expect(Self.files.count > 100)
        #expect(Self.files.contains { $0.folder == "Format" })
    }

    @Test func layersHold() { expectNone(TidyRules.layers(Self.files)) }
    @Test func layersSeeTheRealTypes() {
        let intruder = SourceFile(path: "VaultBackup/Support/Intruder.swift", text: "let a: Repository?, b: Digest")
        #expect(TidyRules.layers(Self.files + [intruder]).filter { $0.path == intruder.path }.count == 1)
    }

    @Test func importsStayInTheirFolders() { expectNone(TidyRules.imports(Self.files)) }
    @Test func nothingBannedIsUsed() { expectNone(TidyRules.bans(Self.files)) }
    @Test func functionsFitAScreen() { expectNone(TidyRules.functionLengths(Self.files)) }
    @Test func uncheckedPromisesAreExplained() { expectNone(TidyRules.unexplained(Self.files)) }

    @Test func filesAreShort() {
        expectNone(TidyRules.fileLengths(Self.files))
        for finding in TidyRules.fileLengths(Self.files, max: TidyRules.fileLinesWarned) {
            print("warning: \(finding.path) has \(finding.line) lines; more than one idea?")
        }
    }
}

/// The rules themselves, on small strings.
@Suite("Tidy rules") struct TidyRulesTests {
    private func file(_ path: String, _ text: String) -> SourceFile {
        SourceFile(path: "VaultBackup/\(path)", text: text)
    }

    @Test(arguments: [
        ("let a = 1 // Record", "let a = 1          "),
        ("/* a /* b */ c */ d", "                  d"),
        (#"f("Record \(Name.of("x")) y") + g"#, #"f(          Name.of(   )    ) + g"#),
        (##"#"no \(code) here"# + \#(1)"##, ##"                    + \#(1)"##),
        (#""\"" + a"#, #"     + a"#),
    ])
    func blanksCommentsAndStrings(_ text: String, _ code: String) {
        #expect(file("Format/A.swift", text).code == [code])
    }

    @Test func blanksStringsOfSeveralLines() {
        let text = "let a = \"\"\"\n  say \"Record\"\n  \"\"\"\nRecord"
        #expect(file("Format/A.swift", text).words().map(\.text) == ["let", "a", "Record"])
        #expect(file("Format/A.swift", text).words().last?.line == 3)
    }

    @Test func findsUseOfAHigherLayer() {
        let low = file("Format/A.swift", "// Session is fine here\nstruct A {\n    var session: Session?\n}")
        let high = file("Repository/B.swift", "public final class Session {\n    var a: A\n}")
        #expect(
            TidyRules.layers([low, high]).map(\.description) == [
                "VaultBackup/Format/A.swift:3: Format may not use Session of Repository"
            ])
    }

    @Test func findsUseOfASibling() {
        let log = file("Log/A.swift", "struct Chain {}\nlet kit = Kit()")
        let access = file("Access/B.swift", "public struct Kit {}")
        #expect(TidyRules.layers([log, access]).map(\.line) == [2])
    }

    @Test func allowsLowerLayersMembersAndOwnNames() {
        let support = file("Support/S.swift", "public enum Hex {}\nprivate struct Kit {}")
        let access = file("Access/B.swift", "public struct Kit {}\npublic struct Box {}")
        let log = file("Log/A.swift", "struct Chain<Box> {\n    let a = Hex.self, b = x.Kit, c: Box\n}")
        #expect(TidyRules.layers([support, access, log]).isEmpty)
    }

    @Test func findsAFolderWithoutALevel() {
        #expect(TidyRules.layers([file("Misc/A.swift", "")]).count == 1)
    }

    @Test(arguments: [
        ("Format/A.swift", "internal import COpenSSL", 1), ("Crypto/A.swift", "internal import COpenSSL", 0),
        ("Crypto/A.swift", "import Glibc", 1), ("System/A.swift", "import Glibc\nimport CLinux", 0),
        ("Storage/A.swift", "import CLinux", 1), ("Log/A.swift", "public import Foundation", 1),
        ("Snapshot/A.swift", "import CZstd", 1), ("Log/A.swift", "// import Foundation", 0),
    ])
    func checksImports(_ path: String, _ text: String, _ count: Int) {
        #expect(TidyRules.imports([file(path, text)]).count == count)
    }

    @Test(arguments: [
        ("let a = try! f()", 1), ("let a = try f()", 0), ("x as! Int", 1), ("x as? Int", 0), ("print(1)", 1),
        ("out.print(1)", 0), ("blueprint(1)", 0), ("\"print(1)\"", 0), ("fatalError()", 1), ("Date()", 1),
        ("update(Dates())", 0), ("FileManager.default", 1), ("// " + "TO" + "DO: later", 1), ("// Date() is banned", 0),
    ])
    func findsBannedCalls(_ text: String, _ count: Int) {
        #expect(TidyRules.bans([file("Log/A.swift", text)]).count == count)
    }

    @Test func theCommandLineMayPrint() {
        #expect(TidyRules.bans([SourceFile(path: "vault/Output/A.swift", text: "print(1)")]).isEmpty)
    }

    @Test(arguments: [69, 70, 71, 200])
    func measuresFunctions(_ length: Int) {
        let header = "    public static func f(\n        _ a: Int\n    ) {\n\n"
        let body = String(repeating: "        a(B.init(1))\n", count: length - 5)
        let text = "struct A {\n\(header)\(body)    }\n\n    func g() {}\n}\n"
        let findings = TidyRules.functionLengths([file("Log/A.swift", text)])
        #expect(findings.map(\.line) == (length > 70 ? [2] : []))
    }

    @Test func aRequirementHasNoLength() {
        let rest = String(repeating: "    func f()\n", count: 100)
        #expect(TidyRules.functionLengths([file("Log/A.swift", "protocol A {\n\(rest)}\n")]).isEmpty)
    }

    @Test func measuresFiles() {
        let line = "let a = 1\n"
        #expect(TidyRules.fileLengths([file("Log/A.swift", String(repeating: line, count: 500))]).isEmpty)
        #expect(TidyRules.fileLengths([file("Log/A.swift", String(repeating: line, count: 501))]).count == 1)
    }

    @Test(arguments: [
        ("/// Unchecked: written once.\nfinal class A: @unchecked Sendable {}", 0),
        ("final class A: @unchecked Sendable {}", 1),
        ("/// A box.\nfinal class A: @unchecked Sendable {}", 1),
        ("// Unchecked.\n\n\n\n\n\nfinal class A: @unchecked Sendable {}", 1),
        ("/// `@unchecked Sendable` is explained.", 0),
    ])
    func findsUnexplainedPromises(_ text: String, _ count: Int) {
        #expect(TidyRules.unexplained([file("Log/A.swift", text)]).count == count)
    }
}
