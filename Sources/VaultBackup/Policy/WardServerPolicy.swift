/// The policy of a machine that has none: nightly backups of what an ordinary server keeps for people.
public enum WardServerPolicy {
    /// Where an ordinary server keeps what cannot be installed again.
    public static let candidates = [
        "/etc", "/home", "/root", "/srv", "/var/www", "/opt", "/usr/local", "/var/spool/cron", "/var/mail",
    ]

    /// The policy for paths that are there.
    ///
    /// - Parameter repository: nil for the one that this user remembers.
    public static func policy(
        system: String, paths: [[UInt8]], repository: [UInt8]?, hasMail: Bool, withDrills: Bool
    ) -> SystemPolicy {
        var policy = SystemPolicy(system: system)
        policy.repository = repository
        policy.sources.paths = paths
        policy.sources.exclude = ["*.tmp", "/home/*/Downloads"].map { Array($0.utf8) }
        policy.sources.excludeIfPresent = [Array(".nobackup".utf8)]
        var rules = RetentionRules()
        rules.counts = [.daily: .upTo(7), .weekly: .upTo(5), .monthly: .upTo(12), .yearly: .upTo(3)]
        policy.retention = rules
        policy.objectives.rpo = PolicySpan("2 days")
        if withDrills { policy.drill = PolicyDrill() }
        if hasMail { policy.notification.mail = ["root"] }
        return policy
    }

    /// The same as a file with explanations.
    public static func text(_ policy: SystemPolicy) -> String {
        let comments: [String: [String]] = [
            "": [
                "What is saved on this machine, and when. Written by 'vault schedule install'; change it as you like, then",
                "run:", "    vault system lint",
                "docs/POLICIES.md explains every key.",
            ],
            "sources": [
                "Directories that hold what cannot be installed again. Databases of this machine are listed by",
                "    vault database scan", "and are added like this:",
                "    databases:", "      - postgres:all",
            ],
            "retention": ["What is kept; the rest is let go."],
            "drill": [
                policy.drill == nil
                    ? "No drill is run when nobody is present: it would need a machine that can read the backups."
                    : "Drills run by themselves: this machine can read the backups."
            ],
            "notification": ["Who is told when something fails."],
        ]
        return PolicyWriter(policy, comments: comments).text
    }
}
