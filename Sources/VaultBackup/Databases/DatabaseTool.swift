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
    /// A file as its input; nil for a pipe, or for nothing.
    var inputFile: OpenFile?
    /// Who ends it when the scratch server that it works for takes too much room.
    var watch: DiskWatch?
    /// For how long it may say nothing.
    var patience = Patience()

    init(_ program: String, _ arguments: [String] = []) {
        self.program = program
        self.arguments = arguments.map { Array($0.utf8) }
    }

    /// Starts it.
    func start() throws -> RunningTool {
        var options = ChildProcess.Options()
        if let inputFile { options.input = .file(inputFile) } else if hasInput { options.input = .pipe }
        // It ends with all that it has started, and so it can ask nobody at a terminal.
        options.isGroup = true
        options.variables = variables
        let line = prefix + [Array(program.utf8)] + arguments
        do {
            let errors = try OpenFile.inMemory()
            options.errors = errors
            let child = try ChildProcess.start(
                line[0], Array(line.dropFirst()), environment: environment, options: options)
            let tool = RunningTool(
                name: PathText.readable(PathBytes.split(Array(program.utf8)).name), child, errors, patience)
            watch?.add(tool)
            return tool
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
        try tool.confirm(cancellation)
        return output
    }
}
