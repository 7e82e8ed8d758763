import Testing
import VaultBackup

@Suite struct FindPatternTests {
    @Test(arguments: [
        ("*.conf", "a.conf", true), ("*.conf", ".conf", true), ("*.conf", "a.conf2", false), ("a?c", "abc", true),
        ("a?c", "ac", false), ("a?c", "aäc", true), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false),
        ("[!a-c]x", "dx", true), ("[^a-c]x", "ax", false), ("[]]", "]", true), ("[a", "[a", true), ("[a-]", "-", true),
        ("\\*", "*", true), ("\\*", "a", false), ("*a*b*c*", "xxaxxbxxcxx", true), ("*a*b*c*", "xxaxxcxxbxx", false),
        ("", "", false), ("[ä-ü]", "ö", true), ("A", "a", false), ("*", "", true), ("**", "anything", true),
    ]) func names(_ pattern: String, _ name: String, _ isMatch: Bool) {
        #expect(FindPattern(Array(pattern.utf8)).matches(name: Array(name.utf8)) == isMatch)
    }

    @Test(arguments: [
        ("/etc/*.conf", "etc/a.conf", true), ("/etc/*.conf", "etc/x/a.conf", false), ("/etc/**/a", "etc/a", true),
        ("/etc/**/a", "etc/x/y/a", true), ("/etc/**", "etc/x/y", true), ("/etc/*.conf", "usr/etc/a.conf", false),
        ("etc/*.conf", "usr/etc/a.conf", true), ("etc/a", "etc/a/b", false), ("/*/b", "a/b", true),
        ("**/x/**/y", "a/x/x/b/y", true), ("/etc/", "etc", true),
    ]) func paths(_ pattern: String, _ path: String, _ isMatch: Bool) {
        let pattern = FindPattern(Array(pattern.utf8))
        #expect(pattern.isPath)
        #expect(pattern.matches(path: Array(path.utf8)) == isMatch)
    }

    @Test func bytesThatAreNoText() {
        #expect(FindPattern([0x61, 0x3f, 0x62]).matches(name: [0x61, 0xff, 0x62]))
        #expect(FindPattern([0xff, 0x2a]).matches(name: [0xff, 0xfe]))
        #expect(!FindPattern([0xff]).matches(name: [0xfe]))
        // A byte alone is not the character with its number.
        #expect(!FindPattern([0xff]).matches(name: Array("ÿ".utf8)))
    }

    @Test func manyStarsEndSoon() {
        let pattern = FindPattern(Array(String(repeating: "*a", count: 60).utf8))
        #expect(!pattern.matches(name: [UInt8](repeating: 0x61, count: 250) + [0x62]))
    }
}
