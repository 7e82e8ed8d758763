internal import VaultBackup

/// Schedules for people and programs.
enum ScheduleText {
    /// Writes what was or would be installed.
    static func write(_ plan: SchedulePlan, isDryRun: Bool, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "schedule-install",
                [
                    ("isDryRun", .bool(isDryRun)),
                    (
                        "files",
                        .array(
                            plan.files.map {
                                .object(JSON.path("path", $0.path) + [("text", .string($0.text))])
                            })
                    ),
                    ("commands", .array(plan.commands.map { .string($0.joined(separator: " ")) })),
                    ("notes", .array(plan.notes.map { .string($0) })),
                ])
        }
        if isDryRun {
            for file in plan.files {
                try console.line("==> \(PathText.readable(file.path))")
                for line in file.text.split(separator: "\n", omittingEmptySubsequences: false) {
                    try console.line(String(line))
                }
            }
            for command in plan.commands { try console.line("==> \(command.joined(separator: " "))") }
        } else {
            for file in plan.files { try console.line("Written: \(PathText.readable(file.path))") }
            for command in plan.commands { try console.line("Run: \(command.joined(separator: " "))") }
        }
        for note in plan.notes { console.notice(note) }
    }

    /// Writes what is installed.
    static func write(_ items: [Schedule.Item], _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "schedule-show",
                [
                    (
                        "files",
                        .array(
                            items.map { .object(JSON.path("path", $0.path) + [("state", .string($0.state.rawValue))]) })
                    )
                ])
        }
        if items.isEmpty { return try console.line("No schedule is installed") }
        var table = Table([.init(title: "STATE"), .init(title: "FILE")])
        for item in items { table.add([item.state.rawValue, PathText.readable(item.path)]) }
        for line in table.lines(width: nil) { try console.line(line) }
    }

    /// Writes what was taken away.
    static func write(removed: [[UInt8]], kept: [[UInt8]], _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "schedule-remove",
                [
                    ("removed", .array(removed.map { .object(JSON.path("path", $0)) })),
                    ("kept", .array(kept.map { .object(JSON.path("path", $0)) })),
                ])
        }
        for path in removed { try console.line("Removed: \(PathText.readable(path))") }
        for path in kept { try console.line("Kept, since it was changed: \(PathText.readable(path))") }
    }

    /// Writes a reminder.
    static func write(_ reminder: Reminder, isMailed: Bool, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "schedule-remind",
                [
                    ("isMailed", .bool(isMailed)),
                    (
                        "systems",
                        .array(
                            reminder.systems.map { system in
                                .object(
                                    [("system", .string(system.name)), ("saved", .string(system.saved.description))]
                                        + (system.proven.map { [("proven", .string($0.description))] } ?? []))
                            })
                    ),
                ])
        }
        if isMailed { return }
        for line in reminder.lines { try console.line(line) }
    }
}
