/// Puts timers in place, and takes them away again.
///
/// 1. What is written is remembered with its SHA-256, before it is written, in a file that `sha256sum -c` reads.
/// 2. Only files that are still as they were written are replaced or removed: what somebody has changed is his.
/// 3. A file that was not written by us is never replaced.
public enum Schedule {
    private static let recordName = Array("schedule.installed".utf8)
    private static let recordBytesMax = 64 << 10
    private static let fileBytesMax = 1 << 20
    private static let commandSecondsMax = 300

    /// A file that was written.
    public struct Item: Sendable, Equatable {
        /// What it is now. The raw values are the words for people and in JSON.
        public enum State: String, Sendable, CaseIterable { case unchanged, changed, missing }

        /// Where it is.
        public var path: [UInt8]
        /// What it is now.
        public var state: State
        fileprivate var digest: String
    }

    /// A path as units and tables of cron need it: from the root, without links as far as it is there.
    public static func absolute(_ path: [UInt8]) -> [UInt8] { RepositoryPlace.absolute(path) }

    // MARK: Record

    private static func recordFile(_ policies: [UInt8]) -> [UInt8] { PathBytes.join(policies, recordName) }

    /// What an installation with this folder of policies wrote; nothing when there is none.
    public static func items(_ policies: [UInt8]) throws -> [Item] {
        let bytes: [UInt8]
        do { bytes = try AtomicFile.read(recordFile(policies), byteCountMax: recordBytesMax) ?? [] } catch {
            throw VaultError(
                .failed, "It cannot be read what was installed, in \(PathText.readable(recordFile(policies)))",
                nextStep: "Check the permissions of the file", cause: error)
        }
        return bytes.split(separator: 0x0a).compactMap { line in
            let digest = String(decoding: line.prefix(64), as: UTF8.self)
            guard line.count > 66, Hex.decode(digest) != nil else { return nil }
            let path = Array(line.dropFirst(66))
            return Item(path: path, state: state(path, digest), digest: digest)
        }
    }

    private static func state(_ path: [UInt8], _ digest: String) -> Item.State {
        switch content(path) {
        case .missing: .missing
        case .other: .changed
        case .bytes(let bytes): SHA256.digest(bytes).hex == digest ? .unchanged : .changed
        }
    }

    private enum Content {
        case missing
        case bytes([UInt8])
        /// Something is there that cannot be read, or is no file of ours.
        case other
    }

    private static func content(_ path: [UInt8]) -> Content {
        do {
            guard let kind = try FileStatus.readIfPresent(path)?.kind else { return .missing }
            // A pipe would be waited for, and we write no links.
            guard kind == .file, let bytes = try AtomicFile.read(path, byteCountMax: fileBytesMax) else {
                return .other
            }
            return .bytes(bytes)
        } catch { return .other }
    }

    private static func remember(_ items: [Item], _ policies: [UInt8]) throws(SystemError) {
        let lines = items.flatMap { item -> [UInt8] in Array("\(item.digest)  ".utf8) + item.path + [0x0a] }
        try AtomicFile.write(recordFile(policies), lines, mode: 0o644)
    }

    // MARK: Install

    /// Carries out a plan. On return the files survive a power loss, and the timers are started.
    ///
    /// - Throws: ``VaultError`` `.usage` when a file is in the way, `.failed` when one cannot be written or a command
    ///   fails.
    public static func install(_ plan: SchedulePlan) throws {
        let known = try items(plan.policies)
        for file in plan.files { try expectFree(file, known) }
        let kept = known.filter { item in
            item.state == .unchanged && !plan.files.contains { $0.path == item.path }
        }
        let written = plan.files.map {
            Item(path: $0.path, state: .missing, digest: SHA256.digest(Array($0.text.utf8)).hex)
        }
        do {
            try AtomicFile.createDirectories(plan.policies)
            try remember(kept + written, plan.policies)
            for file in plan.files {
                try AtomicFile.createDirectories(PathBytes.split(file.path).parent, mode: 0o755)
                try AtomicFile.write(file.path, Array(file.text.utf8), mode: 0o644)
            }
        } catch {
            throw VaultError(
                .failed, "The schedule cannot be written",
                nextStep: "Run the command as root, or check the directories",
                cause: error)
        }
        for command in plan.commands { try run(command) }
    }

