import Foundation
import Testing
import VaultTestSupport

@testable import vault

/// `vault report`, and `vault status` for people, from outside.
@Suite struct ReportTests {
    private let stage: Stage

    init() throws { stage = try Self.stage() }

    /// A user with one backup of the system `web`.
    static func stage() throws -> Stage {
        let stage = try Stage()
        try stage.make("src")
        try stage.make("scratch")
        _ = try stage.shellSucceeding("for i in 1 2 3; do head -c 50000 /dev/urandom > src/file-$i; done")
        try stage.initialise()
        #expect(try stage.vault("backup", "src", "--system", "web").status == 0)
        return stage
    }

    /// Drills that backup.
    static func drill(_ stage: Stage) throws {
        #expect(try stage.shell("vault drill run --scratch scratch --passphrase-file passphrase").status == 0)
    }

    private func drill() throws { try Self.drill(stage) }

    /// The page is whole, about the log as it is, and can be checked with the lines at its foot.
    @Test func pageCanBeChecked() throws {
        try drill()
        let made = try stage.vault("report", "--output", "a\\b c.html")
        #expect(made.status == 0 && made.output.contains("SHA-256"), "\(made.errors)")
        #expect(try stage.shell("sha256sum -c *.sha256").output.hasSuffix(": OK\n"))
        let page = stage.text(stage.path + "/a\\b c.html")
        let line = try #require(page.split(separator: "\n").first { $0.contains("openssl dgst") })
        let command = line.replacingOccurrences(of: "<pre>", with: "").replacingOccurrences(of: "</pre>", with: "")
        let digest = try stage.shellSucceeding("cd repo && \(command)").output.split(separator: " ").last ?? ""
        #expect(digest.count == 65 && page.contains(digest.dropLast()), "\(digest)")
        #expect(try stage.shell("xmllint --noout --nonet 'a\\b c.html'").status == 0)
        #expect(page.contains("The system is proven to be recoverable") && page.contains("v-proven"))
        #expect(page.contains("administrators must approve an order. That is 1 of 1: one of them decides alone"))
        _ = try stage.shellSucceeding("echo x >> 'a\\b c.html'")
        #expect(try stage.shell("sha256sum -c *.sha256").status == 1)
        // Nobody needs a key, or the right to write, to make the same page.
        let again = try stage.vault("report", "--language", "vi")
        #expect(again.status == 0 && again.output.contains("lang=\"vi\"") && again.output.contains("đã chứng minh"))
    }

