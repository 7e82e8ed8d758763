internal import VaultBackup

/// Numbers as people read them.
enum Units {
    /// Such as `999 B`, `1.5 KiB`, `12 GiB`: three digits at most, powers of 1024.
    static func bytes(_ count: Int) -> String { Amounts.bytes(count) }

    /// With commas between groups of three digits.
    static func count(_ value: Int) -> String { Amounts.count(value) }

    /// A count and its noun: `1 entry`, `2 entries`.
    static func count(_ value: Int, _ one: String, _ many: String) -> String {
        "\(count(value)) \(value == 1 ? one : many)"
    }

    /// Such as `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
    static func duration(_ nanoseconds: UInt64) -> String {
        Amounts.duration(milliseconds: Int(nanoseconds / 1_000_000), .english)
    }

    /// Bytes for each second; nil when the time is too short to say.
    static func rate(_ bytes: Int, _ nanoseconds: UInt64) -> String? {
        guard nanoseconds >= 50_000_000 else { return nil }
        return self.bytes(Int(Double(bytes) / (Double(nanoseconds) / 1e9))) + "/s"
    }

    /// `YYYY-MM-DD hh:mm`, in UTC as the log has it.
    static func minute(_ time: Timestamp) -> String {
        let text = Array(time.description)
        return String(text[0..<10]) + " " + String(text[11..<16])
    }
}

extension String {
    /// Without a full stop at its end; sentences get theirs when they are shown.
    var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }

    /// Text that is not ours (names, tags, words of the C library): nothing in it can drive the terminal.
    var shown: String { PathText.readable(Array(utf8)) }
}
