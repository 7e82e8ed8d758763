internal import VaultBackup

/// A recovery kit that is given as a file or on standard input, as text or as the content of its QR code.
enum KitInput {
    private static let input = Array("-".utf8)

    /// Reads and checks it. Throws ``VaultError`` `.wrongIdentity` naming the source, with what is wrong.
    static func paper(_ source: [UInt8], _ cancellation: Cancellation) throws -> RecoveryPaper {
        let name = source == input ? "standard input" : PathText.readable(source)
        let content = try source == input ? standardInput(cancellation) : file(source)
        do { return try RecoveryPaper(decoding: content) } catch {
            throw VaultError(
                .wrongIdentity, "The recovery kit from \(name) cannot be used",
                nextStep: "Compare it with the paper; typed row by row instead of the line 'seed', each row is checked",
                cause: error)
        }
    }

    /// Reads sheets with shares and joins them. Throws ``VaultError`` `.wrongIdentity` naming the sheet, or what is wrong.
    static func paper(shares: [[UInt8]], _ trustees: TrusteeIdentities) throws -> RecoveryPaper {
        let sheets = try shares.map { try sheet($0, trustees) }
        do { return try RecoveryPaper(joining: sheets) } catch {
            throw VaultError(
                .wrongIdentity, "The shares do not give a recovery kit",
                nextStep: "Check each of them with 'vault recovery-kit check FILE', and give as many as are needed",
                cause: error)
        }
    }

    /// Reads a sheet with a share, and opens it where it is sealed. Throws ``VaultError`` `.wrongIdentity` naming it.
    static func sheet(_ path: [UInt8], _ trustees: TrusteeIdentities) throws -> KitShareFile {
        let content = try IdentitySource.read(path, as: "share")
        do {
            return try KitShareFile(decoding: content) { sealed, anchor in
                try sealed.open(with: trustees.identity(sealed.trustee, for: path), anchor: anchor)
            }
        } catch let error as VaultError { throw error } catch {
            throw VaultError(
                .wrongIdentity, "The share in \(PathText.readable(path)) cannot be used",
                nextStep: "Compare it with the sheet that was handed out", cause: error)
        }
    }

    /// The bytes of standard input where it holds no secret, at most so many and one more.
    static func text(most: Int, _ cancellation: Cancellation) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: most + 1)
        let count = try bytes.withUnsafeMutableBytes { buffer in
            try StandardStreams.readInput(into: buffer) { try cancellation.check() }
        }
        return Array(bytes[..<count])
    }

    private static func file(_ path: [UInt8]) throws -> SecretBytes {
        try IdentitySource.read(
            path, as: "recovery kit", ifMissing: "Check the path, or type the kit: run the command without a file")
    }

    private static func standardInput(_ cancellation: Cancellation) throws -> SecretBytes {
        var count = 0
        let content = try SecretBytes(count: RecoveryKitFile.byteCountMax + 1) { buffer in
            count = try StandardStreams.readInput(into: buffer) { try cancellation.check() }
        }
        return content.slice(0..<count)
    }
}
