import Foundation
import Testing
import VaultTestSupport

/// Runs by policy, as a timer starts them: with nobody there.
@Suite struct RunTests {
    private let user: LookingStage

    init() throws {
        user = try LookingStage()
        try user.require(
            """
            mkdir -p policies/systems src/deep; head -c 300000 /dev/urandom > src/deep/data; echo 1 > src/a
            sqlite3 app.db "CREATE TABLE t (a); INSERT INTO t VALUES (1)"
            """)
    }

    /// With no way to a passphrase.
    private func run(_ options: String = "", _ more: String = "") throws -> Stage.Outcome {
        try user.stage.shell("vault run --policies policies \(options) \(more)")
    }

    private func policy(_ name: String, _ text: String) throws {
        let path = user.stage.path + "/policies/systems/\(name).yaml"
        let whole = text.replacingOccurrences(of: "$PWD", with: user.stage.path)
        #expect(FileManager.default.createFile(atPath: path, contents: Data(whole.utf8)))
    }

    private func outcomes(_ run: Stage.Outcome) throws -> [String] {
        let report = try #require(run.json().last, "\(run.errors)")
        return (report["outcomes"] as? [[String: Any]] ?? []).map {
            [$0["task"], $0["system"], $0["result"]].compactMap { $0 as? String }.joined(separator: " ")
        }
    }

    private var snapshots: Int {
        (try? user.shell("vault snapshots --json | jq '.snapshots | length'").output).flatMap {
            Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
        } ?? -1
    }

    @Test func whatIsDueIsDoneOnceAndTold() throws {
        // A copy is known by where it is, however the policy writes that.
        try user.require("ln -s . link")
        try policy(
            "web",
            """
            system: web
            sources:
              paths: [$PWD/src]
              databases: ["sqlite:$PWD/app.db"]
            retention: {keep-daily: 7}
            copies:
              - path: $PWD/link/disk
            notification:
              textfile: $PWD/vault.prom
              command: [/bin/sh, -c, "cat > $PWD/told.json"]
              when: always
            """)
        let plan = try run("--dry-run --json")
        #expect(
            try outcomes(plan) == [
                "backup web planned", "copy planned", "forget web planned", "prune planned", "verify planned",
            ])
        #expect(snapshots == 0)
        let first = try run("--json")
        #expect(first.status == 0, "\(first.errors)")
        #expect(
            try outcomes(first) == [
                "backup web done", "copy done", "forget web done", "prune skipped", "verify done",
            ])
        #expect(snapshots == 1)
        let seen = try user.shell(
            """
            set -e; vault restore latest:web:$PWD/src --target back -q; rsync -nicaHAXS --delete src/ back/
            vault verify --read-data -r disk -q; jq -r '.failed, .outcomes[0].result' told.json
            grep -c '^vault_recoverable{system="web",repository="[0-9a-f]*"} 0$' vault.prom
            grep -c '^vault_run_task_result{task="backup",system="web",result="done"} 1$' vault.prom
            awk '!/^# (HELP|TYPE) vault_/ && !/^vault_[a-z_]+({[^}]*})? [0-9.]+$/' vault.prom
            """)
        #expect(seen.status == 0 && seen.output == "false\ndone\n1\n1\n", "\(seen.output)\(seen.errors)")
        #expect(!seen.output.contains("src"))
        let second = try run("--json")
        #expect(second.status == 0, "\(second.errors)")
        #expect(try outcomes(second) == ["prune skipped"])
        let forced = try run("--force --only backup --json")
        #expect(try outcomes(forced) == ["backup web done"])
        #expect(snapshots == 2)
    }

    /// One system fails: the others are saved, nothing of it is forgotten, and whoever is named is told.
    @Test func oneFailureIsNotTheEnd() throws {
        for name in ["bad", "good"] {
            try policy(
                name,
                """
                system: \(name)
                sources:
                  paths: [$PWD/src]
                  databases: ["sqlite:$PWD/\(name == "bad" ? "missing" : "app").db"]
                retention: {keep-daily: 7}
                notification:
                  command: [/bin/sh, -c, "cat >> $PWD/told.json"]
                """)
        }
        let done = try run("--json")
        #expect(done.status == 1 && done.errors.contains("missing.db"), "\(done.errors)")
        let found = try outcomes(done)
        #expect(found.prefix(4) == ["backup bad failed", "backup good done", "forget bad skipped", "forget good done"])
        #expect(snapshots == 1)
        let told = try user.shell("jq -r '.failed' told.json; grep -c missing told.json")
        #expect(told.output == "true\n0\n", "one notice, without names of files: \(told.output)")
    }

    /// While one run works another does nothing; one that works for too long is noticed.
    @Test func twoAtOnce() throws {
        try policy(
            "web",
            """
            system: web
            sources: {paths: [$PWD/src]}
            hooks:
              before: [[/bin/sh, -c, "touch $PWD/begun; while [ ! -e $PWD/go ]; do sleep 0.1; done"]]
            """)
        try policy("quick", "system: quick\nsources: {paths: [$PWD/src]}\nschedule: {timeout: 1 second}\n")
        let seen = try user.stage.shell(
            """
            vault run web --policies policies -q & while [ ! -e begun ]; do sleep 0.1; done
            vault run --policies policies; echo $?; sleep 2
            vault run quick --policies policies 2> late; echo $?; touch go; wait $!; echo $?
            """)
        #expect(seen.output == "0\n11\n0\n", "\(seen.output)\(seen.errors)")
        #expect(user.stage.text(user.stage.path + "/late").contains("has been running 'vault run' since"))
        let next = try run("--json")
        #expect(next.status == 0, "\(next.errors)")
        #expect(try outcomes(next).first == "backup quick done")
        #expect(snapshots == 2)
    }

    /// What needs more than this machine may do is skipped and named; with a passphrase at hand it is done.
    @Test func whatNeedsAPerson() throws {
        try policy(
            "web",
            """
            system: web
            sources: {paths: [$PWD/src]}
            schedule: {verify: never, prune: never}
            drill: {frequency: 1 month, scratch: $PWD}
            """)
        let alone = try run()
        #expect(alone.status == 0 && alone.output.contains("drill web: skipped"), "\(alone.output)")
        #expect(alone.output.contains("vault drill run --snapshot latest:web"), "\(alone.output)")
        let drilled = try user.shell("vault run --policies policies --json")
        #expect(drilled.status == 0, "\(drilled.errors)")
        #expect(try outcomes(drilled) == ["drill web done"])
        #expect(try user.shell("vault status --json | jq -r .verdict").output == "proven\n")
    }

    @Test func faultsInPoliciesAreNamedAndTheOthersAreDone() throws {
        try policy("bad", "system: bad\nsources: {pahts: [/etc]}\n")
        try policy("good", "system: good\nsources: {paths: [$PWD/src]}\n")
        let done = try run()
        #expect(done.status == 1 && done.errors.contains("bad.yaml") && done.errors.contains("pahts"), "\(done.errors)")
        #expect(snapshots == 1)
        try run("nonsense").expectFailure(2, "There is no policy for the system 'nonsense'")
        try user.shell("vault run --policies nowhere").expectFailure(2, "nowhere")
    }
}
