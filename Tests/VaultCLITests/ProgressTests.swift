import Foundation
import Testing

@testable import VaultBackup
@testable import vault

/// Progress as it is put together; no terminal, no clock.
@Suite struct ProgressTests {
    private static let names = ["plain", "漢字の名前", "한국어", "e\u{301}e\u{301}e\u{301}", "👩‍👩‍👧‍👦🇩🇪", "ｗｉｄｅ"]

    private func progress(_ name: String) -> VaultBackup.Progress {
        var progress = VaultBackup.Progress()
        (progress.entries, progress.bytes, progress.storedBytes) = (1234, 5_000_000_000, 2_000_000_000)
        (progress.totalEntries, progress.totalBytes, progress.isEstimate) = (9999, 10_000_000_000, true)
        progress.path = Array("srv/\(name)/\(name)\u{1b}[2J\n/\(name)".utf8)
        return progress
    }

    private let report = ProgressRate.Report(
        elapsed: 90_000_000_000, bytesPerSecond: 1e8, fraction: 0.5, nanosecondsLeft: 60_000_000_000)

    @Test func everyWidthIsKept() {
        for name in Self.names {
            for columns in 0...500 {
                let line = ProgressText.line("Saving", progress(name), report, columns: columns)
                #expect(TextWidth.of(line) <= columns, "\(name), \(columns)")
                #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f })
                if columns >= 4 { #expect(line.contains("~50"), "\(columns): \(line)") }
                if columns >= 30 { #expect(line.contains("left"), "\(columns): \(line)") }
                if columns >= 250 { #expect(line.hasSuffix(PathText.readable(Array(name.utf8))), "\(line)") }
            }
        }
        let plain = ProgressText.line("Saving", progress("x"), report, columns: nil)
        #expect(
            plain == "Saving ~50 %, ~1 min 0 s left, 4.7 GiB of ~9.3 GiB, 95 MiB/s, 1,234 entries, stored 1.9 GiB, "
                + "after 1 min 30 s")
    }

    /// Widths as Python's copy of the Unicode data has them; ours may be larger, never smaller.
    @Test func widthsAreThoseOfUnicode() throws {
        let stage = try Stage()
        let script = """
            import unicodedata
            for value in range(0x300, 0x40000):
                c = chr(value)
                if unicodedata.category(c) in ("Mn", "Me", "Cf"): n = 0
                else: n = 2 if unicodedata.east_asian_width(c) in "WF" else 1
                if unicodedata.category(c) not in ("Cn", "Cs", "Co", "Cc") and n > 0: print(value, n)
            """
        let lines = String(decoding: try Tools.python(["-c", script], stage), as: UTF8.self).split(separator: "\n")
        #expect(lines.count > 100_000)
        var larger = 0
        for line in lines {
            let numbers = line.split(separator: " ").compactMap { UInt32($0) }
            let scalar = try #require(Unicode.Scalar(numbers[0]))
            // Medial and final letters of Korean join the letter before them.
            if (0x1160...0x11ff).contains(numbers[0]) { continue }
            let own = TextWidth.of(scalar)
            if own < Int(numbers[1]) { Issue.record("U+\(String(numbers[0], radix: 16)): \(own), not \(numbers[1])") }
            if own > Int(numbers[1]) { larger += 1 }
        }
        #expect(larger < 500)
    }

    @Test func cuttingKeepsMarksAndCharacters() {
        #expect(TextWidth.cut("漢字漢字", 5) == "漢字…" && TextWidth.cutStart("漢字漢字", 4) == "…字")
        #expect(TextWidth.cutStart("abce\u{301}", 2) == "…e\u{301}" && TextWidth.prefix("e\u{301}x", 1) == "e\u{301}")
        #expect(TextWidth.cut("abc", 0) == "" && TextWidth.cut("abc", 1) == "…" && TextWidth.cutStart("abc", 0) == "")
        #expect(TextWidth.wrapped("one two three", 7) == ["one two", "three"])
    }

    @Test func rateIsThatOfTheLastSecondsAndTimeLeftFollowsIt() throws {
        var rate = ProgressRate(startedAt: 0)
        var progress = VaultBackup.Progress()
        (progress.totalEntries, progress.totalBytes) = (0, 20_000_000_000)
        var last = ProgressRate.Report(elapsed: 0)
        // Ten seconds at 1 GB/s, as when nothing changed, then half a minute at 100 MB/s.
        for tick in 1...200 {
            progress.bytes += tick <= 50 ? 200_000_000 : 20_000_000
            last = rate.report(progress, UInt64(tick) * 200_000_000)
            if tick == 10 { #expect(last.nanosecondsLeft == nil, "too early to say") }
            if tick == 50 { #expect(last.bytesPerSecond.map { abs($0 - 1e9) < 1e7 } == true) }
        }
        let speed = try #require(last.bytesPerSecond)
        #expect(abs(speed - 1e8) < 2e6, "\(speed)")
        #expect(abs(Double(try #require(last.nanosecondsLeft)) / 1e9 - 70) < 2)
        // More than was expected: then there is no estimate any more, rather than a wrong one.
        progress.bytes = 21_000_000_000
        last = rate.report(progress, 41_000_000_000)
        #expect(last.fraction == nil && last.nanosecondsLeft == nil)
        // Another step counts from zero.
        var next = VaultBackup.Progress()
        next.step = .verify
        (next.totalEntries, next.totalBytes, next.bytes) = (0, 100, 50)
        last = rate.report(next, 42_000_000_000)
        #expect(last.fraction == 0.5 && last.bytesPerSecond == nil && last.elapsed == 42_000_000_000)
    }

    @Test func emptyFilesHaveAnEstimateToo() {
        var rate = ProgressRate(startedAt: 0)
        var progress = VaultBackup.Progress()
        (progress.totalEntries, progress.totalBytes) = (1000, 0)
        var last = ProgressRate.Report(elapsed: 0)
        for second in 1...5 {
            progress.entries = second * 100
            last = rate.report(progress, UInt64(second) * 1_000_000_000)
        }
        #expect(last.fraction == 0.5 && last.nanosecondsLeft.map { abs(Double($0) / 1e9 - 5) < 0.1 } == true)
    }
}
