internal import VaultBackup

/// Where the program writes. Results go to the output, everything else to the errors.
///
/// Rules: one sentence says what failed and on what; the next step stands on a line of its own; nothing that comes from
/// outside reaches a terminal unescaped; with `--json` every line, errors too, is one JSON object with its schema.
struct Console: Sendable {
    /// Whether lines are JSON.
    var isJSON = false
    /// Whether only results, warnings and errors are written.
    var isQuiet = false
    /// Where it all goes.
    let screen: Screen
    private let isColoured: Bool
    private let buffer: OutputBuffer

    /// - Parameter isDumb: whether a terminal, if there is one, can only write line after line.
    init(isColourWanted: Bool, isDumb: Bool = false) {
        screen = Screen(isDumb: isDumb)
        buffer = OutputBuffer(screen)
        isColoured = isColourWanted && screen.isLive
    }

    /// Columns of the terminal that results go to; nil when they go elsewhere.
    var width: Int? { Terminal.isTerminal(1) ? Terminal.width(1) : nil }

    // MARK: Results

    /// Writes a line of the result. It may be kept back until ``flush()``.
    func line(_ text: String) throws { try buffer.add(text) }

    /// Writes a result of one value.
    func result(_ schema: String, _ members: [(name: String, value: JSON)]) throws {
        try buffer.add(JSON.form(schema, members).text)
    }

    /// Writes what was kept back.
    func flush() throws { try buffer.flush() }

    /// Writes a help page or the version.
    func page(_ text: String) -> ExitStatus {
        do {
            try line(text)
            try flush()
            return .done
        } catch { return report(error) }
    }

    // MARK: Messages

    /// Something about a step. Left out with `--quiet`.
    func notice(_ text: String) {
        if isQuiet { return }
        message("notice", text, label: " note", colour: "36")
    }

    /// Something that the user should look at.
    func warning(_ text: String) { message("warning", text, label: " warn", colour: "33") }

    /// Writes a JSON line that is no result.
    func message(_ schema: String, _ members: [(name: String, value: JSON)]) {
        errorLine(JSON.form(schema, members).text)
    }

    private func message(_ schema: String, _ text: String, label: String, colour: String) {
        if isJSON {
            message(schema, [("message", .string(text))])
        } else {
            errorLine("\(coloured(label, colour)): \(Self.harmless(text))")
        }
    }

    /// Writes a failure and returns its exit status.
    func report(_ error: any Error) -> ExitStatus {
        if let error = error as? OutputError, error.isReaderGone { return .failed }
        // Lines before the failure are part of the result.
        try? flush()
        let (failure, cause) = Self.sentence(error)
        let status = ExitStatus(failure.code)
        if isJSON {
            message(
                "error",
                [
                    ("code", .string(failure.code.rawValue)), ("exitStatus", .integer(Int(status.rawValue))),
                    ("message", .string(failure.message)), ("cause", .string(cause)),
                    ("nextStep", .string(failure.nextStep)),
                ])
            return status
        }
        let reason = cause.isEmpty ? "" : " (\(cause))"
        errorLine("\(coloured("error", "31")): \(Self.harmless(failure.message.withoutFullStop + reason)).")
        if !failure.nextStep.isEmpty {
            errorLine(" \(coloured("next", "1")): \(Self.harmless(failure.nextStep.withoutFullStop)).")
        }
        return status
    }

    /// The last line of defence: whoever forgot to escape a name, a message stays one line and drives no terminal.
    static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return text.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control
                ? PathText.readable(Array(String(scalar).utf8)) : String(scalar)
        }.joined()
    }

    /// Any failure as a sentence. Errors of the engine describe themselves; others must not reach the user as a dump.
    private static func sentence(_ error: any Error) -> (VaultError, cause: String) {
        switch error {
        case let error as VaultError: return (error, error.cause.map(describe) ?? "")
        case let error as OutputError:
            let failure = VaultError(
                .failed, "The result cannot be written to standard output (descriptor 1)",
                nextStep: "Make room, or write the result to another place")
            return (failure, error.cause.description)
        default: return (VaultError(.failed, "Something failed that has no better name"), describe(error))
        }
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case let error as VaultError: error.message
        case let error as SystemError: error.description
        case let error as StorageError: error.description
        case let error as FormatError: error.description
        case let error as CryptoError: error.description
        case let error as CompressionError: error.description
        case let error as OutputError: error.description
        default: "\(type(of: error))"
        }
    }

    /// Writes a line to the errors. There is nobody to tell when that fails.
    func errorLine(_ text: String) { screen.writeErrors(text + "\n") }

    private func coloured(_ text: String, _ colour: String) -> String {
        isColoured ? "\u{1b}[\(colour)m\(text)\u{1b}[0m" : text
    }
}

/// A result that could not be written.
struct OutputError: Error, CustomStringConvertible {
    let cause: SystemError

    /// Whether the reader ended first, as `head` does, which is no news to the user.
    var isReaderGone: Bool { cause.isBrokenPipe }
    var description: String { "the result cannot be written: \(cause)" }
}
