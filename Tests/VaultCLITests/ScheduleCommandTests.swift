import Foundation
import Testing
import VaultTestSupport

/// `vault schedule`: what is written, and that exactly that goes away again.
@Suite struct ScheduleCommandTests {
    private let stage: Stage

    init() throws {
        stage = try Stage()
        try stage.initialise()
    }

    private func install(_ arguments: String...) throws -> Stage.Outcome {
        let line = (["vault", "schedule", "install"] + arguments).joined(separator: " ")
        return try stage.shell(line)
    }

    /// All that is below the user's folder, with what it holds.
    private func tree() throws -> String {
        try stage.shellSucceeding(
            "find . -path ./repo -prune -o -path './home/.cache' -prune -o -name 'out.*' -prune -o -name 'err.*' -prune -o "
                + "-type f -print0 | sort -z | xargs -0 sha256sum; find policies units -type d 2>/dev/null || true"
        ).output
    }

    @Test func whatWasInstalledGoesAway() throws {
        let before = try tree()
        let installed = try install("--folder", "units")
        #expect(installed.status == 0, "\(installed.errors)")
        let units = try FileManager.default.contentsOfDirectory(atPath: stage.path + "/units").sorted()
        #expect(
            units == ["vault-backup.service", "vault-backup.timer", "vault-reminder.service", "vault-reminder.timer"])
        let service = stage.text(stage.path + "/units/vault-backup.service")
        #expect(
            service.contains("ExecStart=\(Stage.program) run --quiet\n")
                && service.contains("ReadWritePaths=-\(stage.path)/repo\n"))
        #expect(service.contains("ProtectSystem=strict"))
        let checked = try stage.shell("systemd-analyze verify --recursive-errors=no units/*")
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
        #expect(try stage.shell("sha256sum -c policies/schedule.installed").status == 0)
        // The policy is right, and saves what is there.
        let lint = try stage.vault("system", "lint")
        #expect(lint.status == 0 && lint.output.contains("1 policy, 0 errors, 0 warnings"), "\(lint.output)")
        let policy = try #require(
            try stage.vault("system", "list", "--json").json().first?["systems"] as? [[String: Any]])
        let paths = (policy.first?["sources"] as? [[String: Any]] ?? []).compactMap { $0["path"] as? String }
        #expect(paths.contains("/etc") && paths.allSatisfy { FileManager.default.fileExists(atPath: $0) })
        #expect(try stage.vault("schedule", "show").output.contains("unchanged"))
        // Twice is once.
        #expect(try install("--folder", "units", "--at", "02:30").status == 0)
        #expect(stage.text(stage.path + "/units/vault-backup.timer").contains("OnCalendar=*-*-* 02:30:00"))
        let removed = try stage.vault("schedule", "remove")
        #expect(
            removed.status == 0 && removed.output.split(separator: "\n").count == 5,
            "\(removed.output)\(removed.errors)")
        #expect(
            try tree().split(separator: "\n").filter { !$0.hasPrefix("units") && !$0.hasPrefix("policies") }
                == before.split(separator: "\n"))
        #expect(try stage.vault("schedule", "show").status == 1)
        try stage.vault("schedule", "remove").expectFailure(2, "No schedule was installed")
    }

    @Test func whatWasChangedIsKept() throws {
        #expect(try install("--folder", "units").status == 0)
        let changed = try stage.shell(
            "for f in policies/systems/*.yaml units/vault-backup.timer; do echo '# mine' >> $f; done")
        #expect(changed.status == 0)
        try install("--folder", "units").expectFailure(2, "was changed since it was written")
        #expect(try stage.vault("schedule", "show").output.contains("changed"))
        let removed = try stage.vault("schedule", "remove")
        #expect(removed.status == 0)
        #expect(removed.output.split(separator: "\n").filter { $0.hasPrefix("Kept") }.count == 2, "\(removed.output)")
        #expect(try stage.shell("cat policies/systems/*.yaml units/vault-backup.timer | grep -c mine").output == "2\n")
        #expect(try stage.shell("ls units").output == "vault-backup.timer\n")
    }

    @Test func filesOfOthersAreNotReplaced() throws {
        try stage.make("units")
        try stage.write("units/vault-backup.service", "somebody's")
        try install("--folder", "units").expectFailure(2, "was not written by this program")
        #expect(stage.text(stage.path + "/units/vault-backup.service") == "somebody's")
        // Nor is what cannot be read as one of ours.
        for line in ["head -c 2000000 /dev/zero > $f", "ln -s nowhere $f", "mkfifo $f", "mkdir $f"] {
            #expect(try stage.shell("rm -rf units; mkdir units; f=units/vault-backup.timer; \(line)").status == 0)
            try install("--folder", "units").expectFailure(2, "was not written by this program")
        }
        #expect(!FileManager.default.fileExists(atPath: stage.path + "/policies"))
    }

    /// What was written is remembered in lines.
    @Test func namesOfSeveralLinesAreRefused() throws {
        try stage.vault("schedule", "install", "--folder", "un\nits").expectFailure(2, "cannot stand in a unit")
        #expect(!FileManager.default.fileExists(atPath: stage.path + "/policies"))
    }

    @Test func aDryRunWritesNothing() throws {
        let before = try tree()
        let shown = try install("--dry-run", "--with-drills")
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(
            shown.output.contains("==> systemctl")
                && shown.output.contains("enable --now vault-backup.timer vault-reminder.timer"))
        #expect(shown.output.contains("drill:\n  frequency: 1 month"))
        #expect(shown.errors.contains("whoever breaks into it then reads them too"))
        // Drills need namespaces and owners of files; the reminder does not.
        #expect(shown.output.contains("SystemCallFilter=@system-service @mount"))
        #expect(try !install("--dry-run").output.contains("drill:\n"))
        #expect(try tree() == before)
    }

    @Test func cronHasATableOfItsOwn() throws {
        #expect(try install("--cron", "--folder", "cron").status == 0)
        let table = stage.text(stage.path + "/cron/vault-backup")
        let lines = table.split(separator: "\n").filter { $0.contains("run --quiet") }
        #expect(lines.count == 2 && lines[1].hasPrefix("@reboot root sleep 600; "))
        #expect(lines[0].wholeMatch(of: #/[0-5]?[0-9] [12] \* \* \* root .*vault run --quiet/#) != nil, "\(table)")
        #expect(try stage.vault("schedule", "remove").status == 0)
        #expect(try stage.shell("ls cron").output == "")
    }

    /// The units follow what policies ask for.
    @Test func policiesThatAreThereAreTaken() throws {
        try stage.make("policies/systems")
        try stage.write(
            "policies/systems/app.yaml",
            "sources: {paths: [/etc], databases: ['sqlite:/var/lib/app/a.db']}\nrepository: /mnt/r\nschedule: {backup: 4 hours}\n"
                + "copies: [{path: /mnt/c}]\nnotification: {textfile: /var/lib/node/x.prom}\n")
        #expect(try install("--folder", "units").status == 0)
        let service = stage.text(stage.path + "/units/vault-backup.service")
        for path in ["/mnt/r", "/mnt/c", "/var/lib/app", "/var/lib/node"] {
            #expect(service.contains("ReadWritePaths=-\(path)\n"), "\(path)")
        }
        #expect(stage.text(stage.path + "/units/vault-backup.timer").contains("OnCalendar=hourly"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: stage.path + "/policies/systems") == ["app.yaml"])
        try stage.write("policies/systems/app.yaml", "sources: {paths: [etc]}\n")
        try install("--folder", "units").expectFailure(2, "have mistakes")
    }

    @Test func withoutARepositoryThereIsNothingToInstall() throws {
        let other = try Stage()
        try other.vault("schedule", "install", "--folder", "units").expectFailure(2, "No repository is named")
        #expect(!FileManager.default.fileExists(atPath: other.path + "/units"))
    }

    @Test func theReminderNamesEachSystem() throws {
        #expect(try stage.vault("schedule", "remind").output.contains("There is no snapshot yet"))
        try stage.make("src")
        try stage.write("src/a", "content")
        #expect(try stage.vault("backup", "src", "--system", "web").status == 0)
        let letter = try stage.vault("schedule", "remind")
        #expect(letter.status == 0 && letter.output.contains("web: no restore was ever proven"), "\(letter.output)")
        #expect(
            try stage.vault("schedule", "remind", "--language", "vi").output.contains("Đã đến lúc diễn tập khôi phục"))
        try stage.vault("schedule", "remind", "--mail", "a b").expectFailure(2, "--mail is no address")
        let drilled = try stage.vault("drill", "run", "--passphrase-file", "passphrase", "--scratch", stage.path)
        #expect(drilled.status == 0, "\(drilled.errors)")
        #expect(try stage.vault("schedule", "remind").output.contains("web: a restore was proven last on 20"))
    }
}
