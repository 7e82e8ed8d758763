internal import ArgumentParser
internal import VaultBackup

/// Identities of trustees, as arguments: what sealed shares open with.
struct TrusteeOptions: ParsableArguments {
    @Option(
        name: .customLong("trustee"), parsing: .singleValue,
        help: ArgumentHelp(
            "The identity file of a trustee, for a share that is sealed to it; any number.", valueName: "file"))
    var files: [PathArgument] = []

    /// The identities, which are unlocked when a share asks for one.
    func identities(in context: Context) -> TrusteeIdentities {
        TrusteeIdentities(files: files.map(\.bytes), context: context)
    }
}

/// Opens the identities of trustees, each when it is needed.
struct TrusteeIdentities {
    let files: [[UInt8]]
    let context: Context
    private static let triesMax = 3

    /// The identity with an id. Its passphrase is asked by its name, since several trustees sit at one machine; one who
    /// mistypes it on the terminal is asked again, so that the others need not begin anew.
    ///
    /// - Parameter sheet: the file that is sealed to it, for messages.
    /// - Throws: ``VaultError`` `.wrongIdentity` when none of the files is that identity, or does not open.
    func identity(_ id: MemberID, for sheet: [UInt8]) throws -> Identity {
        for path in files {
            guard case .file(let file) = try IdentitySource.load(path) else {
                throw VaultError(
                    .wrongIdentity, "\(PathText.readable(path)) is a recovery kit, and no share is sealed to one",
                    nextStep: "Name the identity file of the trustee")
            }
            guard file.id == id else { continue }
            return try unlock(file)
        }
        throw VaultError(
            .wrongIdentity, "The share in \(PathText.readable(sheet)) is sealed to the identity \(id)",
            nextStep: "Let that trustee give the identity file with --trustee FILE")
    }

    private func unlock(_ file: IdentityFile) throws -> Identity {
        var tries = 0
        while true {
            var isTyped = false
            do {
                return try file.unlock(factors: context.factors) {
                    let passphrase = try context.passphrase("Passphrase of '\(file.name.shown)'")
                    isTyped = !context.hasPassphraseSource
                    return passphrase
                }
            } catch let error as VaultError where error.code == .wrongIdentity && isTyped {
                tries += 1
                if tries == Self.triesMax { throw error }
                context.console.warning(error.message)
            }
        }
    }
}

/// Somebody who is named by a public line, or as a member.
enum LineInput {
    /// The public line in an argument, in the file that it names, or on standard input (-).
    ///
    /// - Throws: ``VaultError`` `.usage` when there is none.
    static func line(_ who: PathArgument, _ context: Context) throws -> PublicLine {
        let bytes: [UInt8]
        if who.bytes.starts(with: Array("vault-public ".utf8)) {
            bytes = who.bytes
        } else if who.bytes == [UInt8(ascii: "-")] {
            bytes = try KitInput.text(most: PublicLine.byteCountMax, context.cancellation)
        } else {
            do { bytes = try LocalFile.read(who, most: 64 << 10) } catch let error as VaultError
                where error.code == .usage
            {
                throw VaultError(
                    .usage, "\(who.shown) is neither a member, nor a public line, nor a file with one",
                    nextStep: "See 'vault access list', or give the line that 'vault identity create' has printed")
            }
        }
        do { return try PublicLine(decoding: bytes) } catch {
            throw VaultError(
                .usage, "This is not the public line of an identity", nextStep: "Ask the newcomer for it again",
                cause: error)
        }
    }

    /// A trustee: the member of that name, else whom a public line is of.
    static func trustee(_ who: PathArgument, _ state: RepositoryState, _ context: Context) throws -> Trustee {
        let text = String(validating: who.bytes, as: UTF8.self)
        guard let member = text.flatMap({ try? Members.find($0, in: state).member }) else {
            return Trustee(try line(who, context))
        }
        guard member.kind != .kit else {
            throw VaultError(
                .usage, "'\(member.name)' is a recovery kit, which is replaced by the shares",
                nextStep: "Name a person who keeps the share")
        }
        return Trustee(member)
    }
}
