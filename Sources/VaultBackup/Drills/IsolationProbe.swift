/// Looks from within a confinement at what programs in it can see, so that evidence says what was so and not what was
/// meant.
enum IsolationProbe {
    /// Writes: user, number of the process, then lines only if there is an address or an interface besides `lo`.
    private static let script = """
        id -u; echo $$
        cat /proc/net/if_inet6 /proc/net/fib_trie 2>/dev/null
        while read -r name rest; do case $name in lo:*) ;; *:*) echo "$name";; esac; done < /proc/net/dev
        """

    /// What a program sees. Nothing is seen where none can be run.
    static func look(_ confinement: Confinement, _ cancellation: Cancellation) -> Set<DrillIsolation> {
        let probe = confinement.tool("sh", ["-c", script], environment: [])
        guard let output = try? probe.output(cancellation) else { return [] }
        let lines = output.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
        guard lines.count >= 2 else { return [] }
        var seen: Set<DrillIsolation> = []
        if lines[0] != "0" { seen.insert(.unprivileged) }
        // The first process of a world of its own.
        if lines[1] == "1" { seen.insert(.ownProcesses) }
        if lines.count == 2 { seen.insert(.noNetwork) }
        return seen
    }
}
