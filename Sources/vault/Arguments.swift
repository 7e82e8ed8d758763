internal import ArgumentParser
internal import VaultBackup

/// Arguments as the parser can carry them, and back.
///
/// An argument is bytes, and a path in it may be no UTF-8; the parser takes strings. A byte that is not part of valid
/// UTF-8 travels as one scalar of the private range U+10FF00 to U+10FFFF, and so do the bytes of any scalar of that
/// range itself, and control characters, so that no message of the parser holds one. So every argument has exactly one
/// text, every text leads back to its bytes, and the parser may move and split arguments as it likes.
enum ArgumentText {
    private static let carriers: ClosedRange<UInt32> = 0x10_ff00...0x10_ffff

    /// The text that carries these bytes.
    static func carrying(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        var rest = bytes[...]
        while let first = rest.first {
            let length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
            if length > 0, first >= 0x20, first != 0x7f, let scalar = scalar(rest.prefix(length)),
                !carriers.contains(scalar.value)
            {
                text.append(scalar)
                rest.removeFirst(length)
            } else if let carrier = Unicode.Scalar(carriers.lowerBound + UInt32(first)) {
                text.append(carrier)
                rest.removeFirst()
            }
        }
        return String(text)
    }

    /// The bytes that the text carries.
    static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if carriers.contains(scalar.value) {
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            }
        }
        return bytes
    }

    /// For messages of the parser, which quote arguments: in one line, without scalars that a terminal cannot show.
    static func readable(_ message: String) -> String {
        message.split(separator: "\n").map { PathText.readable(bytes(String($0.drop { $0 == " " }))) }
            .joined(separator: " ")
    }

    /// Throws when the arguments cannot be had. Swift reads them from `/proc`; without it, as in a bare rescue system,
    /// every command would look like none and seem to succeed.
    static func expectArguments() throws {
        guard CommandLine.argc > 0 || kernelArguments() != nil else {
            throw VaultError(
                .failed, "The arguments of this program cannot be read, since /proc is not there",
                nextStep: "Run 'mount -t proc proc /proc', then the same command again")
        }
    }

    /// All arguments of this process but its name.
    ///
    /// Swift's runtime finds none under some preloaded libraries, such as libfaketime; then the kernel is asked.
    static func ofProcess() -> [String] {
        guard CommandLine.argc > 0 else { return ofKernel() }
        return (1..<max(1, Int(CommandLine.argc))).compactMap { position in
            guard let start = CommandLine.unsafeArgv[position] else { return nil }
            var bytes: [UInt8] = []
            var next = start
            while next.pointee != 0 {
                bytes.append(UInt8(bitPattern: next.pointee))
                next += 1
            }
            return carrying(bytes)
        }
    }

    private static func ofKernel() -> [String] {
        guard let stored = kernelArguments() else { return [] }
        return stored.dropLast().split(separator: 0, omittingEmptySubsequences: false).dropFirst().map {
            carrying(Array($0))
        }
    }

    /// All arguments, each ended by a zero byte; nil when the kernel does not say.
    private static func kernelArguments() -> [UInt8]? {
        // More than the kernel lets anybody give.
        let stored = try? AtomicFile.read(Array("/proc/self/cmdline".utf8), byteCountMax: 64 << 20)
        return stored?.last == 0 ? stored : nil
    }

    private static func scalar(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.count == 1 else { return nil }
        return text.unicodeScalars.first
    }
}

/// An argument that is a path, or another thing that may be any bytes.
struct PathArgument: ExpressibleByArgument, Sendable {
    /// As it was given.
    let bytes: [UInt8]

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        bytes = ArgumentText.bytes(argument)
    }

    static var defaultCompletionKind: CompletionKind { .file() }
}

/// An argument that becomes part of the public log or of a name: valid UTF-8.
struct TextArgument: ExpressibleByArgument, Sendable {
    /// As it was given.
    let text: String

    init?(argument: String) {
        guard let text = String(validating: ArgumentText.bytes(argument), as: UTF8.self) else { return nil }
        self.text = text
    }
}
