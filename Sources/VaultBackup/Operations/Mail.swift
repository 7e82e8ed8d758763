/// A letter that the machine's `sendmail` takes: plain text in UTF-8.
///
/// 1. Nothing in an address or a subject begins another line, so that no name makes up a header.
/// 2. The addresses stand in the letter only: one that begins with a dash would be an option of the program.
struct Mail: Sendable {
    /// Where a mail program is found on every machine that has one.
    static let sendmail = Array("/usr/sbin/sendmail".utf8)

    /// To whom it goes.
    var addresses: [String]
    /// What it is about, in one line.
    var subject: String
    /// What it says.
    var lines: [String]

    /// The letter as it is handed over.
    var bytes: [UInt8] {
        let head = [
            "To: \(addresses.map(Self.oneLine).joined(separator: ", "))",
            "Subject: \(Self.encoded(Self.oneLine(subject)))", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
        ]
        return Array((head + lines.map(Self.oneLine)).map { $0 + "\n" }.joined().utf8)
    }

    /// Sends it.
    /// - Parameter seconds: for how long the program may run.
    /// - Throws: ``VaultError`` `.failed` when there is no such program, or it refuses or hangs; `.interrupted`.
    func send(
        through program: [UInt8] = Mail.sendmail, seconds: Int = Delivery.secondsMax, _ cancellation: Cancellation
    ) throws {
        let delivery = Delivery(
            subject: "mail",
            nextStep: "Install a mail program that has /usr/sbin/sendmail, or see why it sends nothing",
            program: program, arguments: ["-t", "-oi"].map { Array($0.utf8) }, seconds: seconds)
        try delivery.send(bytes, cancellation)
    }

    private static func oneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: "?"
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// A header holds ASCII; any other text is written in pieces of base64 (RFC 2047), which fit lines of 76
    /// characters.
    private static func encoded(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        var pieces: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if pieces[pieces.count - 1].count + bytes.count > 39 { pieces.append([]) }
            pieces[pieces.count - 1] += bytes
        }
        return pieces.map { "=?utf-8?B?\(Base64.encode($0))?=" }.joined(separator: "\n ")
    }
}
