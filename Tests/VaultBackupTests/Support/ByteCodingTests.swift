import Testing

@testable import VaultBackup

@Suite struct ByteCodingTests {
    @Test func whatIsWrittenIsRead() throws {
        var writer = ByteWriter()
        writer.u8(255)
        writer.u16(65_535)
        writer.u24(0xff_ffff)
        writer.u32(0xffff_ffff)
        writer.u64(.max)
        writer.integer(Int64.min)
        writer.lp8([1])
        writer.lp16([])
        writer.lp32([2, 3])
        for value in [0, 1, 127, 128, 300, .max] { writer.leb128(value) }
        var reader = ByteReader(writer.bytes, "test")
        #expect(try reader.u8() == 255)
        #expect(try reader.u16() == 65_535)
        #expect(try reader.u24() == 0xff_ffff)
        #expect(try reader.u32() == 0xffff_ffff)
        #expect(try reader.u64() == .max)
        #expect(try reader.integer(Int64.self) == .min)
        #expect(try reader.lp8() == [1])
        #expect(try reader.lp16() == [])
        #expect(try reader.lp32() == [2, 3])
        for value in [0, 1, 127, 128, 300, .max] { #expect(try reader.leb128() == value) }
        try reader.finish()
    }

    /// Cut anywhere, a form is refused and nothing beyond the end is read.
    @Test func endsEarly() {
        let bytes: [UInt8] = [0, 0, 0, 9, 1, 2, 3]
        for end in 0...bytes.count {
            var reader = ByteReader(bytes, "test", range: 0..<end)
            #expect(throws: FormatError.self) { try reader.lp32() }
        }
        var bounded = ByteReader([0, 0, 0, 2, 1, 2], "test")
        #expect(throws: FormatError.self) { try bounded.lp32(most: 1) }
        var high = ByteReader([UInt8](repeating: 0xff, count: 8), "test")
        #expect(throws: FormatError.self) { try high.u64() }
        let rest = ByteReader([1], "test")
        #expect(throws: FormatError.self) { try rest.finish() }
    }

    @Test(
        arguments: [[0x80, 0x00], [0x80], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]] as [[UInt8]])
    func numbersHaveOneForm(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes, "test")
        #expect(throws: FormatError.self) { try reader.leb128() }
    }

    @Test func pathsCannotDriveATerminal() {
        #expect(PathText.readable(Array("plain/path".utf8)) == "plain/path")
        #expect(PathText.readable(Array("ünï 漢".utf8)) == "ünï 漢")
        #expect(PathText.readable([0x1b, 0x5b, 0x33, 0x31, 0x6d]) == "\\x1b[31m")
        #expect(PathText.readable([0x61, 0x0a, 0xff, 0x5c]) == "a\\x0a\\xff\\\\")
        // Right-to-left override.
        #expect(PathText.readable([0xe2, 0x80, 0xae]) == "\\xe2\\x80\\xae")
    }

    @Test func errorsSayWhatToDo() {
        let cause = VaultError(.storage, "The disk is full")
        let error = VaultError(.failed, "The pack could not be stored", nextStep: "Free space", cause: cause)
        #expect("\(error)" == "The pack could not be stored (The disk is full). Free space")
        for kind in [StorageError.Kind.noSpace, .readOnly, .permission, .notFound, .io, .outcomeUnknown] {
            #expect(!StorageError(kind, "x").nextStep.isEmpty)
        }
    }
}
