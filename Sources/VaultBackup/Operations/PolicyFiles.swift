/// Policies that were read from files.
public struct PolicySet: Sendable {
    /// A policy that may be carried out.
    public struct Entry: Sendable, Equatable {
        /// What it says, the defaults included.
        public var policy: SystemPolicy
        /// Its file.
        public var file: [UInt8]
        /// The keys that come from the defaults.
        public var inherited: [String]
    }

    /// Those without an error, by system.
    public var entries: [Entry] = []
    /// What is wrong, by file and place.
    public var problems: [PolicyProblem] = []
    /// How many files of systems there are.
    public var fileCount = 0
}

/// Reads policies: one file for each system, `systems/NAME.yaml`, and what they have in common, `defaults.yaml`
/// (`docs/POLICIES.md`).
///
/// 1. A policy of which anything is wrong is not given out: nothing is done by half of what its owner meant.
/// 2. A wrong policy does not hinder the others.
/// 3. A file that other users can change is an error: it would say what programs are run, and what is forgotten.
public enum PolicyFiles {
    /// Reads all policies of a folder; none when it is not there.
    ///
    /// - Parameter remembered: the repository that is meant where a policy names none.
    /// - Throws: ``VaultError`` `.failed` when the folder cannot be read.
    public static func load(
        _ folder: [UInt8], remembered: [UInt8]? = nil
    ) throws -> (policies: [SystemPolicy], problems: [PolicyProblem]) {
        let set = try read(folder, remembered: remembered)
        return (set.entries.map(\.policy), set.problems)
    }

    /// The same with where each policy comes from.
    public static func read(_ folder: [UInt8], remembered: [UInt8]? = nil) throws -> PolicySet {
        try read(files(folder), folder, remembered: remembered)
    }

    /// Reads these files, with the defaults and profiles of a folder.
    public static func read(_ files: [[UInt8]], _ folder: [UInt8], remembered: [UInt8]? = nil) throws -> PolicySet {
        var set = PolicySet()
        set.fileCount = files.count
        let defaultsFile = PathBytes.join(folder, Array("defaults.yaml".utf8))
        var (defaults, isUsable): (PolicyText?, Bool) = (nil, true)
        if isThere(defaultsFile) {
            defaults = text(defaultsFile, &set.problems)
            if let defaults { set.problems += PolicyDecoder.check(defaults: defaults) }
            isUsable = !set.problems.hasErrors
        }
        let checks = PolicyChecks(folder, remembered: remembered)
        for file in files {
            var problems: [PolicyProblem] = []
            if let text = text(file, &problems) {
                let draft = PolicyDecoder.decode(text, defaults: defaults, name: name(of: file))
                draft.check(text)
                checks.run(draft)
                problems += draft.log.problems
                if !problems.hasErrors, isUsable {
                    set.entries.append(.init(policy: draft.policy, file: file, inherited: draft.inherited))
                }
            }
            set.problems += problems.filter { !set.problems.contains($0) }.sorted(by: isBefore)
        }
        removeDoubles(&set)
        set.entries.sort { $0.policy.system.hasBytesBefore($1.policy.system) }
        return set
    }

    /// The error for a folder without any policy.
    public static func none(in folder: [UInt8]) -> VaultError {
        VaultError(
            .usage, "There are no policies in \(PathText.readable(folder))",
            nextStep: "See what 'vault schedule install --dry-run' would write, or copy one from the folder 'policies'")
    }

    /// In the order of the lines of a file.
    private static func isBefore(_ a: PolicyProblem, _ b: PolicyProblem) -> Bool {
        a.file == b.file
            ? (a.place.line, a.place.column) < (b.place.line, b.place.column) : a.file.lexicographicallyPrecedes(b.file)
    }

    // MARK: Files

    /// Whether there is something, even if it cannot be looked at.
    private static func isThere(_ path: [UInt8]) -> Bool {
        do { return try FileStatus.readIfPresent(path, followingLinks: true) != nil } catch { return true }
    }

    /// The files of systems in a folder, by name.
    public static func files(_ folder: [UInt8]) throws -> [[UInt8]] {
        let systems = PathBytes.join(folder, Array("systems".utf8))
        do {
            guard try FileStatus.readIfPresent(systems, followingLinks: true) != nil else { return [] }
            let directory = try OpenFile.openDirectory(systems, followingLinks: true)
            let listing = try DirectoryListing.read(directory)
            return listing.entries.map { listing.name(of: $0) }.filter(isPolicyName)
                .sorted { $0.lexicographicallyPrecedes($1) }.map { PathBytes.join(systems, $0) }
        } catch {
            throw VaultError(
                .failed, "The policies in \(PathText.readable(systems)) cannot be read",
                nextStep: "Check the permissions of the folder", cause: error)
        }
    }

    private static let suffixes = [".yaml", ".yml"].map { Array($0.utf8) }

    private static func isPolicyName(_ name: [UInt8]) -> Bool {
        name.first != 0x2e && suffixes.contains { name.count > $0.count && name.suffix($0.count).elementsEqual($0) }
    }

    /// The name of the file without what says that it is YAML: the name of the system if it says none itself.
    private static func name(of file: [UInt8]) -> String {
        let name = PathBytes.split(file).name
        let suffix = suffixes.first { name.suffix($0.count).elementsEqual($0) } ?? []
        return String(decoding: name.dropLast(suffix.count), as: UTF8.self)
    }

    private static func text(_ file: [UInt8], _ problems: inout [PolicyProblem]) -> PolicyText? {
        bytes(of: file, &problems).flatMap { PolicyText(file: file, $0, &problems) }
    }

    /// The content of a file of the folder, which nobody else can have written; nil, with a problem, for any other.
    static func bytes(of file: [UInt8], _ problems: inout [PolicyProblem]) -> [UInt8]? {
        func problem(_ message: String, _ suggestion: String = "Check the path") {
            problems.append(PolicyProblem(.error, file, .wholeFile, message, suggestion))
        }
        do {
            if let doubt = try FileTrust.doubt(file) {
                problem(
                    "Others can change what this file says: \(doubt)",
                    "Let it belong to root or to you, and run 'chmod go-w' on what was named")
                return nil
            }
            // A pipe would be waited for.
            guard try FileStatus.read(file, followingLinks: true).kind == .file else {
                problem("This is no file")
                return nil
            }
            if let bytes = try AtomicFile.read(file, byteCountMax: YAMLReader.byteCountMax) { return bytes }
            problem("There is no such file")
        } catch {
            problem("The file cannot be read (\(error))")
        }
        return nil
    }

    /// A system with two policies has none: nobody knows which is meant.
    private static func removeDoubles(_ set: inout PolicySet) {
        var doubles: Set<String> = []
        for (index, entry) in set.entries.enumerated() {
            let name = entry.policy.system
            guard let first = set.entries[..<index].first(where: { $0.policy.system == name }) else { continue }
            doubles.insert(name)
            set.problems.append(
                PolicyProblem(
                    .error, entry.file, .wholeFile,
                    "The system '\(name.shownInPolicy)' has another policy, in \(PathText.readable(first.file))",
                    "Remove one of the two files, or give the system in one of them another name"))
        }
        set.entries.removeAll { doubles.contains($0.policy.system) }
    }
}
