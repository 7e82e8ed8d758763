import Foundation
import Testing
import VaultTestSupport

/// `vault system`, and the schema of policies against the program.
@Suite struct SystemCommandTests {
    private let stage: Stage

    init() throws {
        stage = try Stage()
        try stage.make("policies/systems")
    }

    private func policy(_ name: String, _ text: String) throws {
        try stage.write("policies/systems/\(name).yaml", text)
    }

    @Test func mistakesHaveLinesAndSuggestions() throws {
        try stage.write("policies/defaults.yaml", "retention: {keep-daily: 7}\n")
        try policy("web", "sources:\n  paths: [/etc]\nobjectives: {rpo: 1 hour}\n")
        let right = try stage.vault("system", "lint")
        #expect(right.status == 0, "\(right.output)\(right.errors)")
        #expect(right.output.contains("web.yaml:3:19: warning: An RPO of 1 hour"))
        #expect(right.output.hasSuffix("1 policy, 0 errors, 1 warning\n"))
        try policy("mail", "sources:\n  pathes: [/etc]\n  databases: [pg:x]\nschedule: {backup: 1}\n")
        let wrong = try stage.vault("system", "lint")
        #expect(wrong.status == 1)
        let lines = wrong.output.split(separator: "\n").map(String.init)
        #expect(
            lines.contains {
                $0.hasSuffix("mail.yaml:2:3: error: There is no key 'pathes' in 'sources'. Did you mean 'paths'?")
            })
        #expect(lines.contains { $0.contains("mail.yaml:3:15: error: 'pg:x' names no database") })
        #expect(lines.contains { $0.contains("mail.yaml:4:20: error: ") })
        #expect(lines.last == "2 policies, 3 errors, 1 warning; 1 policy is not used")
        // One file alone, and as JSON.
        let one = try stage.vault("system", "lint", "policies/systems/web.yaml", "--json").json()
        #expect(one.first?["errors"] as? Int == 0 && one.first?["systems"] as? Int == 1)
        let list = try stage.vault("system", "list")
        #expect(list.status == 1 && list.output.contains("web") && !list.output.contains("mail "))
        #expect(list.errors.contains("3 mistakes"))
    }

    @Test func showSaysWhatHoldsAndFromWhere() throws {
        try stage.write("policies/defaults.yaml", "retention: {keep-daily: 7}\nowner: Ward 5\n")
        try policy("web", "sources:\n  paths: [/etc]\n")
        let shown = try stage.vault("system", "show", "web")
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(shown.output.contains("# from defaults.yaml\nretention:\n  keep-daily: 7\n"))
        #expect(shown.output.contains("\n  backup: 1 day\n") && shown.output.contains("owner: Ward 5\n"))
        // What is shown is a policy that says the same.
        try stage.make("again/systems")
        try stage.write("again/systems/x.yaml", shown.output)
        let again = try stage.vault("system", "show", "web", "--policies", "again")
        #expect(
            again.output.split(separator: "\n").filter { !$0.hasPrefix("#") }
                == shown.output.split(separator: "\n").filter { !$0.hasPrefix("#") })
        try stage.vault("system", "show", "wbe").expectFailure(2, "There is no policy for the system 'wbe'")
        #expect(try stage.vault("system", "show", "wbe").errors.contains("Did you mean 'web'?"))
    }

    /// Nothing that was looked at is no proof that all is right.
    @Test func noPoliciesAreNotRight() throws {
        for command in ["lint", "list"] {
            try stage.vault("system", command).expectFailure(2, "There are no policies in")
        }
        #expect(try stage.vault("system", "lint", "nowhere.yaml").status == 1)
        // What is no file is not waited for.
        #expect(try stage.shell("mkfifo pipe.yaml; vault system lint pipe.yaml").output.contains("This is no file"))
        try stage.write("hostile.yaml", "\u{1b}[2Ja: &x [*x]\n")
        let hostile = try stage.vault("system", "lint", "hostile.yaml")
        #expect(hostile.status == 1 && !hostile.output.contains("\u{1b}"))
    }

    @Test(.enabled(if: isRoot)) func othersHaveTheirOwn() throws {
        // Without the variable, root's are those of the machine, and others have theirs at home.
        let none = ["VAULT_POLICIES": ""]
        #expect(
            try stage.vault("system", "list", environment: none.merging(["HOME": stage.path]) { $1 }).errors.contains(
                "/etc/vault"))
        let opened = try stage.shell("chmod 755 . home && mkdir -p home/.config/vault/systems && chown -R 65534 home")
        #expect(opened.status == 0)
        let others = try stage.vault("system", "list", environment: none, user: Stage.nobody)
        #expect(others.errors.contains("home/.config/vault"), "\(others.errors)")
    }

    // MARK: Schema

    /// Small files on which the schema and the program must agree; the second part is what both refuse.
    private static let corpus: (right: [String], wrong: [String]) = (
        [
            "sources: {paths: [/etc]}", "sources: {paths: [/]}", "sources: {paths: [/a/.b, /a..b]}",
            "sources: {databases: ['mysql:x', 'sqlite:/a b']}", "sources: {paths: [/etc], exclude-larger-than: 100}",
            "sources: {databases: ['postgres:a'], silence: 5 minutes}\ndrill: {scratch-limit: 3G}",
            "sources: {paths: [/etc], exclude-larger-than: 2g}", "system: w b\nsources: {paths: [/etc]}",
            "sources: {paths: [/etc]}\nlevel: 5", "sources: {paths: [/etc]}\nretention: none",
            "sources: {paths: [/etc]}\nretention: {keep-last: unlimited, keep-within: 1y6m, keep-tag: [[a, b], c]}",
            "sources: {paths: [/etc]}\ndrill: none", "sources: {paths: [/etc]}\ndrill: {sample: 0.5, from: repository}",
            "sources: {paths: [/etc]}\ndrill: {checks: [script], script: [/bin/true, x]}",
            "sources: {paths: [/etc]}\nschedule: {verify: never, prune: never, window: 23:59-00:00}",
            "sources: {paths: [/etc]}\nschedule: {backup: 1 seconds, copy: 100 years}",
            "sources: {paths: [/etc]}\ncopies: [{path: /x, medium: tape, every: 1 week, offsite: false}]",
            "sources: {paths: [/etc]}\nnotification: {mail: [root, a.b+c@d.vn], when: always}",
            "sources: {paths: [/etc]}\nhooks: {before: [[/bin/true]], after: []}",
            "sources: {paths: [/etc]}\nprofile: cis-11\nclassification: restricted",
        ],
        [
            "sources: {paths: [etc]}", "sources: {paths: /etc}", "sources: {paths: ['']}",
            "sources: {paths: [/a/../b]}",
            "sources: {paths: [/a/.]}", "sources: {databases: [shop]}", "sources: {path: [/etc]}", "sources: [/etc]",
            "sources: {paths: [/etc], exclude-larger-than: big}", "sources: {paths: [/etc], exclude-larger-than: 0}",
            "sources: {paths: [/etc]}\ndrill: {scratch-limit: -1G}", "sources: {paths: [/etc], silence: 30}",
            "sources: {paths: [/etc], one-file-system: maybe}", "sources: {paths: [/etc]}\nlevel: 0",
            "sources: {paths: [/etc]}\nlevel: high", "sources: {paths: [/etc]}\nlevel: 2.5",
            "sources: {paths: [/etc]}\nclassification: secret", "sources: {paths: [/etc]}\nrepository: sftp:h:/x",
            "sources: {paths: [/etc]}\nrepository: ''", "sources: {paths: [/etc]}\nowner: 5",
            "sources: {paths: [/etc]}\nowner:",
            "system: a/b\nsources: {paths: [/etc]}", "system: 'a '\nsources: {paths: [/etc]}",
            "system: ''\nsources: {paths: [/etc]}",
            "sources: {paths: [/etc]}\nretention: {}", "sources: {paths: [/etc]}\nretention: {keep-daily: -1}",
            "sources: {paths: [/etc]}\nretention: {keep-daily: some}",
            "sources: {paths: [/etc]}\nretention: {keep-within: 14}",
            "sources: {paths: [/etc]}\nretention: {keep-sometimes: 1}",
            "sources: {paths: [/etc]}\nschedule: {backup: daily}",
            "sources: {paths: [/etc]}\nschedule: {backup: 0 days}",
            "sources: {paths: [/etc]}\nschedule: {backup: never}",
            "sources: {paths: [/etc]}\nschedule: {window: 24:00-01:00}",
            "sources: {paths: [/etc]}\nschedule: {window: night}",
            "sources: {paths: [/etc]}\nobjectives: {rto: soon}", "sources: {paths: [/etc]}\nobjectives: {mtd: 1 day}",
            "sources: {paths: [/etc]}\ncopies: {path: /x}", "sources: {paths: [/etc]}\ncopies: [{medium: usb}]",
            "sources: {paths: [/etc]}\ncopies: [{path: x}]", "sources: {paths: [/etc]}\ndrill: {sample: 0}",
            "sources: {paths: [/etc]}\ndrill: {sample: 101}", "sources: {paths: [/etc]}\ndrill: {selection: oldest}",
            "sources: {paths: [/etc]}\ndrill: {checks: [all]}", "sources: {paths: [/etc]}\ndrill: {checks: [script]}",
            "sources: {paths: [/etc]}\ndrill: {checks: [script], script: check.sh}",
            "sources: {paths: [/etc]}\ndrill: often",
            "sources: {paths: [/etc]}\nnotification: {mail: ['-oQ /x']}",
            "sources: {paths: [/etc]}\nnotification: {mail: root}",
            "sources: {paths: [/etc]}\nnotification: {when: never}",
            "sources: {paths: [/etc]}\nhooks: {before: ['rm -rf /']}",
            "sources: {paths: [/etc]}\nhooks: {before: [[]]}", "sources: {paths: [/etc]}\nhooks: {before: [[rm]]}",
            "sources: {paths: [/etc]}\nname: web", "- a", "text",
        ]
    )

    @Test func schemaAndProgramAgree() throws {
        var files: [String] = []
        for (index, text) in (Self.corpus.right + Self.corpus.wrong).enumerated() {
            files.append("case-\(index).yaml")
            try stage.write(files[index], text + "\n")
        }
        let templates = try FileManager.default.contentsOfDirectory(atPath: Tools.top + "/policies")
            .filter { $0.hasSuffix(".yaml") }.map { Tools.top + "/policies/" + $0 }
        #expect(templates.count == 7)
        let schema = Tools.top + "/docs/policy.schema.json"
        let data = try Tools.python([Tools.top + "/Tests/Tools/check-policies.py", schema] + files + templates, stage)
        let found = try JSONDecoder().decode([String: [String]].self, from: data)
        for template in templates { #expect(found[template] == [], "\(template)") }
        for (index, file) in files.enumerated() {
            let text = (Self.corpus.right + Self.corpus.wrong)[index]
            let lint = try stage.vault("system", "lint", file)
            let isRight = index < Self.corpus.right.count
            #expect((lint.status == 0) == isRight, "the program, of \(text): \(lint.output)")
            #expect((found[file]?.isEmpty == true) == isRight, "the schema, of \(text): \(found[file] ?? [])")
        }
    }
}
