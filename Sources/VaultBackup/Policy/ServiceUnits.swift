/// Units of systemd.
///
/// Nothing here may hide files from the service, since it would save an empty directory in their place: no private
/// `/tmp`, `/home` or `/dev`, and no `ProtectKernelModules`, which hides `/usr/lib/modules`.
public struct ServiceUnits: Sendable {
    private let settings: ScheduleSettings

    /// Units for these settings.
    public init(_ settings: ScheduleSettings) { self.settings = settings }

    /// The names of the timers, which are what is enabled.
    public static let timers = ["vault-backup.timer", "vault-reminder.timer"]

    /// All units, by file name.
    public var files: [(name: String, text: String)] {
        [
            ("vault-backup.service", service("Backups and checks that are due", ["run", "--quiet"], isRun: true)),
            ("vault-backup.timer", timer("Starts the backups and checks that are due", calendar, delay)),
            (
                "vault-reminder.service",
                service("Reminder of a restore drill with a person present", settings.reminder, isRun: false)
            ),
            ("vault-reminder.timer", timer("Reminds of a restore drill every month", "*-*-01 09:00:00", "1h")),
        ]
    }

    // MARK: Timers

    private var calendar: String {
        switch settings.rhythm {
        case .nightly: "*-*-* \(Amounts.timeOfDay(settings.startMinute)):00"
        case .hourly: "hourly"
        case .quarterly: "*:0/15"
        }
    }

    private var delay: String {
        switch settings.rhythm {
        case .nightly: "\(settings.spreadMinutes)min"
        case .hourly: "20min"
        case .quarterly: "5min"
        }
    }

    private func timer(_ description: String, _ calendar: String, _ delay: String) -> String {
        """
        \(ScheduleSettings.mark)

        [Unit]
        Description=Vault: \(description)

        [Timer]
        OnCalendar=\(calendar)
        # Machines with the same times do not all begin at once; on one machine it is the same delay each time.
        RandomizedDelaySec=\(delay)
        FixedRandomDelay=yes
        AccuracySec=1min
        # What was missed while the machine was off is made up for after the next start.
        Persistent=yes

        [Install]
        WantedBy=timers.target

        """
    }

    // MARK: Services

    private func service(_ description: String, _ arguments: [String], isRun: Bool) -> String {
        var lines = [
            ScheduleSettings.mark, "# Changes belong into a drop-in: 'systemctl edit' makes one.", "", "[Unit]",
            "Description=Vault: \(description)",
            "After=local-fs.target remote-fs.target network.target time-sync.target postgresql.service mariadb.service",
            "", "[Service]", "Type=oneshot",
            "ExecStart="
                + ([settings.program] + arguments.map { Array($0.utf8) }).map { Self.quoted($0, isCommand: true) }
                .joined(separator: " "),
        ]
        lines += settings.variables.map { "Environment=" + Self.quoted($0) }
        lines += [
            "SyslogIdentifier=vault", "# Last means against a run that hangs: each policy has a timeout of its own.",
            "TimeoutStartSec=\(settings.longestRun + 3_600)s", "TimeoutStopSec=5min", "KillMode=mixed", "",
            "# Everybody else goes first.", "Nice=19", "CPUSchedulingPolicy=batch", "IOSchedulingClass=idle", "",
            "UMask=0077",
        ]
        lines += settings.isSystem ? confinement(isRun: isRun) : []
        return lines.joined(separator: "\n") + "\n"
    }

    /// What the service may not do. It must read every file of the machine, and so is root; it writes few places.
    private func confinement(isRun: Bool) -> [String] {
        let runsOthers = isRun && settings.hasHooks
        let sendsMail = isRun && settings.hasMail || !isRun && settings.mailsReminder
        let drills = isRun && settings.hasDrills
        var lines = [
            "# It reads everything, and so is root; it writes only what is named here. /home, /tmp and /dev are the",
            "# real ones: what is hidden from it would be missing in the backup.",
        ]
        if runsOthers {
            lines += ["# Hooks are the owner's programs: what they may need is not known here.", "ProtectSystem=full"]
        } else {
            lines.append("ProtectSystem=strict")
            // A place that is not there now, such as a disk that is not mounted, is no reason not to start.
            lines += settings.writable.map { "ReadWritePaths=" + Self.quoted([UInt8(ascii: "-")] + $0) }
            if sendsMail { lines.append("ReadWritePaths=-/var/spool -/var/mail -/var/log") }
        }
        if !runsOthers, !sendsMail { lines.append("NoNewPrivileges=yes") }
        if !runsOthers, !sendsMail, !drills {
            lines += ["RestrictSUIDSGID=yes", "RestrictNamespaces=yes", "MemoryDenyWriteExecute=yes"]
        }
        lines += [
            "ProtectKernelTunables=yes", "ProtectKernelLogs=yes", "ProtectControlGroups=yes", "ProtectHostname=yes",
            "RestrictRealtime=yes", "LockPersonality=yes", "SystemCallArchitectures=native",
        ]
        // Before version 253 this closes every device but the clock: a hook could mount no snapshot of a volume, and a
        // drill could make no device.
        if !runsOthers, !drills { lines.append("ProtectClock=yes") }
        if !runsOthers {
            lines.append("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK")
            // Scratch servers of drills get namespaces of their own.
            lines += ["SystemCallFilter=@system-service" + (drills ? " @mount" : ""), "SystemCallErrorNumber=EPERM"]
            lines.append("CapabilityBoundingSet=" + capabilities(drills).joined(separator: " "))
        }
        return lines
    }

    /// DAC and FOWNER to read all without leaving a trace, SYS_ADMIN for attributes of the namespace `trusted`,
    /// SYS_PTRACE to see which databases are open, KILL for programs of databases, the rest for them and for mail; then
    /// those that restore owners, devices and flags in a drill.
    private func capabilities(_ drills: Bool) -> [String] {
        [
            "CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_KILL",
            "CAP_SETUID", "CAP_SETGID", "CAP_SYS_NICE",
        ]
            + (drills
                ? ["CAP_CHOWN", "CAP_FSETID", "CAP_MKNOD", "CAP_SETFCAP", "CAP_LINUX_IMMUTABLE", "CAP_SYS_RESOURCE"]
                : [])
    }

    /// One word of a unit file, of bytes that can stand there (``ScheduleSettings/canName(_:)``).
    static func quoted(_ word: [UInt8], isCommand: Bool = false) -> String {
        let text = String(decoding: word, as: UTF8.self)
        if ScheduleSettings.isPlain(text) { return text }
        // By scalars: to a string a sign and the accent behind it are one character, and systemd does not know that.
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "%": "%%"
            case "$" where isCommand: "$$"
            case "\"", "\\": "\\\(scalar)"
            default: String(scalar)
            }
        }.joined()
        return "\"\(escaped)\""
    }
}
