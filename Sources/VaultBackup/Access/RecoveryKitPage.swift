/// The page that is printed and kept in a safe: what a stranger with a fresh machine needs, in one language. It is made
/// as text and as HTML from one list of blocks.
public struct RecoveryKitPage: Sendable {
    /// What the page is about.
    public var file: RecoveryKitFile
    /// Language of the explanations. What is typed or read by the program is the same in all.
    public var language: Language
    /// When it is made.
    public var time: Timestamp

    /// A page as given.
    public init(_ file: RecoveryKitFile, _ language: Language, time: Timestamp) {
        self.file = file
        self.language = language
        self.time = time
    }

    /// A part of the page.
    enum Block {
        case title(String)
        /// Printed, the steps begin a page.
        case heading(String, isSteps: Bool = false)
        case paragraph(String)
        case warning(String)
        /// Lines to fill in by hand.
        case fields([String])
        /// A numbered step, with commands to type or places to look at.
        case step(String, code: [String])
        case bullet(String)
        /// Something to type outside the steps.
        case code(String)
        /// The lines of the kit, which are secret.
        case lines
        /// The rows of the seed, which are secret.
        case rows
        /// The QR code, which is secret; only in HTML.
        case picture(String)
    }

    var blocks: [Block] { cover + contents + instructions + explanations }

    private func text(_ phrase: KitPhrase, _ values: [String: String] = [:]) -> String { phrase.text(language, values) }

    private var cover: [Block] {
        let moment = time.description
        return [
            .title(text(.title)),
            .paragraph(text(.subtitle, ["repository": file.repository?.hex ?? "?"])), .warning(text(.warning)),
            .paragraph(
                text(
                    .printed,
                    [
                        "date": String(moment.prefix(10)), "time": String(moment.dropFirst(11).prefix(5)),
                        "version": Version.text,
                    ])),
            .fields([
                text(.fieldSealed), text(.fieldPlace), text(.fieldPerson), text(.fieldSecond), text(.fieldProgram),
            ]),
        ]
    }

    private var contents: [Block] {
        var blocks: [Block] = [
            .heading(text(.kitHeading)), .paragraph(text(.kitLines)), .lines, .picture(text(.qrTitle)),
            .paragraph(text(.kitRows)), .rows, .paragraph(text(.kitAnchor)),
            .code(Self.groups(file.anchor.hex.prefix(32))),
        ]
        if let head = file.head {
            blocks += [
                .paragraph(text(.kitHead)), .code("\(head.position)  \(Self.groups(head.digest.hex.prefix(16)))"),
            ]
        }
        return blocks
    }

    private var instructions: [Block] {
        [
            .heading(text(.stepsHeading), isSteps: true),
            .step(text(.stepMachine), code: ["apt-get install libssl3 libzstd1 libyaml-0-2"]),
            .step(text(.stepProgram), code: ["install -m 755 vault /usr/local/bin/vault"]),
            .step(text(.stepRepository), code: [file.location ?? "?"]),
            .step(text(.stepTyped), code: ["vault recover --language \(language.rawValue)"]),
            .step(text(.stepScanned), code: ["zbarimg --quiet --raw PICTURE | vault recover -"]),
            .step(
                text(.stepRestore),
                code: ["vault snapshots", "vault ls latest:/", "vault restore latest --target /restored"]),
            .step(text(.stepVerify), code: ["vault verify --read-data"]),
            .step(text(.stepAfter), code: []),
        ]
    }

    private var explanations: [Block] {
        [
            .heading(text(.answersHeading)), .bullet(text(.answerRow)), .bullet(text(.answerPlace)),
            .bullet(text(.answerOther)), .bullet(text(.answerOlder)), .bullet(text(.answerDamage)),
            .heading(text(.limitsHeading)), .paragraph(text(.limitRollback)), .paragraph(text(.limitReprint)),
            .code("vault recovery-kit print --html kit.html"), .paragraph(text(.limitRevocation)),
            .paragraph(text(.limitProgram)),
        ]
    }

    /// Digits in groups of four.
    private static func groups(_ digits: Substring) -> String {
        stride(from: 0, to: digits.count, by: 4).map { String(digits.dropFirst($0).prefix(4)) }.joined(separator: " ")
    }

    /// The rows of the seed, a line each; nothing in them means anything in HTML.
    func addRows(to page: SecretText) {
        for (number, row) in file.kit.rows.enumerated() {
            page.add("row \(number + 1):  ")
            page.add(row)
            page.add("\n")
        }
    }

    /// The lines as they go into the QR code: without the location where it is so long that the code would be too fine
    /// to print.
    func picture() -> QRCode? {
        var short = file
        if let code = QRCode(file.encode(), versions: 1...Self.versionMax) { return code }
        short.location = nil
        return QRCode(short.encode(), versions: 1...Self.versionMax)
    }

    // 105 modules and the margin on 75 mm: about 0.66 mm a module.
    private static let versionMax = 22
}
