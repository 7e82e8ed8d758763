import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct ScheduleUnitTests {
    private static func settings(_ change: (inout ScheduleSettings) -> Void = { _ in }) -> ScheduleSettings {
        var settings = ScheduleSettings(program: Array("/bin/true".utf8))
        settings.writable = ["/mnt/a b%c", "/root/.config/vault"].map { Array($0.utf8) }
        settings.variables = [Array("VAULT_POLICIES=/x y/\"$z\"%".utf8)]
        settings.longestRun = 7_200
        change(&settings)
        return settings
    }

    /// Each kind of unit that can be written.
    private static let kinds: [ScheduleSettings] = [
        settings(), settings { $0.hasHooks = true }, settings { $0.hasMail = true }, settings { $0.hasDrills = true },
        settings { ($0.shortestSpan, $0.mailsReminder) = (7_200, true) }, settings { $0.shortestSpan = 600 },
        settings { $0.isSystem = false },
    ]

    @Test(arguments: kinds.indices) func systemdAcceptsThem(_ kind: Int) throws {
        let folder = try TemporaryDirectory()
        var paths: [String] = []
        for file in ServiceUnits(Self.kinds[kind]).files {
            let path = folder.path + "/" + file.name
            try Data(file.text.utf8).write(to: URL(fileURLWithPath: path))
            paths.append(path)
        }
        let checked = try #require(runProgram(["systemd-analyze", "verify", "--recursive-errors=no"] + paths))
        #expect(checked.status == 0, "\(checked.output)")
        #expect(!checked.output.contains(folder.path), "\(checked.output)")
    }

    /// A service that does not see a directory saves an empty one in its place.
    @Test(arguments: kinds.indices) func nothingIsHidden(_ kind: Int) {
        let text = ServiceUnits(Self.kinds[kind]).files.map(\.text).joined()
        for option in [
            "PrivateTmp", "ProtectHome", "PrivateDevices", "InaccessiblePaths", "TemporaryFileSystem",
            "ProtectKernelModules",
            "RootDirectory", "ProtectProc", "PrivateUsers", "DynamicUser", "MountFlags", "BindPaths", "NoExecPaths",
        ] {
            #expect(!text.contains("\n\(option)"), "\(option)")
        }
        #expect(text.contains("Persistent=yes") && text.contains("RandomizedDelaySec="))
    }

    /// Older versions of systemd take the protection of the clock for a list of all devices that may be used.
    @Test func hooksAndDrillsMayUseDevices() throws {
        for settings in [Self.settings { $0.hasHooks = true }, Self.settings { $0.hasDrills = true }] {
            let unit = try #require(ServiceUnits(settings).files.first)
            #expect(!unit.text.contains("ProtectClock") && !unit.text.contains("Device"))
        }
        #expect(ServiceUnits(Self.settings()).files[0].text.contains("\nProtectClock=yes\n"))
    }

    /// The ordinary service is confined about as well as one that must read everything can be.
    @Test func exposureIsLow() throws {
        let folder = try TemporaryDirectory()
        let unit = try #require(ServiceUnits(Self.settings()).files.first)
        let path = folder.path + "/" + unit.name
        try Data(unit.text.utf8).write(to: URL(fileURLWithPath: path))
        let checked = try #require(
            runProgram(["systemd-analyze", "security", "--offline=yes", "--threshold=60", path]))
        #expect(checked.status == 0, "\(checked.output)")
    }

    @Test func wordsAreQuoted() {
        func quoted(_ text: String) -> String { ServiceUnits.quoted(Array(text.utf8), isCommand: true) }
        #expect(quoted("/usr/bin/vault") == "/usr/bin/vault")
        #expect(quoted("/a b") == "\"/a b\"" && quoted("/50%") == "\"/50%%\"" && quoted("/$HOME") == "\"/$$HOME\"")
        #expect(quoted("/a\"b\\c") == "\"/a\\\"b\\\\c\"" && quoted("/ü") == "\"/ü\"")
        #expect(CronTable.quoted(Array("/a b%'c".utf8)) == "'/a b\\%'\\''c'")
        // An accent behind a sign makes one character of the two, but only for us.
        #expect(
            CronTable.quoted(Array("/'\u{301}%\u{301}".utf8)).unicodeScalars.elementsEqual(
                "'/'\\''\u{301}\\%\u{301}'".unicodeScalars))
        #expect(quoted("/\"\u{301}%\u{301}").unicodeScalars.elementsEqual("\"/\\\"\u{301}%%\u{301}\"".unicodeScalars))
        #expect(!ScheduleSettings.canName([0x2f, 0xff]) && !ScheduleSettings.canName(Array("/a\nb".utf8)))
    }

    @Test func rhythmFollowsThePolicies() {
        func timer(_ span: Int) -> String { ServiceUnits(Self.settings { $0.shortestSpan = span }).files[1].text }
        #expect(timer(86_400).contains("OnCalendar=*-*-* 01:00:00\n"))
        #expect(timer(4 * 3_600).contains("OnCalendar=hourly\n"))
        #expect(timer(600).contains("OnCalendar=*:0/15\n"))
        func cron(_ span: Int, _ number: Int) -> String? {
            CronTable(Self.settings { ($0.shortestSpan, $0.machineNumber) = (span, number) }).text
                .split(separator: "\n").first { $0.contains("run --quiet") }.map(String.init)
        }
        #expect(cron(86_400, 0)?.hasPrefix("0 1 * * * root ") == true)
        #expect(cron(86_400, 119)?.hasPrefix("59 2 * * * root ") == true)
        #expect(cron(3_600, 61)?.hasPrefix("1 * * * * root ") == true)
        #expect(cron(600, 14)?.hasPrefix("14,29,44,59 * * * * root ") == true)
    }

    /// What cron runs is what was meant, whatever is in the path: a shell decides.
    @Test func theShellTakesTheWordsApart() throws {
        let folder = try TemporaryDirectory()
        let program = folder.path + "/it's 50%"
        try Data("#!/bin/sh\necho \"$V $1 $2\"\n".utf8).write(to: URL(fileURLWithPath: program))
        _ = runProgram(["chmod", "+x", program])
        var settings = ScheduleSettings(program: Array(program.utf8))
        settings.variables = [Array("V=a 'b' $c".utf8)]
        let line = try #require(CronTable(settings).text.split(separator: "\n").first { $0.hasPrefix("0 1 ") })
        // Cron takes the backslash before a percent sign away.
        let command = line.split(separator: " ", maxSplits: 6)[6].replacingOccurrences(of: "\\%", with: "%")
        #expect(runProgram(["/bin/sh", "-c", command])?.output == "a 'b' $c run --quiet\n")
    }
}
