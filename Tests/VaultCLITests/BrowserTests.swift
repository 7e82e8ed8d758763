import Foundation
import Testing
import VaultTestSupport

/// Pages as Chromium shows and prints them. What it prints is read by `pdftotext`, and what it has to say against a page, or
/// wants from the network, stands in its log.
@Suite struct BrowserTests {
    private let stage: Stage

    init() throws {
        stage = try ReportTests.stage()
        try ReportTests.drill(stage)
    }

    private struct Printed {
        var text: String
        /// Lines of the browser about the page.
        var complaints: [String]
        var isA4: Bool
    }

    /// Prints a page below the stage; nil where there is no browser.
    private func print(_ page: String) throws -> Printed? {
        let run = try stage.shell(
            """
            command -v chromium pdftotext > /dev/null || exit 99
            chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/browser" --enable-logging=stderr \
                --no-pdf-header-footer --print-to-pdf="$PWD/page.pdf" "file://$PWD/\(page)" 2> log || { cat log >&2; exit 1; }
            pdftotext -layout page.pdf page.txt && pdfinfo page.pdf > info
            """)
        if run.status == 99 {
            Swift.print("skipped: no chromium or pdftotext")
            return nil
        }
        try #require(run.status == 0, "\(run.errors)")
        return Printed(
            text: stage.text(stage.path + "/page.txt"),
            complaints: stage.text(stage.path + "/log").split(separator: "\n").map(String.init)
                .filter { $0.contains("CONSOLE") },
            isA4: stage.text(stage.path + "/info").contains("(A4)"))
    }

    @Test func pagesPrintWithoutComplaint() throws {
        let pages = [
            ("--language en", ["The system is proven to be recoverable", "Overview", "Members and roles", "web"]),
            ("--language vi", ["Khôi phục được", "web", "Jane Doe"]),
            ("--form minutes --format html --language vi", ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "NGƯỜI KIỂM TRA"]),
            ("--form backup-minutes --format html --language vi", ["BIÊN BẢN SAO LƯU DỮ LIỆU", "Mã phương tiện mới"]),
            ("--form journal --format html", ["Journal of backups", "web"]),
        ]
        for (options, words) in pages {
            _ = try stage.shellSucceeding("vault report \(options) --output page.html -q")
            guard let printed = try print("page.html") else { return }
            #expect(printed.complaints == [] && printed.isA4, "\(options)")
            for word in words {
                #expect(printed.text.lowercased().contains(word.lowercased()), "\(options): \(printed.text)")
            }
        }
    }

    /// The page forbids what it does not need: whoever slips a picture or a script into it does not reach the network.
    @Test func whatIsSlippedInIsRefused() throws {
        _ = try stage.shellSucceeding(
            """
            vault report --output page.html -q
            sed 's|<h1|<img src="http://127.0.0.1:9/x.png"/><script>1</script><h1|' page.html > slipped.html
            """)
        guard let printed = try print("slipped.html") else { return }
        #expect(printed.complaints.count == 2, "\(printed.complaints)")
        #expect(printed.complaints.allSatisfy { $0.contains("Content Security Policy") })
    }
}
