internal import Synchronization

extension BackupRequest {
    /// A request for a stream, stored as a file in the top directory.
    ///
    /// - Parameter name: its file name.
    /// - Parameter read: fills the buffer; fewer bytes mean the end.
    /// - Throws: ``VaultError`` `.usage` for a name that no file can have.
    public static func stream(
        name: [UInt8], system: String, read: @escaping @Sendable (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> BackupRequest {
        try stream(name: name, system: system) { buffer, _ in try read(buffer) }
    }

    private static func stream(
        name: [UInt8], system: String,
        reading: @escaping @Sendable (UnsafeMutableRawBufferPointer, Cancellation) throws -> Int
    ) throws -> BackupRequest {
        guard TreeEntry.isValidName(name) else {
            throw VaultError(
                .usage, "'\(PathText.readable(name))' cannot be the name of a file", nextStep: "Give a name without '/'"
            )
        }
        var request = BackupRequest(paths: [], system: system)
        request.streams = [StreamSource(name: name, read: reading)]
        return request
    }

    /// A request for what a command writes to its standard output. There is a snapshot only if the command ends with
    /// exit status 0.
    public static func command(
        name: [UInt8], program: [UInt8], arguments: [[UInt8]], system: String
    ) throws -> BackupRequest {
        let command = CommandStream(program: program, arguments: arguments)
        var request = try stream(name: name, system: system) { try command.read(into: $0, $1) }
        request.command = [program] + arguments
        request.confirmStreams = {
            try command.confirm()
            return []
        }
        return request
    }

    /// A request for what comes on the standard input.
    public static func standardInput(name: [UInt8], system: String) throws -> BackupRequest {
        try stream(name: name, system: system) { buffer, cancellation in
            try StandardStreams.readInput(into: buffer) { try cancellation.check() }
        }
    }
}

/// The output of a command, which is started at the first read.
private final class CommandStream: Sendable {
    private let program: [UInt8]
    private let arguments: [[UInt8]]
    private let child = Mutex<ChildProcess?>(nil)

    init(program: [UInt8], arguments: [[UInt8]]) {
        self.program = program
        self.arguments = arguments
    }

    deinit { child.withLock { $0?.kill() } }

    func read(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        try start().fill(buffer) { try cancellation.check() }
    }

    private func start() throws -> ChildProcess {
        try child.withLock { child in
            if let child { return child }
            do {
                let started = try ChildProcess.start(program, arguments)
                child = started
                return started
            } catch {
                throw VaultError(
                    .failed, "The command \(PathText.readable(program)) cannot be started",
                    nextStep: "Check the name and the permissions of the program", cause: error)
            }
        }
    }

    /// - Throws: ``VaultError`` unless the command ended with exit status 0.
    func confirm() throws {
        guard let child = child.withLock({ $0 }) else { return }
        let ending = try child.wait()
        guard ending != .exited(0) else { return }
        throw VaultError(
            .failed, "The command \(PathText.readable(program)) \(ending.words), so there is no snapshot",
            nextStep: "See what the command says, and run the backup again")
    }
}
