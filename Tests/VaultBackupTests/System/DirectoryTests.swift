import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

private func text(_ string: String) -> [UInt8] { Array(string.utf8) }

@Suite struct DirectoryTests {
    let temporary: TemporaryDirectory
    let directory: OpenFile

    init() throws {
        temporary = try TemporaryDirectory()
        directory = try OpenFile.openDirectory(temporary.bytes())
    }

    private func touch(_ name: [UInt8]) throws {
        _ = try OpenFile.open(at: directory, name, [.writeOnly, .create, .exclusive], mode: 0o640)
    }

    @Test func listsInTheOrderOfBytes() throws {
        // Names around the eight bytes that sorting looks at first, bytes above 0x7f, and names that begin with a dot.
        var names: [[UInt8]] = [
            "a", "ab", "abcdefgh", "abcdefghi", "abcdefgh0", "B", ".x", "..y", "~", "...", "abcdefg",
        ].map { text($0) }
        names += [[0xff], [0x80, 1], Array(repeating: 0x7a, count: 255)]
        var generator = SystemRandomNumberGenerator()
        let seed = generator.next()
        print("seed \(seed)")
        for k in 0..<3000 as Range<UInt64> {
            names.append(text("f" + String((seed ^ k) &* 0x9e37_79b9_7f4a_7c15, radix: 36)))
        }
        for name in names.shuffled() { try touch(name) }
        let listing = try DirectoryListing.read(directory)
        #expect(listing.entries.map { listing.name(of: $0) } == names.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(listing.entries.allSatisfy { $0.status?.kind == .file })
        for (k, entry) in listing.entries.enumerated() where k % 97 == 0 {
            #expect(listing.index(of: listing.name(of: entry)) == k)
        }
        #expect(listing.index(of: text("absent")) == nil)
        #expect(try DirectoryListing.read(directory).entries.count == names.count, "a second listing starts anew")
    }

    @Test func anEmptyDirectoryHasNoEntries() throws {
        #expect(try DirectoryListing.read(directory).entries.isEmpty)
    }

