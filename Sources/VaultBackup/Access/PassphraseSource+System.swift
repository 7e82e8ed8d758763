extension PassphraseSource {
    /// How long a command may take, in seconds: somebody may have to find a token, and type its PIN.
    public static let commandSecondsMax = 600

    /// Runs `command` with `/bin/sh -c` and returns its output, for
    /// ``init(file:command:credentialsDirectory:prompt:)``. It may ask at the terminal.
    ///
    /// - Parameter seconds: for how long it may run; then it is ended.
    /// - Parameter check: is called several times a second, and throws to end it.
    /// - Throws: ``VaultError`` when it does not end with status 0 in time, or says too much; what `check` throws.
    public static func output(
        ofCommand command: [UInt8], seconds: Int = commandSecondsMax, _ check: () throws -> Void = {}
    ) throws -> SecretBytes {
        let limit = 64 << 10
        var count = 0
        var ending: ChildProcess.Ending?
        let output: SecretBytes
        do {
            // In our process group, else it could not ask at the terminal.
            let process = try ChildProcess.start(Array("/bin/sh".utf8), [Array("-c".utf8), command])
            output = try SecretBytes(count: limit) { buffer in
                ending = try process.ending(within: seconds, check) { watch in
                    while count < limit {
                        try process.waitForOutput(watch)
                        let step = try process.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
                        if step == 0 { break }
                        count += step
                    }
                    guard count < limit else {
                        throw VaultError(
                            .usage, "The passphrase command has more output than a passphrase has",
                            nextStep: "Let it write the passphrase and a line end")
                    }
                }
            }
        } catch let error as SystemError {
            throw VaultError(
                .failed, "The passphrase command cannot be run", nextStep: "Check it in a shell", cause: error)
        }
        guard ending == .exited(0) else {
            // Ctrl-C ends it too.
            try check()
            let how = ending?.words ?? "did not end within \(seconds) s, and was ended"
            throw VaultError(.failed, "The passphrase command \(how)", nextStep: "Run it in a shell to see why")
        }
        return output.slice(0..<count)
    }

    /// Asks for a passphrase on the terminal of this process, without showing it.
    ///
    /// - Parameters:
    ///   - subject: how the prompt calls it.
    ///   - isNew: ask twice, and take nothing that is typed differently or empty.
    ///   - again: how the second prompt calls it; without it "again" is added.
    ///   - otherWays: what to do without a terminal, a sentence.
    /// - Throws: ``VaultError`` `.wrongIdentity` without a terminal or when its input ends, `.interrupted` after
    ///   Control-C, `.usage` when the two differ.
    public static func ask(_ subject: String, isNew: Bool = false, again: String? = nil, otherWays: String) throws
        -> SecretBytes
    {
        let first = try line(subject, otherWays)
        guard isNew else { return first }
        guard first.count > 0 else {
            throw VaultError(.usage, "An empty passphrase protects nothing", nextStep: "Choose a passphrase")
        }
        guard first.isEqual(to: try line(again ?? "\(subject) again", otherWays)) else {
            throw VaultError(.usage, "The two passphrases differ", nextStep: "Run the command again")
        }
        return first
    }

    private static func line(_ subject: String, _ otherWays: String) throws -> SecretBytes {
        do {
            return try Terminal.withSecretLine(prompt: "\(subject): ", byteCountMax: byteCountMax) {
                SecretBytes(copying: $0)
            }
        } catch let error as SystemError {
            if error.isInterruption {
                throw VaultError(.interrupted, "The passphrase was not entered", nextStep: "Run the command again")
            }
            if error.isEndOfInput {
                throw VaultError(
                    .wrongIdentity, "No passphrase was entered: the input on the terminal ended",
                    nextStep: otherWays)
            }
            if error.isTooLong {
                throw VaultError(
                    .usage, "A passphrase has at most \(byteCountMax) bytes", nextStep: "Choose a shorter one")
            }
            throw VaultError(
                .wrongIdentity, "A passphrase is needed, and there is no terminal to ask for it", nextStep: otherWays)
        }
    }
}
