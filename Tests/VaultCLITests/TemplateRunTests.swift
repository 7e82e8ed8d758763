import Foundation
import Testing
import VaultTestSupport

/// Each template in `policies/`, unchanged, on a machine that has what it names (`Tests/Tools/template-machine`), as a timer
/// would run it. Needs root.
@Suite struct TemplateRunTests {
    struct Template: Sendable, CustomTestStringConvertible {
        var system: String
        /// What is saved, with what rsync must leave out because the template does.
        var paths: [String: [String]]
        /// What is done besides the backup, forget, prune and verify that all have.
        var more: [String] = []
        var database: String? = nil
        /// Its drill takes a part each time: all is proven only after some of them.
        var isSampled = false
        var testDescription: String { system }
    }

    static let templates = [
        Template(
            system: "ward-server",
            paths: [
                "/etc": [], "/home": ["/*/Downloads", "/lan/scratch"], "/root": [], "/srv": ["*.tmp"], "/var/www": [],
                "/opt": [], "/usr/local": [], "/var/spool/cron": [], "/var/mail": [],
            ]),
        Template(
            system: "document-management", paths: ["/srv/documents": ["/cache", "*.tmp"], "/etc": ["*.tmp"]],
            more: ["copy", "drill"], database: "postgres:documents"),
        Template(
            system: "official-mail",
            paths: ["/var/vmail": ["dovecot.index*"], "/etc/postfix": [], "/etc/dovecot": [], "/etc/ssl": []],
            more: ["drill"], isSampled: true),
        Template(
            system: "portal", paths: ["/var/www": ["cache", "*.log"], "/etc/nginx": [], "/etc/mysql": []],
            more: ["drill"], database: "mariadb:portal"),
        Template(
            system: "public-service", paths: ["/srv/public-service": ["*.tmp"], "/etc": ["*.tmp"]],
            more: ["copy", "copy", "drill"], database: "postgres:public_service"),
        Template(
            system: "broadcast-archive", paths: ["/srv/media": ["*.part", "/proxies"], "/srv/catalogue": []],
            more: ["copy", "drill"], isSampled: true),
        Template(
            system: "workstation",
            paths: ["/home": ["/*/Downloads", "node_modules", "/lan/scratch", "*.iso"], "/etc": []]),
    ]

    @Test func allTemplatesAreHere() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Tools.top + "/policies")
        #expect(
            Set(files.filter { $0.hasSuffix(".yaml") }) == Set(Self.templates.map { $0.system + ".yaml" }), "\(files)")
    }

    @Test(arguments: templates) func runsAsItIs(_ template: Template) throws {
        let user = try DatabaseStage()
        let stage = user.stage
        try stage.make("policies/systems")
        try stage.make("machine")
        let file = "/policies/\(template.system).yaml"
        try FileManager.default.copyItem(
            atPath: Tools.top + file, toPath: stage.path + "/policies/systems/\(template.system).yaml")
        try user.require("cp $MY home/.my.cnf\n" + Self.made(template.database))
        let comparisons = template.paths.map { path, excluded in
            let words = excluded.map { "--exclude='\($0)'" }.joined(separator: " ")
            return "test -d \(path) && rsync -nicaHAXS --delete \(words) \(path)/ back\(path)/ >> differences"
        }
        try stage.write(
            "script",
            """
            set -e
            vault system lint -q
            vault run --json > first
            vault run --json > second
            vault status -q > /dev/null || echo $? > verdict
            vault drill list --json | jq -r '.drills[].verdict' > drills
            vault restore latest:\(template.system) --target back -q
            \(comparisons.joined(separator: "\n"))
            """)
        // Some have a window at night: it is ten in the evening here.
        let hour = Calendar(identifier: .gregorian).dateComponents(in: .gmt, from: Date()).hour ?? 0
        let run = try user.shell(
            "\(Tools.top)/Tests/Tools/template-machine $PWD/machine bash script", ["TZ": "EVENING-\((46 - hour) % 24)"])
        if run.status == 99 { return print("skipped: a machine of our own needs root and mount namespaces") }
        try #require(run.status == 0, "\(run.output)\(run.errors)")

        let tasks = ["backup", "forget", "prune", "verify"] + template.more
        #expect(try outcomes(stage.text(stage.path + "/first")) == tasks.sorted().map { $0 + " done" })
        #expect(try outcomes(stage.text(stage.path + "/second")) == [])
        let isDrilled = template.more.contains("drill")
        #expect(stage.text(stage.path + "/drills") == (isDrilled ? "proven\n" : ""))
        // 21: not proven, since nothing asks for a drill.
        if !template.isSampled { #expect(stage.text(stage.path + "/verdict") == (isDrilled ? "" : "21\n")) }
        #expect(stage.text(stage.path + "/differences") == "")
        if let database = template.database { try checkDump(of: database, user) }
    }

    private func outcomes(_ text: String) throws -> [String] {
        let last = try #require(text.split(separator: "\n").last)
        let report = try #require(JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
        return (report["outcomes"] as? [[String: Any]] ?? [])
            .map { "\($0["task"] ?? "") \($0["result"] ?? "")" }.sorted()
    }

    // MARK: Databases

    private static func made(_ database: String?) -> String {
        guard let database, let name = database.split(separator: ":").last else { return "" }
        guard database.hasPrefix("postgres") else {
            return """
                mariadb -e "CREATE DATABASE \(name); USE \(name); CREATE TABLE pages (id int PRIMARY KEY, t text);
                    INSERT INTO pages SELECT seq, md5(seq) FROM seq_1_to_4000"
                """
        }
        return """
            createdb \(name)
            psql -qX -d \(name) -c "CREATE TABLE r AS SELECT g AS id, md5(g::text) AS t FROM generate_series(1, 4000) g"
            """
    }

    /// The values that came back are those that the server has, as its own tools read both.
    private func checkDump(of database: String, _ user: DatabaseStage) throws {
        let name = database.split(separator: ":").last ?? ""
        let values = "grep -o '[0-9a-f]\\{32\\}' | sort | sha256sum"
        let (restored, live) =
            database.hasPrefix("postgres")
            ? ("pg_restore -f - back/postgres-\(name).dump", "psql -qXAt -d \(name) -c 'SELECT t FROM r'")
            : ("cat back/mariadb-\(name).sql", "mariadb -N \(name) -e 'SELECT t FROM pages'")
        try user.require(
            """
            test "$(\(live) | wc -l)" = 4000
            test "$(\(restored) | \(values))" = "$(\(live) | \(values))"
            """)
    }
}