    @Test func everyKindIsRecognised() throws {
        try touch(text("file"))
        try DirectoryEntries.makeDirectory(at: directory, text("directory"), mode: 0o751)
        try DirectoryEntries.makeSymbolicLink(to: text("nowhere"), at: directory, text("link"))
        try DirectoryEntries.makeSpecial(.fifo, at: directory, text("fifo"), mode: 0o600)
        try DirectoryEntries.makeSpecial(.socket, at: directory, text("socket"), mode: 0o600)
        try DirectoryEntries.makeLink(from: directory, text("file"), to: directory, text("second"))
        var expected: [String: FileStatus.Kind] = [
            "file": .file, "directory": .directory, "link": .symbolicLink, "fifo": .fifo, "socket": .socket,
            "second": .file,
        ]
        if isRoot {
            try DirectoryEntries.makeSpecial(
                .characterDevice, major: 1, minor: 300, at: directory, text("device"), mode: 0o600)
            expected["device"] = .characterDevice
        }
        let listing = try DirectoryListing.read(directory)
        #expect(listing.entries.count == expected.count)
        for entry in listing.entries {
            let name = String(decoding: listing.name(of: entry), as: UTF8.self)
            #expect(entry.status?.kind == expected[name], "\(name)")
            if name == "second" { #expect(entry.status?.linkCount == 2) }
            if name == "link" { #expect(entry.status?.size == 7) }
            if name == "device" { #expect(entry.status?.deviceMajor == 1 && entry.status?.deviceMinor == 300) }
        }
    }

    @Test func metadataIsSetOnTheEntryItself() throws {
        try touch(text("file"))
        try DirectoryEntries.makeSymbolicLink(to: text("file"), at: directory, text("link"))
        let before = try FileStatus.read(at: directory, text("file"))
        let time = FileStatus.Time(seconds: -5, nanoseconds: 123_456_789)
        try Metadata.setTimes(modified: time, accessed: nil, at: directory, text("link"))
        #expect(try FileStatus.read(at: directory, text("link")).modified == time)
        #expect(try FileStatus.read(at: directory, text("file")).modified == before.modified)
        try Metadata.setMode(0o4751, at: directory, text("file"))
        #expect(try FileStatus.read(at: directory, text("file")).mode == 0o4751)
        let refused = #expect(throws: SystemError.self) { try Metadata.setMode(0o777, at: directory, text("link")) }
        #expect(refused?.errno == EOPNOTSUPP)
        #expect(try FileStatus.read(at: directory, text("file")).mode == 0o4751)
        if isRoot {
            try Metadata.setOwner(12, group: 34, at: directory, text("link"))
            let link = try FileStatus.read(at: directory, text("link"))
            #expect(link.owner == 12 && link.group == 34)
            #expect(try FileStatus.read(at: directory, text("file")).owner == before.owner)
        }
    }

    @Test func extendedAttributesComeBackSorted() throws {
        try touch(text("file"))
        #expect(try ExtendedAttributes.read(at: directory, text("file")).isEmpty)
        let big = ExtendedAttributes.Attribute(name: text("user.big"), value: [UInt8](repeating: 9, count: 2000))
        let small = ExtendedAttributes.Attribute(name: text("user.a"), value: [0, 1])
        let empty = ExtendedAttributes.Attribute(name: text("user.empty"), value: [])
        try ExtendedAttributes.set(big, at: directory, text("file"))
        try ExtendedAttributes.set(empty, at: directory, text("file"))
        let file = try OpenFile.openForReading(at: directory, text("file"))
        try ExtendedAttributes.set(small, of: file)
        #expect(try ExtendedAttributes.read(at: directory, text("file")) == [small, big, empty])
        #expect(try ExtendedAttributes.read(file) == [small, big, empty])
        try ExtendedAttributes.remove(text("user.big"), at: directory, text("file"))
        try ExtendedAttributes.remove(text("user.big"), at: directory, text("file"))
        #expect(try ExtendedAttributes.read(file) == [small, empty])
    }

    @Test(.enabled(if: isRoot)) func attributesOfALinkAreItsOwn() throws {
        try touch(text("file"))
        try DirectoryEntries.makeSymbolicLink(to: text("file"), at: directory, text("link"))
        let mark = ExtendedAttributes.Attribute(name: text("trusted.mark"), value: [1])
        try ExtendedAttributes.set(mark, at: directory, text("link"))
        #expect(try ExtendedAttributes.read(at: directory, text("link")) == [mark])
        #expect(try ExtendedAttributes.read(at: directory, text("file")).isEmpty)
        let place = try OpenFile.open(at: directory, text("link"), [.pathOnly, .noFollow])
        #expect(try ExtendedAttributes.read(place) == [mark])
    }

    @Test func fileFlagsAreMasked() throws {
        try touch(text("file"))
        let file = try OpenFile.openForReading(at: directory, text("file"))
        #expect(try FileFlags.read(file) == 0, "the extent flag of ext4 is not kept")
        try FileFlags.set(0x40, of: file)
        #expect(try FileFlags.read(file) == 0x40)
        try FileFlags.set(0, of: file)
        #expect(try FileFlags.read(file) == 0)
        #expect(try FileFlags.read(OpenFile.open(text("/dev/null"), .readOnly)) == 0)
    }

    /// ext4 does not know "no copy on write", btrfs not secure deletion: they refuse all, get them one by one, and an
    /// immutable file of ext4 takes no flag any more.
    @Test(.enabled(if: isRoot)) func anUnknownFlagKeepsNoOtherAway() throws {
        try touch(text("file"))
        let file = try OpenFile.openForReading(at: directory, text("file"))
        defer { try? FileFlags.set(0, of: file) }
        // Without the capability, or on a file system that knows neither, there is nothing to see.
        guard (try? FileFlags.set(0x30, of: file)) != nil else { return }
        try FileFlags.set(0, of: file)
        try? FileFlags.set(0x30 | 0x80_0001, of: file)
        #expect(try FileFlags.read(file) & 0x30 == 0x30)
    }
}
