internal import VaultBackup

/// Asks a person on the terminal for what stands on the paper. What cannot be right is asked for again at once.
struct KitDialogue {
    let language: Language
    private static let triesMax = 10

    /// The rows of the seed.
    func kit() throws -> RecoveryKit {
        try Terminal.withErrors { try Terminal.show(RecoverPhrase.seedTyping.text(language) + "\n") }
        var rows: [SecretBytes] = []
        while rows.count < RecoveryKit.rowCount {
            let number = rows.count + 1
            let name = RecoverPhrase.row.text(language, ["number": String(number)])
            let row = try ask(name, .rowWrong, isSecret: true) { (typed) throws(FormatError) in
                try RecoveryKit.row(number, typed: typed)
            }
            rows.append(row)
            try Terminal.withErrors {
                try Terminal.show(RecoverPhrase.rowRight.text(language, ["number": String(number)]) + "\n")
            }
        }
        do { return try RecoveryKit(rows: rows) } catch {
            throw VaultError(
                .wrongIdentity, "The seven rows together are not the seed of a recovery kit",
                nextStep: "Compare the rows that were typed without check letters with the paper", cause: error)
        }
    }

    /// The place of the repository; `check` throws for one that cannot be.
    func place(_ check: ([UInt8]) throws -> Void) throws -> [UInt8] {
        try repeated(RecoverPhrase.place.text(language)) { typed in
            let path = PathText.bytes(try Self.text(typed))
            try check(path)
            return path
        }
    }

    /// The anchor; `check` throws for another one.
    func anchor(_ check: ([UInt8]) throws -> Void) throws -> [UInt8] {
        try repeated(RecoverPhrase.anchor.text(language)) { typed in
            let anchor = try RecoveryPaper.anchor(typed: Self.text(typed))
            try check(anchor)
            return anchor
        }
    }

    /// The head; nil when it cannot be read.
    func head() throws -> RecoveryPaper.Head? {
        try repeated(RecoverPhrase.head.text(language)) { typed in
            typed.count == 0 ? nil : try RecoveryPaper.head(typed: Self.text(typed))
        }
    }

    private static func text(_ bytes: SecretBytes) throws(FormatError) -> String {
        guard let text = bytes.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw FormatError("this is not UTF-8")
        }
        return text
    }

    private func repeated<R>(_ prompt: String, _ take: (SecretBytes) throws -> R) throws -> R {
        try ask(prompt, .again, isSecret: false, take)
    }

    /// Asks until `take` does not throw, but not for ever: the terminal may be at its end.
    private func ask<R>(
        _ prompt: String, _ complaint: RecoverPhrase, isSecret: Bool, _ take: (SecretBytes) throws -> R
    ) throws -> R {
        var tries = 1
        while true {
            let typed = try Terminal.withErrors {
                try Terminal.withShownLine(prompt: prompt + ": ", isRemoved: isSecret) { SecretBytes(copying: $0) }
            }
            do { return try take(typed) } catch {
                // What a person cannot mend by typing is not asked again.
                let failure = error as? VaultError
                if tries == Self.triesMax || failure?.code == .interrupted || failure?.code == .damaged {
                    throw failure
                        ?? VaultError(
                            .wrongIdentity, "What was typed is not what stands on a recovery kit",
                            nextStep: "Compare it with the paper and run the command again", cause: error)
                }
                tries += 1
                let reason = failure?.message ?? (error as? FormatError)?.description ?? "\(type(of: error))"
                try Terminal.withErrors { try Terminal.show(complaint.text(language, ["reason": reason]) + "\n") }
            }
        }
    }
}

extension Terminal {
    /// Turns what a terminal cannot do into a sentence.
    fileprivate static func withErrors<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as SystemError {
            if error.isInterruption {
                throw VaultError(.interrupted, "The recovery kit was not entered", nextStep: "Run the command again")
            }
            throw VaultError(
                .wrongIdentity, "A recovery kit is needed, and there is no terminal to type it on",
                nextStep: "Name the text file of the kit, or '-' for standard input", cause: error)
        }
    }
}
