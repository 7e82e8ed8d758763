import Foundation
import Testing
import VaultTestSupport

/// Every role and every operation, each cell a process of its own: what is allowed ends with 0, anything else with the
/// status and sentence that fit, and without a trace in the log.
@Suite struct RoleMatrixTests {
    private static let who = [
        "write", "read", "maintain", "administer", "audit", "drill", "kit", "stranger", "goneReader", "goneWriter",
    ]

    /// An operation, and who may do it.
    private struct Operation {
        let name: String
        let command: String
        let allowed: Set<String>
        /// Statuses that mean allowed.
        var statuses: Set<Int32> = [0]
        var changes = true
        /// Who does it without being asked for a membership.
        var isPublic = false
    }

    private static let readers: Set = ["read", "drill", "kit"]
    private static let operations = [
        Operation(name: "back up its system", command: "backup src --system web -q", allowed: ["write"]),
        Operation(name: "back up another system", command: "backup src --system db -q", allowed: []),
        Operation(
            name: "list snapshots", command: "snapshots -q", allowed: Set(who), changes: false, isPublic: true),
        Operation(name: "list names", command: "ls latest", allowed: readers),
        Operation(name: "restore", command: "restore latest --target out.$x -q", allowed: readers),
        Operation(name: "verify with keys", command: "verify --read-data -q", allowed: readers),
        Operation(name: "forget by routine", command: "forget $first -q", allowed: ["maintain"]),
        Operation(name: "prune", command: "prune -q", allowed: ["maintain"]),
        Operation(name: "hold", command: "hold latest --reason r -q", allowed: ["write", "administer", "kit"]),
        Operation(
            name: "release a hold of no end", command: "release $held --reason r -q", allowed: ["administer", "kit"]),
        Operation(
            name: "admit an auditor", command: "access grant new.line --role audit -q", allowed: ["administer", "kit"]),
        // Nobody can seal what he does not hold.
        Operation(name: "admit a reader", command: "access grant new.line --role read -q", allowed: ["kit"]),
        Operation(name: "admit a writer", command: "access grant new.line --role write -q", allowed: ["kit"]),
        Operation(name: "remove a reader", command: "access revoke read -q", allowed: ["kit"]),
        Operation(name: "remove an auditor", command: "access revoke audit -q", allowed: ["administer", "kit"]),
        Operation(name: "new keys", command: "access rotate -q", allowed: ["kit"]),
        Operation(
            name: "put a token on record", command: "access token add 42 --kind card --to read -q",
            allowed: ["administer", "kit"]),
        Operation(
            name: "look at the access log", command: "log show --kind access -q", allowed: Set(who), changes: false,
            isPublic: true),
        // It takes reading and maintaining together, which no row here has.
        Operation(name: "seal anew", command: "access rewrite -q", allowed: []),
        Operation(
            name: "share out a kit", command: "recovery-kit split --shares 3 --needed 2 --output sheets.$x -q",
            allowed: ["kit"]),
        Operation(
            name: "change the rules", command: "access policy --keep-days 3 -q", allowed: ["administer", "kit"]),
        Operation(
            name: "drill", command: "drill run latest --scratch . -q", allowed: readers, statuses: [0, 21]),
        Operation(
            name: "cosign", command: "log cosign head.checkpoint --output cosigned.$x -q",
            allowed: Set(who).subtracting(["stranger", "goneReader", "goneWriter"]), changes: false),
    ]

    /// The repository, and an identity without passphrase for each row.
    private static let prepared: Result<Stage, any Error> = Result {
        let stage = try Stage()
        let made = try stage.shell(
            """
            set -e
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            mkdir src ids; echo content > src/file
            vault init repo --name 'Jane Doe' --machine web1 -q
            for x in write read maintain administer audit drill goneReader goneWriter stranger new; do
                vault identity create $x --machine --output ids/$x > $x.line 2> /dev/null
            done
            for x in read maintain administer audit drill; do vault access grant $x.line --role $x -q 2> /dev/null; done
            vault access grant write.line --role write --system web -q
            vault access grant goneReader.line --role read -q 2> /dev/null
            vault access grant goneWriter.line --role write -q
            vault backup src --system web -q --identity ids/goneWriter
            vault access revoke goneReader -q; vault access revoke goneWriter -q
            vault access policy --keep-days 0 --keep-age 0s -q
            vault backup src --system web -q --identity ids/write
            vault backup src --system web -q --identity ids/write
            vault hold latest --reason kept -q
            vault snapshots --json | jq -r '.snapshots[0].id' > ids/.first
            vault snapshots --json | jq -r '.snapshots[-1].id' > ids/.held
            vault log checkpoint --output head.checkpoint -q
            cp home/.config/vault/*/recovery-kit.txt ids/kit
            """)
        try #require(made.status == 0, "\(made.output)\(made.errors)")
        return stage
    }

    /// What a cell ended with.
    private struct Cell {
        var who: String
        var operation: String
        var status: Int32
        var errors: String
        var wasLogged: Bool
    }

    @Test func everyCell() throws {
        let stage = try Self.prepared.get()
        var count = (allowed: 0, refused: 0)
        for operation in Self.operations {
            for who in Self.who {
                let cell = try run(operation, who, stage)
                let isAllowed = operation.allowed.contains(who)
                if isAllowed {
                    #expect(operation.statuses.contains(cell.status), "\(who), \(operation.name): \(cell.errors)")
                    count.allowed += 1
                    continue
                }
                count.refused += 1
                let isMember = !["stranger", "goneReader", "goneWriter"].contains(who)
                #expect(cell.status == (isMember ? 13 : 12), "\(who), \(operation.name): \(cell.status) \(cell.errors)")
                #expect(!cell.wasLogged, "\(who), \(operation.name) left a record")
                let lines = cell.errors.split(separator: "\n").map(String.init)
                let sentence = lines.first { $0.hasPrefix("error: ") } ?? ""
                #expect(
                    sentence.contains(isMember ? "may not" : "member") || sentence.contains("does not hold")
                        || sentence.contains("do not allow"), "\(who), \(operation.name): \(cell.errors)")
                #expect(lines.last?.hasPrefix(" next: ") == true, "\(who), \(operation.name): \(cell.errors)")
            }
        }
        #expect(count.allowed + count.refused == Self.operations.count * Self.who.count && count.allowed > 40)
        print("role matrix: \(count.allowed) cells allowed, \(count.refused) refused")
    }

    /// A cell that changes the repository does so in a copy.
    private func run(_ operation: Operation, _ who: String, _ stage: Stage) throws -> Cell {
        let isCopied = operation.changes && operation.allowed.contains(who)
        let outcome = try stage.shell(
            """
            x=\(who); here=$PWD
            if \(isCopied); then
                c=$(mktemp -d -p $PWD); cp -a --sparse=always home repo src ids *.line head.checkpoint $c/; cd $c
                export HOME=$c/home
            fi
            first=$(cat ids/.first) held=$(cat ids/.held)
            before=$(ls repo/log/* | wc -l)
            vault \(operation.command) -r repo --identity ids/$x > out.txt; s=$?
            after=$(ls repo/log/* | wc -l)
            cd $here; if \(isCopied); then rm -rf $c; fi
            echo $((after - before)); exit $s
            """)
        let logged = outcome.output.split(separator: "\n").last.flatMap { Int($0) } ?? -1
        return Cell(
            who: who, operation: operation.name, status: outcome.status, errors: outcome.errors,
            wasLogged: logged != 0)
    }
}
