/// Hands something to a program of the machine that brings it to people or to other programs.
///
/// It has a few minutes: who waits for it holds up everything that is due after, and a message is not worth that.
struct Delivery: Sendable {
    /// How long a program may take, in seconds.
    static let secondsMax = 300

    /// What is brought, for messages, such as `mail`.
    var subject: String
    /// What to do when it cannot be brought.
    var nextStep: String
    var program: [UInt8]
    var arguments: [[UInt8]]
    var seconds = Delivery.secondsMax

    /// Runs the program with `body` as its input.
    /// - Throws: ``VaultError`` `.failed` unless it ends with exit status 0 in time, `.interrupted`.
    func send(_ body: [UInt8], _ cancellation: Cancellation) throws {
        let ending: ChildProcess.Ending?
        do {
            ending = try ChildProcess.run(program, arguments, input: body, seconds: seconds) {
                try cancellation.check()
            }
        } catch let error as SystemError {
            throw failure("cannot be run", error)
        }
        guard let ending else { throw failure("did not end within \(seconds) s, and was ended") }
        guard ending == .exited(0) else { throw failure(ending.words) }
    }

    private func failure(_ reason: String, _ cause: (any Error)? = nil) -> VaultError {
        VaultError(
            .failed, "The \(subject) cannot be sent: \(PathText.readable(program)) \(reason)", nextStep: nextStep,
            cause: cause)
    }
}
