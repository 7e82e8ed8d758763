internal import Synchronization

/// A program of a database that we run: what it says goes into its error, and not to the user's terminal.
///
/// No secret is ever an argument. The programs find servers and passwords in the way that they always do: variables,
/// password files, service files, option files.
struct DatabaseTool: Sendable {
    var program: String
    var arguments: [[UInt8]] = []
    /// `NAME=value` items on top of our environment.
    var variables: [[UInt8]] = []
    /// All variables instead of ours; nil for ours.
    var environment: [[UInt8]]?
    /// What comes before it: a confinement, or nothing.
    var prefix: [[UInt8]] = []
    var hasInput = false
    var isGroup = false

    init(_ program: String, _ arguments: [String] = []) {
        self.program = program
        self.arguments = arguments.map { Array($0.utf8) }
    }

    /// Starts it.
    func start() throws -> RunningTool {
        var options = ChildProcess.Options()
        options.input = hasInput ? .pipe : .nothing
        options.isGroup = isGroup
        options.variables = variables
        let line = prefix + [Array(program.utf8)] + arguments
        do {
            let errors = try OpenFile.inMemory()
            options.errors = errors
            let child = try ChildProcess.start(
                line[0], Array(line.dropFirst()), environment: environment, options: options)
            return RunningTool(name: PathText.readable(PathBytes.split(Array(program.utf8)).name), child, errors)
        } catch {
            throw VaultError(
                .failed, "The program \(program) cannot be started",
                nextStep: "Install the client programs of the database, or put them into PATH", cause: error)
        }
    }

    /// Runs it to its end and returns its output, at most `byteCountMax` bytes.
    /// - Throws: ``VaultError`` unless it ended with exit status 0.
    func output(_ cancellation: Cancellation, byteCountMax: Int = 16 << 20) throws -> [UInt8] {
        let tool = try start()
        var output: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try tool.read(into: buffer, cancellation)
            output += buffer[..<count]
            if count < buffer.count { break }
            guard output.count <= byteCountMax else {
                throw VaultError(.failed, "\(tool.name) writes more than \(byteCountMax) bytes")
            }
        }
        try tool.confirm()
        return output
    }
}

/// A program of a database that is running. Safe from any thread.
final class RunningTool: Sendable {
    /// Its name, for messages.
    let name: String
    let child: ChildProcess
    private let errors: OpenFile

    init(name: String, _ child: ChildProcess, _ errors: OpenFile) {
        self.name = name
        self.child = child
        self.errors = errors
    }

    /// Fills the buffer from its output; fewer bytes mean the end. A cancellation does not wait for it.
    func read(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        try child.fill(buffer) { try cancellation.check() }
    }

    /// Reads what there is, waiting until there is something; 0 at the end.
    func readSome(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        try child.waitForOutput { try cancellation.check() }
        return try child.read(into: buffer)
    }

    /// Gives it bytes, and drops what it writes.
    /// - Throws: ``VaultError`` with its last words when it has ended.
    func feed(_ bytes: UnsafeRawBufferPointer, _ cancellation: Cancellation) throws {
        do { try child.write(bytes, dropsOutput: true) { try cancellation.check() } } catch is SystemError {
            child.closeInput()
            throw failure(try? child.wait(), "\(name) ended before it had read everything")
        }
    }

    /// Ends its input and waits for its end.
    /// - Throws: ``VaultError`` unless it ended with exit status 0.
    func finish(_ cancellation: Cancellation) throws {
        child.closeInput()
        try child.dropOutput { try cancellation.check() }
        try confirm()
    }

    /// - Throws: ``VaultError`` when it has ended.
    func expectRunning() throws {
        guard child.isRunning else { throw failure(try? child.wait(), nil) }
    }

    /// Ends it at once, with all that it has started.
    func end() { child.end() }

    /// Waits for its end.
    /// - Throws: ``VaultError`` unless it ended with exit status 0.
    func confirm() throws {
        let ending = try child.wait()
        guard ending != .exited(0) else { return }
        throw failure(ending)
    }

    /// The error of a program that has ended, or whose output is not what it must be.
    func failure(_ ending: ChildProcess.Ending? = nil, _ sentence: String? = nil) -> VaultError {
        let text: String
        switch ending {
        case .exited(let status)?: text = "\(name) ended with exit status \(status)"
        case .signalled(let signal)?: text = "\(name) was ended by signal \(signal)"
        case nil: text = sentence ?? "\(name) failed"
        }
        return VaultError(
            .failed, text,
            nextStep: "Check with the database's own client, as the same user and with the same variables, that the "
                + "server answers and allows it",
            cause: lastWords.isEmpty ? nil : VaultError(.failed, lastWords))
    }

    /// The end of what it wrote to its errors, in one line.
    var lastWords: String {
        let size = Int(clamping: (try? errors.status().size) ?? 0)
        var text = [UInt8](repeating: 0, count: min(size, 600))
        let count = text.withUnsafeMutableBytes { buffer in
            (try? errors.read(at: max(0, size - 600), into: buffer)) ?? 0
        }
        let lines = text[..<count].split(separator: 0x0a).suffix(4)
        return lines.map { PathText.readable(Array($0)) }.joined(separator: "; ")
    }
}
