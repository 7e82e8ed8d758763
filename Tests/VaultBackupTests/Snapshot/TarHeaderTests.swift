import Testing

@testable import VaultBackup

@Suite struct TarHeaderTests {
    private func entry(_ kind: EntryKind = .file, seconds: Int64 = 1, nanoseconds: UInt32 = 0) -> TreeEntry {
        TreeEntry(
            name: Array("n".utf8), kind: kind, mode: 0o4755, owner: 1, group: 2, mtimeSeconds: seconds,
            mtimeNanoseconds: nanoseconds)
    }

    private func blocks(_ entry: TreeEntry, path: [UInt8] = Array("./n".utf8)) throws -> [UInt8] {
        let blocks = TarHeader.blocks(entry, try #require(TarHeader.Member(entry.kind)), path: path, attributes: [])
        #expect(blocks.count % 512 == 0)
        for start in stride(from: 0, to: blocks.count, by: 512) where isHeader(blocks, start) {
            let sum = blocks[start..<start + 512].enumerated().reduce(0) {
                $0 + ((148..<156).contains($1.0) ? 32 : Int($1.1))
            }
            #expect(Int(String(decoding: blocks[start + 148..<start + 154], as: UTF8.self), radix: 8) == sum)
        }
        return blocks
    }

    private func isHeader(_ blocks: [UInt8], _ start: Int) -> Bool {
        blocks[start + 257..<start + 262].elementsEqual("ustar".utf8)
    }

    /// What the extended header says, as text.
    private func extended(_ blocks: [UInt8]) -> String {
        blocks[156] == UInt8(ascii: "x") ? String(decoding: blocks[512..<blocks.count - 512], as: UTF8.self) : ""
    }

    @Test func lengthOfARecordCountsItself() {
        for count in 0..<2_000 {
            let record = TarHeader.record(Array("path".utf8), [UInt8](repeating: 0x61, count: count))
            let length = String(decoding: record.prefix { $0 != 0x20 }, as: UTF8.self)
            #expect(Int(length) == record.count)
        }
    }

    @Test func smallThingsNeedNoExtendedHeader() throws {
        let blocks = try blocks(entry())
        #expect(blocks.count == 512)
        #expect(blocks[100..<107].elementsEqual("0004755".utf8))
    }

    @Test func largeFiles() throws {
        var large = entry()
        large.size = 0o777_7777_7777
        #expect(try blocks(large).count == 512)
        large.size += 1
        #expect(try extended(blocks(large)).contains("19 size=8589934592\n"))
    }

    @Test(
        arguments: [
            (0, 5, "0.000000005"), (-2, 750_000_000, "-1.250000000"), (-1, 500_000_000, "-0.500000000"), (-7, 0, "-7"),
            (1 << 40, 0, "1099511627776"),
        ] as [(Int64, UInt32, String)]) func times(_ seconds: Int64, _ nanoseconds: UInt32, _ text: String) throws
    {
        #expect(try extended(blocks(entry(seconds: seconds, nanoseconds: nanoseconds))).contains(" mtime=\(text)\n"))
    }

    @Test func extremeTimes() throws {
        for seconds in [Int64.min, Int64.max] { _ = try blocks(entry(seconds: seconds, nanoseconds: 999_999_999)) }
    }

    @Test func names() throws {
        #expect(try blocks(entry(), path: [UInt8](repeating: 0x61, count: 100)).count == 512)
        #expect(try extended(blocks(entry(), path: [UInt8](repeating: 0x61, count: 101))).contains("111 path=aaa"))
        let text = try extended(blocks(entry(), path: Array("ä".utf8)))
        #expect(text.contains("11 path=ä\n") && !text.contains("hdrcharset"))
        #expect(try extended(blocks(entry(), path: [0xff])).hasPrefix("21 hdrcharset=BINARY\n"))
    }

    @Test func largeNumbers() throws {
        var entry = entry()
        entry.owner = .max
        entry.group = 0o777_7777
        let text = try extended(blocks(entry))
        #expect(text.contains(" uid=4294967295\n") && !text.contains("gid="))
    }

    @Test func attributes() {
        let blocks = TarHeader.blocks(
            entry(), .file, path: [0x61], attributes: [(Array("user.a=b%".utf8), [0, 0x0a])])
        #expect(extended(blocks).contains("SCHILY.xattr.user.a%3Db%25=\u{0}\n\n"))
    }

    @Test func socketsAreNoMembers() { #expect(TarHeader.Member(EntryKind.socket) == nil) }
}
