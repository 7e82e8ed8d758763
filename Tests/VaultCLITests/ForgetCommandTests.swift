import Foundation
import Testing
import VaultTestSupport

private let faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
private let isFaketimeInstalled = FileManager.default.fileExists(atPath: faketime)

/// Forgetting and holding as a user does it, on a history of a hundred days.
@Suite(.enabled(if: isFaketimeInstalled, "libfaketime is not installed"))
struct ForgetCommandTests {
    /// Ages of the snapshots of `web`, in days, oldest first.
    private static let ages = [95, 94, 93, 65, 64, 63, 62, 61, 60, 40, 35, 20, 10, 5, 2, 1]
    private static let functions = """
        set -e; export VAULT_REPOSITORY=$PWD/repo TZ=UTC
        at() { t=$1; shift; LD_PRELOAD=\(faketime) FAKETIME=$t "$@"; }
        add() { t=$1; shift; date +%N > src/file; at $t vault backup src -q --workers 1 "$@"; }

        """

    /// The history, made once.
    private static let prepared: Result<Stage, any Error> = Result {
        let stage = try Stage()
        let days = ages.map { "add -\($0)d --system web" + ($0 == 64 ? " --tag paper --tag year" : "") }
        let made = try stage.shell(
            functions + """
                mkdir src
                at -100d vault init repo --name 'Jane Doe' --machine web1 --passphrase-file passphrase -q
                \(days.joined(separator: "\n"))
                add -50d --system mail; add -1d --system mail
                """)
        try #require(made.status == 0, "\(made.output)\(made.errors)")
        return stage
    }

    private let stage: Stage

    init() throws {
        stage = try Stage()
        let from = try Self.prepared.get().path
        let copied = try stage.shell("cp -a '\(from)/repo' '\(from)/src' . && cp -a '\(from)/home/.' home/")
        try #require(copied.status == 0, "\(copied.errors)")
    }

    private func run(_ line: String) throws -> Stage.Outcome {
        try stage.shell(
            Self.functions + line, environment: ["VAULT_PASSPHRASE_FILE": stage.path + "/passphrase"])
    }

    /// Ids of the snapshots of a system, as the listing has them.
    private func ids(_ system: String = "web") throws -> [String] {
        let listed = try run("vault snapshots --system \(system) --json").json().first?["snapshots"] as? [[String: Any]]
        return try #require(listed).compactMap { ($0["id"] as? String).map { String($0.prefix(8)) } }
    }

    private struct Decision {
        var id: String
        var action: String
        var reasons: [String]
        var obstacle: String?
    }

    private func decisions(_ outcome: Stage.Outcome, _ system: String = "web") throws -> [Decision] {
        let report = try #require(outcome.json().first, "\(outcome.errors)")
        let groups = try #require(report["groups"] as? [[String: Any]])
        return groups.filter { $0["system"] as? String == system }.flatMap { $0["snapshots"] as? [[String: Any]] ?? [] }
            .map { decision in
                let id = (decision["snapshot"] as? [String: Any])?["id"] as? String ?? ""
                return Decision(
                    id: String(id.prefix(8)), action: decision["action"] as? String ?? "",
                    reasons: decision["reasons"] as? [String] ?? [], obstacle: decision["obstacle"] as? String)
            }
    }

    // MARK: Rules

