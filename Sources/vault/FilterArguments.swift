internal import ArgumentParser
internal import VaultBackup

/// A moment: `2026-11-21`, `2026-11-21T18:30`, `2026-11-21T18:30:05` (UTC), or how long ago: `36h`, `7d`, `4w`.
struct TimeArgument: ExpressibleByArgument, Sendable {
    let time: Timestamp

    init?(argument: String) { self.init(argument, now: SystemClock().now()) }

    init?(_ text: String, now: Timestamp) {
        let hours: [Character: Int64] = ["h": 1, "d": 24, "w": 7 * 24]
        if let unit = text.last, let factor = hours[unit] {
            guard let count = Int64(text.dropLast()), (0...1_000_000).contains(count) else { return nil }
            time = Timestamp(milliseconds: now.milliseconds - count * factor * 3_600_000)
            return
        }
        // What is not said counts as zero.
        let start = text.hasSuffix("Z") ? String(text.dropLast()) : text
        let rests = ["Z", ".000Z", ":00.000Z", "T00:00:00.000Z"]
        guard let time = rests.lazy.compactMap({ Timestamp(start + $0) }).first else { return nil }
        self.time = time
    }
}

/// Numbers of bytes: `4K..2M`, `1G..`, `..100K`, or exactly `512`. Units are powers of 1024.
struct SizeRangeArgument: ExpressibleByArgument, Sendable {
    let range: ClosedRange<Int>

    init?(argument text: String) {
        let bytes = Array(text.utf8)
        guard let dots = bytes.indices.dropLast().first(where: { bytes[$0] == 0x2e && bytes[$0 + 1] == 0x2e }) else {
            guard let exact = Self.bytes(bytes[...]) else { return nil }
            range = exact...exact
            return
        }
        let (low, high) = (bytes[..<dots], bytes[(dots + 2)...])
        guard !(low.isEmpty && high.isEmpty), let from = low.isEmpty ? 0 : Self.bytes(low),
            let to = high.isEmpty ? .max : Self.bytes(high), from <= to
        else { return nil }
        range = from...to
    }

    private static func bytes(_ text: ArraySlice<UInt8>) -> Int? {
        Quantity.parse(
            String(decoding: text, as: UTF8.self).uppercased(),
            ["": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40])
    }
}

/// Kinds of entries by the letters that `find` has for them.
struct KindsArgument: ExpressibleByArgument, Sendable {
    let kinds: Set<EntryKind>

    init?(argument text: String) {
        let letters: [Character: EntryKind] = [
            "f": .file, "d": .directory, "l": .symbolicLink, "c": .characterDevice, "b": .blockDevice, "p": .fifo,
            "s": .socket,
        ]
        let kinds = text.filter { $0 != "," }.map { letters[$0] }
        guard !kinds.isEmpty, !kinds.contains(nil) else { return nil }
        self.kinds = Set(kinds.compactMap { $0 })
    }
}
