import Foundation

/// How much of a sweep runs: a bounded sample in `swift test`, every point when `scripts/campaign` says so.
enum CampaignScale {
    private static let environment = ProcessInfo.processInfo.environment
    static var isFull: Bool { environment["VAULT_CAMPAIGN_SCALE"] == "full" }
    static let seed = environment["VAULT_CAMPAIGN_SEED"].flatMap { UInt64($0) } ?? 33

    private static let lock = NSLock()
    // Unsafe by the word only: both are touched with the lock held.
    nonisolated(unsafe) private static var counts: [String: Int] = [:]
    nonisolated(unsafe) private static var findings: [String] = []

    /// Prints what a sweep has counted, and adds it to the result of the class if there is one.
    static func report(_ kind: String, points: Int, findings found: [String]) {
        print("\(kind): \(points) points, \(found.count) violations, seed \(seed)")
        lock.withLock {
            counts[kind, default: 0] += points
            findings += found.map { "\(kind): \($0)" }
            guard let path = environment["VAULT_CAMPAIGN_OUT"] else { return }
            let result: [String: Any] = [
                "points": counts.values.reduce(0, +), "violations": findings.count, "counts": counts,
                "findings": Array(findings.prefix(100)),
            ]
            try? JSONSerialization.data(withJSONObject: result).write(to: URL(fileURLWithPath: path))
        }
    }
}