    @Test func dryRunExplainsAndChangesNothing() throws {
        let before = try stage.shell("find repo -type f -printf '%p %s %T@\\n' | sort | sha256sum").output
        let all = try ids()
        // No passphrase is known.
        let dry = try stage.shell(
            Self.functions + "vault forget --keep-last 2 --keep-monthly 2 --keep-tag paper,year --system web --dry-run")
        #expect(dry.status == 0, "\(dry.errors)")
        #expect(dry.output.contains("System web, by web1\n"))
        #expect(dry.output.contains("last snapshot, monthly snapshot") && dry.output.contains("has tags [paper, year]"))
        #expect(dry.output.contains("not before 20") && dry.output.contains("Would forget"))
        #expect(dry.output.contains("30 days, and 7 days"))
        let report = try run("vault forget --keep-last 2 --keep-tag paper --system web --dry-run --json")
        let decided = try decisions(report)
        #expect(decided.map(\.id) == all.reversed())
        // Old enough, and not kept: 95 to 35 days but for the tagged one; seven days remain in any case.
        #expect(decided.filter { $0.action == "forget" }.map(\.id) == Array((all[0..<4] + all[5..<10]).reversed()))
        #expect(decided.filter { $0.obstacle == "too-few-remain" }.map(\.id) == [all[10]])
        #expect(decided.filter { $0.obstacle == "too-young" }.map(\.id) == Array(all[11..<14].reversed()))
        #expect(try stage.shell("find repo -type f -printf '%p %s %T@\\n' | sort | sha256sum").output == before)
        #expect(try ids() == all)
    }

    @Test func forgetAndBringBack() throws {
        let all = try ids()
        let forgot = try run("vault forget --keep-last 12 --system web")
        #expect(forgot.status == 0, "\(forgot.errors)")
        #expect(forgot.output.contains("Forgot 4 of 16 snapshots") && forgot.output.contains("--undo"))
        #expect(try ids() == Array(all[4...]))
        #expect(try ids("mail").count == 2)
        let forgotten = try run("vault snapshots --forgotten --json").json().first
        let gone = try #require(forgotten?["snapshots"] as? [[String: Any]])
        #expect(gone.count == 4 && gone.allSatisfy { $0["canBeUndone"] as? Bool == true })
        #expect(gone.allSatisfy { $0["forgottenBy"] as? String == "Jane Doe" })
        #expect(try run("vault snapshots --forgotten").output.contains("UNDO UNTIL"))
        try run("vault forget \(all[0])").expectFailure(2, "is forgotten")
        try run("vault hold \(all[0]) --reason x").expectFailure(2, "is forgotten")
        try run("vault forget --undo \(all[5])").expectFailure(2, "is not forgotten")
        try run("vault forget --undo 00000000").expectFailure(2, "no forgotten snapshot")
        let back = try run("vault forget --undo \(all[0]) \(all[2])")
        #expect(back.status == 0 && back.output.contains("Brought back \(all[0]) of web"), "\(back.errors)")
        #expect(try ids().sorted() == (all[4...] + [all[0], all[2]]).sorted())
        let restored = try run("vault restore \(all[0]) --target back -q && find back -name file -size +0 | grep .")
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(try run("vault verify --read-data && vault audit -q").status == 0)
        // Again: there is nothing to do any more, and nothing is asked.
        #expect(try run("vault forget --keep-last 14 --system web").output.contains("Forgot 0 of 14 snapshots"))
    }

    /// What the keyring keeps goes only by order: named at once, by rules with --early.
    @Test func ordersForWhatIsNotDue() throws {
        let all = try ids()
        let named = try run("vault forget \(all[15]) --reason 'by mistake'")
        #expect(named.status == 0 && named.output.contains("Forgot \(all[15]) of web"), "\(named.errors)")
        #expect(named.output.contains("by order: approved by 1 of 1"))
        #expect(try run("vault snapshots --forgotten").output.contains("by mistake"))
        let few = try run("vault forget --keep-last 3 --system web --json")
        #expect(try decisions(few).filter { $0.obstacle != nil }.map(\.id) == Array(all[8..<12].reversed()))
        let early = try run("vault forget --keep-last 3 --system web --early")
        #expect(early.status == 0 && early.output.contains("approved by 1 of 1"), "\(early.output)\(early.errors)")
        #expect(try ids() == Array(all[12..<15]))
        let none = "vault forget --keep-tag none --system web --early"
        try run(none).expectFailure(2, "all snapshots of the system 'web'")
        try run("vault forget \(all[12]) \(all[13]) \(all[14])").expectFailure(2, "all snapshots of the system 'web'")
        #expect(try ids().count == 3)
        #expect(try run(none + " --unsafe-allow-remove-all").status == 0)
        #expect(try ids() == [])
        #expect(try run("vault forget --undo \(all[12])").status == 0)
        #expect(try ids() == [all[12]])
        #expect(try run("vault audit -q").status == 0)
    }