    @Test func formsAreTextAndPages() throws {
        let none = try stage.vault("report", "--form", "minutes")
        none.expectFailure(2, "no drill")
        try drill()
        let text = try stage.vault("report", "--form", "minutes", environment: ["LANG": "vi_VN.UTF-8"])
        #expect(text.status == 0 && text.output.contains("BIÊN BẢN") && text.output.contains("web"))
        let id = try #require(
            (stage.vault("drill", "list", "--json").json().first?["drills"] as? [[String: Any]])?.first?["id"]
                as? String)
        #expect(text.output.contains("vault drill show \(id.prefix(8))"))
        let same = try stage.vault("report", "--form", "minutes", "--drill", id, environment: ["LANG": "vi_VN.UTF-8"])
        #expect(same.output == text.output)
        try stage.make("policies/systems")
        try stage.write("policies/systems/web.yaml", "system: web\nowner: Ward 5\nlevel: 2\nsources: {paths: [/etc]}\n")
        for arguments in [["--snapshot", "latest"], ["--system", "web"]] {
            let backup = try stage.vault("report", "--form", "backup-minutes", arguments[0], arguments[1])
            #expect(backup.status == 0 && backup.output.contains("MINUTES OF A BACKUP"), "\(backup.errors)")
            #expect(backup.output.contains("UNIT: Ward 5") && backup.output.contains("Level of the system: 2"))
        }
        let journal = try stage.vault("report", "--form", "journal", "--format", "html", "--output", "j.html", "--json")
        let report = try #require(journal.json().first)
        #expect(report["form"] as? String == "journal" && report["digestFile"] as? String == "j.html.sha256")
        #expect(try stage.shell("xmllint --noout j.html && sha256sum -c j.html.sha256").status == 0)
        for (arguments, word) in [
            (["--format", "text"], "HTML"), (["--drill", "latest"], "minutes"),
            (["--form", "minutes", "--period", "9d"], "period"), (["--period", "1m"], "hour"),
            (["--system", "none"], "none"), (["--form", "minutes", "--drill", "12345678"], "12345678"),
            (["--form", "minutes", "--system", "mail"], "mail"), (["--form", "journal", "--system", "x"], "x"),
            (["--form", "poem"], "poem"), (["--snapshot", "latest"], "backup-minutes"),
            (["--form", "backup-minutes", "--period", "9d"], "backup-minutes"),
            (["--form", "backup-minutes", "--snapshot", "latest", "--system", "web"], "one of the two"),
            (["--form", "backup-minutes", "--snapshot", "12345678"], "12345678"),
        ] {
            let failed = try stage.shell("vault report \(arguments.joined(separator: " "))")
            failed.expectFailure(2, word)
        }
        let json = try stage.vault("report", "--json")
        #expect(json.status == 2 && json.errors.contains("Name a file with --output"))
        let lost = try stage.vault("report", "--output", "nowhere/x.html")
        lost.expectFailure(1, "nowhere/x.html cannot be written")
    }

    /// Names that try to leave their line or their cell stay in it, in each form.
    @Test func hostileNames() throws {
        let name = "<b onclick=\"x\">\u{202e}\u{1b}[2J'&|"
        #expect(try stage.vault("backup", "src", "--system", name).status == 0)
        for form in ["report", "journal"] {
            let page = try stage.vault("report", "--form", form, form == "report" ? "--quiet" : "--format=html")
            #expect(page.status == 0 && page.output.contains("&lt;b onclick=&quot;x&quot;&gt;"), "\(form)")
            #expect(!page.output.contains("<b ") && !page.output.unicodeScalars.contains { $0 == "\u{1b}" })
        }
        for arguments in [["report", "--form", "journal"], ["status"], ["status", "--language", "vi"]] {
            let text = try stage.shell("vault \(arguments.joined(separator: " "))").output
            #expect(!text.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{202e}" }, "\(text)")
        }
    }

    // MARK: Status

    @Test func statusSpeaksBothLanguages() throws {
        #expect(try stage.vault("status").output.contains("NOT all recoverable: 0 of 1 systems proven; 1 not-proven"))
        #expect(try stage.vault("status").output.contains("web: not-proven, never drilled"))
        try drill()
        #expect(try stage.vault("status").output.hasPrefix("Recoverable: the system is proven\n"))
        let status = try stage.vault("status", environment: ["LC_ALL": "vi_VN.UTF-8"])
        #expect(status.status == 0 && status.output.hasPrefix("Khôi phục được"))
        #expect(status.output.contains("đã chứng minh, toàn bộ") && status.output.contains("Người đọc được: Jane Doe"))
        #expect(complaints(StatusPhrase.self) == [])
        // Damage is told in the reader's language too.
        _ = try stage.shellSucceeding("rm repo/log/000000000/000000000002")
        let damaged = try stage.vault("status", "--cache-dir", "fresh", environment: ["LC_ALL": "vi_VN.UTF-8"])
        #expect(damaged.status == 23, "\(damaged.errors)")
        #expect(
            damaged.output.hasPrefix("Hư hỏng: Bản ghi 2 trong nhật ký bị hư hỏng: thiếu bản ghi này"),
            "\(damaged.output)")
    }

    /// A province: its status fits one screen of 60 or 80 columns, the worst first, and its report is well-formed.
    @Test func manySystemsFitAScreen() throws {
        _ = try Tools.python(
            [Tools.top + "/Benchmarks/estate", "make", stage.path + "/estate", "--systems", "24", "--days", "35"], stage
        )
        let json = try #require(try stage.vault("status", "-r", "estate", "--json").json().first)
        let systems = try #require(json["systems"] as? [[String: Any]])
        #expect(systems.count == 24 && systems.contains { $0["verdict"] as? String == "proven" })
        for (columns, language) in [(60, "en"), (80, "en"), (60, "vi"), (80, "vi")] {
            let seen = try Tools.terminal(
                ["vault", "status", "-r", "estate", "--language", language], stage, columns: columns)
            let lines = seen.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            #expect([20, 21, 22].contains(seen.status) && (15...25).contains(lines.count), "\(seen.text)")
            #expect(lines.allSatisfy { $0.count <= columns }, "\(seen.text)")
            #expect(seen.text.contains("don-vi-0"), "the names are not cut away")
        }
        let all = try stage.vault("status", "-r", "estate", "--all")
        #expect(all.output.split(separator: "\n").count { $0.hasPrefix("don-vi-") } >= 24)
        let page = try stage.vault("report", "-r", "estate", "--output", "page.html")
        #expect(page.status == 0, "\(page.errors)")
        #expect(try stage.shell("xmllint --noout --nonet page.html").status == 0)
        #expect(stage.text(stage.path + "/page.html").components(separatedBy: "<section").count == 25)
    }
}