    private static func expectFree(_ file: SchedulePlan.File, _ known: [Item]) throws {
        switch content(file.path) {
        case .missing: return
        case .bytes(let bytes) where bytes.elementsEqual(file.text.utf8): return
        case .bytes, .other: break
        }
        let item = known.first { $0.path == file.path }
        if item?.state == .unchanged { return }
        let reason = item == nil ? "was not written by this program" : "was changed since it was written"
        throw VaultError(
            .usage, "\(PathText.readable(file.path)) \(reason), and is not replaced",
            nextStep: "Move it away, and run this again")
    }

    private static func run(_ command: [String]) throws {
        let shown = command.joined(separator: " ")
        let ending: ChildProcess.Ending?
        do {
            ending = try ChildProcess.run(
                Array(command[0].utf8), command.dropFirst().map { Array($0.utf8) }, seconds: commandSecondsMax)
        } catch {
            throw VaultError(
                .failed, "'\(shown)' cannot be run", nextStep: "Use cron with --cron where there is no systemd",
                cause: error)
        }
        guard ending == .exited(0) else {
            throw VaultError(
                .failed, "'\(shown)' \(ending?.words ?? "did not end within \(commandSecondsMax) s")",
                nextStep: "Run it yourself to see why; the files are in their places")
        }
    }

    /// Whether systemd manages this machine.
    public static var hasSystemd: Bool { (try? FileStatus.read(Array("/run/systemd/system".utf8))) != nil }

    // MARK: Remove

    /// Takes away what was installed with this folder of policies, unless somebody has changed it since.
    ///
    /// - Returns: what was taken away, and what was kept since it was changed.
    /// - Throws: ``VaultError`` `.usage` when nothing was installed, `.failed`.
    public static func remove(_ policies: [UInt8], client: Client) throws -> (removed: [[UInt8]], kept: [[UInt8]]) {
        let items = try items(policies)
        guard !items.isEmpty else {
            throw VaultError(
                .usage, "No schedule was installed with the policies in \(PathText.readable(policies))",
                nextStep: "See 'vault schedule show', or name the directory with --policies")
        }
        let folder = SchedulePlan.unitFolder(client.folders)
        // What somebody took away himself cannot be stopped any more.
        let started = ServiceUnits.timers.filter { name in
            items.contains { $0.state != .missing && $0.path == PathBytes.join(folder, Array(name.utf8)) }
        }
        if !started.isEmpty {
            // Where systemd does not run, no timer does; else one that goes on would start what is no longer there.
            do { try run(SchedulePlan.systemctl + ["disable", "--now"] + started) } catch  where !hasSystemd {}
        }
        let removed = items.filter { $0.state == .unchanged }.map(\.path)
        do {
            for path in removed { try DirectoryEntries.remove(at: nil, path) }
            // Of the folders only one that is empty now.
            for path in removed where PathBytes.split(PathBytes.split(path).parent).parent == absolute(policies) {
                try? DirectoryEntries.removeDirectory(at: nil, PathBytes.split(path).parent)
            }
            try DirectoryEntries.remove(at: nil, recordFile(policies))
            try? DirectoryEntries.removeDirectory(at: nil, policies)
        } catch {
            throw VaultError(
                .failed, "The schedule cannot be removed",
                nextStep: "Run the command as root, or check the directories",
                cause: error)
        }
        if !started.isEmpty { try? run(SchedulePlan.systemctl + ["daemon-reload"]) }
        return (removed, items.filter { $0.state == .changed }.map(\.path))
    }
}