    @Test func wrongUse() throws {
        let one = try ids()[0]
        try run("vault forget").expectFailure(2, "No rule says what to keep")
        try run("vault forget --keep-last 0 --keep-daily 0").expectFailure(2, "No rule says what to keep")
        for option in [
            "--keep-last x", "--keep-last=-1", "--keep-daily 1.5", "--keep-weekly ''", "--keep-within 7",
            "--keep-within 7x", "--keep-within-daily=-7d", "--keep-yearly 99999999999999999999", "--keep-tag ''",
            "--group-by host", "--group-by ''", "--keep-secondly 1",
        ] {
            let failed = try run("vault forget \(option)")
            #expect(failed.status == 2, "\(option): \(failed.output)")
        }
        try run("vault forget \(one) --keep-last 1").expectFailure(2, "not both")
        try run("vault forget --undo").expectFailure(2, "--undo needs")
        try run("vault forget --undo \(one) --keep-last 1").expectFailure(2, "nothing else")
        try run("vault forget 00000000").expectFailure(2, "00000000")
        try run("vault forget --keep-last 1 --system nowhere").expectFailure(2, "nowhere")
        try run("vault hold \(one)").expectFailure(2, "reason")
        try run("vault hold \(one) --reason ''").expectFailure(2, "must not be empty")
        for date in ["2020-01-01", "2030-02-30", "2030-13-01", "soon", "''", "2031-02-29"] {
            let failed = try run("vault hold \(one) --reason x --until \(date)")
            #expect(failed.status == 2, "\(date)")
        }
        #expect(try run("vault hold \(one) --reason x --until 2032-02-29").status == 0)
        try run("vault release latest:mail").expectFailure(2, "is not held")
        // The write-only machine may hold, and nothing else.
        let machine = "--identity \"$(find home -name machine.identity)\""
        try run("vault forget --keep-last 1 --system web \(machine)").expectFailure(13, "web1")
        try run("vault forget --undo \(one) \(machine)").expectFailure(13, "web1")
        try run("vault release \(one) \(machine)").expectFailure(13, "web1")
        #expect(try ids().count == Self.ages.count)
    }

    // MARK: Holds

    @Test func holds() throws {
        let all = try ids()
        // A machine places it: no passphrase is known.
        let held = try stage.shell(Self.functions + "vault hold \(all[0]) --reason 'case 17' --until 90d")
        #expect(held.status == 0 && held.output.contains("Held \(all[0]) of web until "), "\(held.errors)")
        #expect(try run("vault hold \(all[1]) --reason 'a long one'").output.contains("until an order releases it"))
        let listed = try run("vault snapshots --system web")
        #expect(listed.output.contains("HELD") && listed.output.contains("an order"))
        #expect(try run("vault snapshots \(all[0])").output.contains("case 17"))
        try run("vault forget \(all[2]) \(all[0])").expectFailure(13, "\(all[0]) is held: case 17")
        #expect(try ids() == all)
        let forgot = try run("vault forget --keep-last 10 --system web --early --json")
        #expect(try decisions(forgot).filter { $0.obstacle == "held" }.map(\.id) == [all[1], all[0]])
        #expect(try ids() == Array(all[0...1] + all[6...]))
        #expect(try run("vault forget --keep-last 9 --system web -n").output.contains("case 17"))
        let released = try run("vault release \(all[1])")
        #expect(released.output.contains("Released \(all[1])"), "\(released.errors)")
        #expect(released.output.contains("by order: approved by 1 of 1"))
        // After its time it takes no order, once another member has seen that time as well.
        let over = try run("add +91d --system web; at +91d vault release \(all[0])")
        #expect(over.status == 0 && over.output.contains("Released \(all[0])"), "\(over.errors)")
        #expect(!over.output.contains("order"))
        #expect(try !run("vault snapshots").output.contains("HELD"))
        #expect(try run("vault forget \(all[0])").status == 0)
    }

