import Foundation
import Testing

/// Limits as a user gives them.
@Suite struct PaceOptionTests {
    private let stage: Stage

    init() throws {
        stage = try Stage()
        try stage.initialise()
        #expect(try stage.shell("mkdir src && head -c 6000000 /dev/urandom > src/f").status == 0)
    }

    @Test(arguments: [
        ["--limit-read", "0"], ["--limit-read", "x"], ["--limit-write", "-1"], ["--limit-cpu", "0"],
        ["--limit-cpu", "50%"], ["--limit-cpu", "nan"],
    ]) func refused(_ options: [String]) throws {
        let outcome = try stage.shell("vault backup src " + options.joined(separator: " "))
        #expect(outcome.status == 2, "\(outcome.errors)")
    }

    /// 6 MB at 4 MiB a second take 1.43 s, on a fast machine as on a slow one.
    @Test func bytesTakeTheirTime() throws {
        for command in [
            "backup src --limit-read 4M", "backup src --rescan --limit-read 4M", "verify --read-data --limit-read 4M",
        ] {
            let outcome = try stage.shell("date +%s%N; vault \(command) -q; date +%s%N")
            let times = outcome.output.split(separator: "\n").compactMap { Double($0) }
            try #require(times.count == 2, "\(outcome.errors)")
            #expect((times[1] - times[0]) / 1e9 > 1.3, "\(command)")
        }
    }

    @Test func everyThreadGoesLast() throws {
        let outcome = try stage.shell(
            """
            vault backup src --rescan -q --low-priority --limit-read 2M & p=$!
            until ls -l /proc/$p/fd | grep -q src/f; do sleep 0.05; kill -0 $p || break; done
            for t in /proc/$p/task/*; do awk '{print $19, $41}' $t/stat; ionice -p ${t##*/}; done | sort | uniq
            wait $p; echo $?
            """)
        #expect(outcome.output == "19 3\nidle\n0\n", "\(outcome.output) \(outcome.errors)")
    }
}
