/// What sealing anew came to.
public struct RewriteReport: Sendable {
    /// The epoch whose keys everything is sealed to now, but for what is left.
    public var epoch: Int
    /// Packs that were sealed to earlier keys, and have been sealed anew.
    public var resealed = PackCount()
    /// Packs that took their place.
    public var stored = PackCount()
    /// Packs that were deleted.
    public var deleted = PackCount()
    /// Packs sealed to earlier keys that snapshots use, and that could not be sealed anew.
    public var left = PackCount()
    /// Whether some of these are of a session that is open: they can be sealed anew when it has ended.
    public var isSessionOpen = false
    /// Packs sealed to earlier keys that no snapshot uses: for prune.
    public var unused = PackCount()
    /// Packs that have been replaced, and are deleted when sessions end.
    public var waiting = PackCount()
    /// Names of copies that this client knows: they hold the old packs until they are brought up to date.
    public var copies: [String] = []
    /// What could not be done as wanted, a sentence each.
    public var warnings: [String] = []
    /// How long it took, in nanoseconds.
    public var nanoseconds: UInt64 = 0

    /// Whether nothing that a snapshot uses is sealed to earlier keys any more.
    public var isComplete: Bool { left.packs == 0 }
}

/// Seals anew, to the keys in force, what is sealed to earlier ones: so that who had those cannot read it from this store
/// any more. It takes nothing back from who kept a copy.
public enum Rewrite {
    /// Replaces every pack of earlier epochs that a snapshot uses. It may be killed at any moment: the next run goes on
    /// where this one ended. On return everything that was reported as deleted is gone durably.
    ///
    /// - Throws: ``VaultError`` `.notAllowed` for a member that may not read; and as ``Prune`` does. What was done until
    ///   then stays done, and nothing that a snapshot uses is lost.
    public static func run(
        with access: MaintainAccess, client: Client, events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation()
    ) throws -> RewriteReport {
        try check(access)
        let clock = access.repository.clock
        let started = clock.monotonicNanoseconds()
        let run = RewriteRun(PruneRun(PruneRequest(), access, events, cancellation))
        var report = try run.run()
        report.copies = Copy.list(access.repository, client: client).map(\.marker.name)
        report.nanoseconds = clock.monotonicNanoseconds() - started
        return report
    }

    /// Whether a member may do it, asked before keys are drawn.
    /// - Throws: ``VaultError`` `.notAllowed`.
    public static func check(_ access: MaintainAccess) throws {
        guard access.reading != nil else {
            throw VaultError(
                .notAllowed, "'\(access.member.name)' may not read, and so cannot seal content anew",
                nextStep: "Use an identity with the roles read and maintain")
        }
    }
}