    // MARK: Clocks and planted snapshots

    @Test func plantedSnapshotsTakeNobodysPlace() throws {
        let all = try ids()
        let rules = "--keep-daily 100 --system web"
        let before = try decisions(run("vault forget \(rules) -n --json"))
        #expect(before.allSatisfy { $0.action == "keep" && $0.reasons == ["daily snapshot"] })
        // Dated back: the newest of a day that is over; and far ahead.
        #expect(try run("add '-63d' --system web; add +300d --system web").status == 0)
        let after = try run("vault forget \(rules) -n --json")
        let reasons = Dictionary(uniqueKeysWithValues: try decisions(after).map { ($0.id, $0.reasons) })
        #expect(all.allSatisfy { reasons[$0] == ["daily snapshot"] })
        let planted = try ids().filter { !all.contains($0) }
        #expect(
            planted.count == 2
                && Set(planted.flatMap { reasons[$0] ?? [] }) == [
                    "dated before an earlier one", "dated after now",
                ])
        let text = try run("vault forget \(rules) -n").output
        #expect(text.contains("2 snapshots are not dated as the log can have it"))
        #expect(try run("vault forget \(planted[0]) \(planted[1])").status == 0)
        #expect(try ids() == all)
        let note = try run("vault forget --keep-last 20 -n")
        #expect(note.errors.contains("by number alone"))
    }

    /// A day is one of local time.
    @Test func localDays() throws {
        #expect(try run("TZ=ICT-7 vault forget --keep-last 20 -n").output.contains("UTC+07:00"))
        #expect(try run("TZ=ICT-7 vault forget --keep-last 20 -n --utc").output.contains("of UTC."))
    }

    // MARK: Several at once, and terminals

    @Test func twoAtOnce() throws {
        let all = try ids()
        let both = try run(
            // Not in the shell's background: its wait needs a signal that may be blocked here.
            "printf '12 13' | xargs -n 1 -P 2 vault forget --system web -q --keep-last")
        #expect(both.status == 0, "\(both.output)\(both.errors)")
        #expect(try ids() == Array(all[4...]))
        #expect(try run("vault audit -q").status == 0)
    }

    @Test func besideABackup() throws {
        let all = try ids()
        let outcome = try run(
            """
            head -c 15000000 /dev/urandom > src/large
            { vault backup src -q --system web --limit-read 3M & echo $! > pid; wait $!; echo $? > status; } 2> backup.log &
            until [ -s pid ] && ls -l /proc/$(cat pid)/fd | grep -q src/large; do sleep 0.05; test ! -e status; done
            kill -STOP $(cat pid)
            vault forget --keep-last 12 --system web -q
            test ! -e status
            kill -CONT $(cat pid)
            while ! test -s status; do sleep 0.1; done
            test "$(cat status)" = 0
            vault restore latest:web --target back -q; cmp src/large back$PWD/src/large
            vault verify -q
            """)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(try ids().dropLast() == all[4...])
    }

    @Test func narrowTerminal() throws {
        #expect(try run("vault hold \(ids()[0]) --reason 'a reason that is rather long for sixty columns'").status == 0)
        for command in ["forget --keep-last 2 --keep-weekly 3 -n", "snapshots", "snapshots --forgotten"] {
            let words = ["vault"] + command.split(separator: " ").map(String.init)
            let seen = try Tools.terminal(words + ["-r", "repo"], stage, columns: 60)
            #expect(seen.status == 0)
            for line in seen.text.split(whereSeparator: \.isNewline) { #expect(line.count <= 60, "\(line)") }
        }
    }
}
