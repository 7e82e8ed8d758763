internal import ArgumentParser
internal import VaultBackup

/// What is backed up and what is left out.
struct SelectionOptions: ParsableArguments {
    @Option(
        name: .customLong("exclude"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Leave out what matches, any number.", valueName: "pattern"))
    var patterns: [PathArgument] = []

    @Option(
        name: .customLong("iexclude"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("The same, but upper and lower case are one.", valueName: "pattern"))
    var caselessPatterns: [PathArgument] = []

    @Option(
        name: .customLong("exclude-file"), parsing: .singleValue,
        help: ArgumentHelp("Patterns, one a line, '#' for comments; - is the input.", valueName: "file"))
    var patternFiles: [PathArgument] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Leave out directories that hold this name, but for it.", valueName: "name"))
    var excludeIfPresent: [PathArgument] = []

    @Option(help: ArgumentHelp("Leave out larger files; K, M, G, T are understood.", valueName: "size"))
    var excludeLargerThan: SizeArgument?

    @Flag(name: .customLong("no-exclude-caches"), help: "Save caches too: of CACHEDIR.TAG, ~/.cache, packages.")
    var includesCaches = false

    @Flag(name: .customLong("exclude-nodump"), help: "Leave out what is marked 'no dump' (chattr +d).")
    var excludesNoDump = false

    @Option(
        parsing: .singleValue, help: ArgumentHelp("More paths, one a line; - is the input.", valueName: "file"))
    var filesFrom: [PathArgument] = []

    @Option(parsing: .singleValue, help: ArgumentHelp("More paths, each ended by a NUL.", valueName: "file"))
    var filesFromRaw: [PathArgument] = []

    @Flag(name: [.customShort("0"), .customLong("null")], help: "In all lists of paths NUL ends a path.")
    var isNULSeparated = false

    /// Whether paths are named in lists.
    var hasLists: Bool { !filesFrom.isEmpty || !filesFromRaw.isEmpty }

    /// Whether anything was asked for that means nothing for streams.
    var isUsed: Bool {
        hasLists || isNULSeparated || includesCaches || excludesNoDump || excludeLargerThan != nil || !patterns.isEmpty
            || !caselessPatterns.isEmpty || !patternFiles.isEmpty || !excludeIfPresent.isEmpty
    }

    func validate() throws {
        if isNULSeparated, !hasLists { throw ValidationError("-0 is about --files-from") }
        let inputs = (filesFrom + filesFromRaw + patternFiles).count { $0.bytes == [UInt8(ascii: "-")] }
        if inputs > 1 { throw ValidationError("The input can be read once only") }
        if excludeIfPresent.contains(where: { $0.bytes.contains(0x2f) }) {
            throw ValidationError("--exclude-if-present takes a name without '/'")
        }
    }

    /// The paths in the lists.
    func listedPaths() throws -> [[UInt8]] {
        var paths: [[UInt8]] = []
        for file in filesFrom { paths += ListFile.paths(in: try ListFile.read(file.bytes), endedByNUL: isNULSeparated) }
        for file in filesFromRaw { paths += ListFile.paths(in: try ListFile.read(file.bytes), endedByNUL: true) }
        return paths
    }

    /// Puts the rules into the options of a backup: `--exclude`, then the files, then `--iexclude`.
    func apply(to options: inout BackupOptions) throws {
        for pattern in patterns { try options.exclude.add(pattern.bytes) }
        for file in patternFiles { try options.exclude.add(lines: try ListFile.read(file.bytes)) }
        for pattern in caselessPatterns { try options.exclude.add(pattern.bytes, ignoringCase: true) }
        options.excludeCaches = !includesCaches
        options.excludeIfPresent = excludeIfPresent.map(\.bytes)
        options.excludeLargerThan = excludeLargerThan?.byteCount
        options.excludeNoDump = excludesNoDump
    }
}
