internal import VaultBackup

/// Numbers as people read them.
enum Units {
    /// Such as `999 B`, `1.5 KiB`, `12 GiB`: three digits at most, powers of 1024.
    static func bytes(_ count: Int) -> String {
        guard count >= 1024 else { return "\(count) B" }
        var value = Double(count)
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        // From 1023.5 on it would be shown as 1024.
        while value >= 1023.5, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(value < 9.95 ? tenths(value) : String(Int(value.rounded()))) \(units[unit])"
    }

    /// With commas between groups of three digits.
    static func count(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return value < 0 ? "-" + text : text
    }

    /// A count and its noun: `1 entry`, `2 entries`.
    static func count(_ value: Int, _ one: String, _ many: String) -> String {
        "\(count(value)) \(value == 1 ? one : many)"
    }

    /// Such as `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
    static func duration(_ nanoseconds: UInt64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        if seconds < 9.95 { return "\(tenths(seconds)) s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole / 60 % 60) min"
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

    private static func tenths(_ value: Double) -> String {
        let scaled = Int((value * 10).rounded())
        return "\(scaled / 10).\(scaled % 10)"
    }
}

extension String {
    /// Without a full stop at its end; sentences get theirs when they are shown.
    var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }

    /// Text that is not ours (names, tags, words of the C library): nothing in it can drive the terminal.
    var shown: String { PathText.readable(Array(utf8)) }
}
