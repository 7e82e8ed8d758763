import Testing
import VaultBackup

@testable import vault

/// Times, sizes and kinds as users write them.
@Suite struct FilterArgumentTests {
    @Test(arguments: [
        ("2026-11-21", "2026-11-21T00:00:00.000Z"), ("2026-11-21T18:30", "2026-11-21T18:30:00.000Z"),
        ("2026-11-21T18:30:05", "2026-11-21T18:30:05.000Z"), ("2026-11-21T18:30:05Z", "2026-11-21T18:30:05.000Z"),
        ("2026-11-21T18:30:05.123Z", "2026-11-21T18:30:05.123Z"), ("36h", "2026-03-09T00:00:00.000Z"),
        ("7d", "2026-03-03T12:00:00.000Z"), ("2w", "2026-02-24T12:00:00.000Z"), ("0d", "2026-03-10T12:00:00.000Z"),
        ("d", nil), ("-1d", nil), ("99999999999999999999h", nil), ("9999999999999999h", nil), ("2026-13-01", nil),
        ("2026-02-30", nil), ("yesterday", nil), ("", nil),
    ]) func times(_ text: String, _ meant: String?) throws {
        let now = try #require(Timestamp("2026-03-10T12:00:00.000Z"))
        #expect(TimeArgument(text, now: now)?.time.description == meant)
    }

    @Test(
        arguments: [
            ("512", 512...512), ("1K..2M", 1024...2 << 20), ("1G..", 1 << 30...Int.max), ("..100k", 0...102_400),
            ("0..0", 0...0), ("5B", 5...5), ("..", nil), ("2..1", nil), ("K", nil), ("-1..", nil), ("1.5M", nil),
            ("9999999999T", nil), ("99999999999999999999", nil), ("", nil), ("1...2", nil),
        ] as [(String, ClosedRange<Int>?)]) func sizes(_ text: String, _ meant: ClosedRange<Int>?)
    {
        #expect(SizeRangeArgument(argument: text)?.range == meant)
    }

    @Test func kinds() {
        #expect(KindsArgument(argument: "f")?.kinds == [.file])
        #expect(KindsArgument(argument: "d,l")?.kinds == [.directory, .symbolicLink])
        for text in ["", "x", "fx", ","] { #expect(KindsArgument(argument: text) == nil) }
    }
}
