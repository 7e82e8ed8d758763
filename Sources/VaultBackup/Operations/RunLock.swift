/// One run at a time for each user, and a note of who it is.
///
/// The lock goes with the process, whatever ends it; so a run that was killed stands in nobody's way.
public final class RunLock: Sendable {
    /// The run that is under way.
    public struct Holder: Sendable, Equatable {
        /// Its process.
        public var process: Int
        /// When it began.
        public var started: Timestamp
    }

    private let lock: FileLock
    private static let lockName = Array("run.lock".utf8)
    private static let holderName = Array("run.holder".utf8)

    private init(_ lock: FileLock) { self.lock = lock }

    /// Takes the lock of this user without waiting, or says who has it; nil for a holder that has not said who it is.
    /// - Throws: ``VaultError`` `.failed` when the folder cannot be written.
    public static func acquire(_ folders: LocalFolders, now: Timestamp) throws -> (lock: RunLock?, holder: Holder?) {
        do {
            try AtomicFile.createDirectories(folders.config)
            let holder = PathBytes.join(folders.config, holderName)
            guard let lock = try FileLock.acquire(PathBytes.join(folders.config, lockName)) else {
                // One that has just taken the lock has not said so yet: the note is that of a run before it.
                let noted = try AtomicFile.read(holder, byteCountMax: 1_024).flatMap(decode)
                return (nil, noted.flatMap { Host.isRunning($0.process) ? $0 : nil })
            }
            try AtomicFile.write(
                holder,
                CanonicalJSON.encode(
                    .object([
                        "process": .integer(Host.processID), "started": .string(now.description),
                    ])))
            return (RunLock(lock), nil)
        } catch {
            throw VaultError(
                .failed, "The lock of runs in \(PathText.readable(folders.config)) cannot be taken",
                nextStep: "Make that folder writable for this user", cause: error)
        }
    }

    private static func decode(_ bytes: [UInt8]) -> Holder? {
        guard case .object(let members)? = try? CanonicalJSON.decode(bytes, "holder of a run"),
            case .integer(let process)? = members["process"], case .string(let text)? = members["started"],
            let started = Timestamp(text)
        else { return nil }
        return Holder(process: process, started: started)
    }
}
