internal import ArgumentParser
internal import VaultBackup

/// `vault log checkpoint`
struct LogCheckpointCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Sign the head of the log, to be kept elsewhere.",
        discussion: """
            A C2SP checkpoint: the number of records and the RFC 6962 tree hash over them, in a signed note. Whoever \
            keeps it can later prove with 'vault audit --checkpoint' that nothing of it was changed. Without \
            --identity this machine signs, which asks nothing. With --vkey the key to verify it is written instead.

            Examples:
              vault log checkpoint
              vault log checkpoint --output head.checkpoint
              vault log checkpoint --vkey
            """)

    @Option(help: ArgumentHelp("Write it to a file instead.", valueName: "file"))
    var output: PathArgument?

    @Flag(help: "Write the verifier key of the signer instead.")
    var vkey = false

    @Option(help: ArgumentHelp("Refuse when the newest snapshot of a system is older, such as 36h.", valueName: "age"))
    var maxAge: AgeArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let checkpoints = try Checkpoints(opened, ageMax: maxAge?.seconds)
        let identity = try context.identity(for: opened, .write, repository, client)
        let key = try checkpoints.key(of: identity)
        let note = try checkpoints.sign(identity)
        let checkpoint = checkpoints.history.checkpoint
        if let output { try LocalFile.write(note.encode(), to: output) }
        let console = context.console
        if console.isJSON {
            try console.result(
                "log-checkpoint",
                [
                    ("origin", .string(checkpoint.origin)), ("size", .integer(checkpoint.size)),
                    ("root", .string(Base64.encode(checkpoint.root.bytes))), ("vkey", .string(key.text)),
                    ("note", .string(String(decoding: note.encode(), as: UTF8.self))),
                ] + (output.map { JSON.path("file", $0.bytes) } ?? []))
        } else if vkey {
            try console.line(key.text)
        } else if output == nil {
            try console.write(exactly: note.encode())
        } else if !console.isQuiet {
            var facts = Facts()
            facts.add("Origin", checkpoint.origin)
            facts.add("Records", Units.count(checkpoint.size))
            facts.add("Root", Base64.encode(checkpoint.root.bytes))
            facts.add("Signer", identity.name.shown)
            facts.add("Key", key.text)
            try console.write(facts)
        }
        return .done
    }
}

/// `vault log cosign`
struct LogCosignCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "cosign",
        abstract: "Cosign a checkpoint as somebody who saw the log.",
        discussion: """
            Checks that the checkpoint is of the newest head, and that all this user has seen before is part of it; \
            only then a timestamped cosignature (C2SP tlog-cosignature, Ed25519) is added and remembered. Anything \
            else is refused: with exit status 14 when the log is older or other than what was seen.

            Examples:
              vault log checkpoint --output head.checkpoint
              vault log cosign head.checkpoint --output head.cosigned
            """)

    @Argument(help: ArgumentHelp("The checkpoint.", valueName: "file"))
    var file: PathArgument

    @Option(help: ArgumentHelp("Write it to a file instead.", valueName: "file"))
    var output: PathArgument?

    @Option(help: ArgumentHelp("Refuse when the newest snapshot of a system is older, such as 36h.", valueName: "age"))
    var maxAge: AgeArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let bytes = try LocalFile.read(file, most: SignedNote.byteCountMax)
        let opened = try context.repository(repository, client)
        let checkpoints = try Checkpoints(opened, ageMax: maxAge?.seconds)
        // What is wrong with it is told before a passphrase is asked for.
        try checkpoints.check(bytes, name: file.shown)
        let identity = try context.identity(for: opened, .read, repository, client)
        let note = try checkpoints.cosign(bytes, identity, name: file.shown)
        let key = try checkpoints.cosignatureKey(of: identity)
        if let output { try LocalFile.write(note.encode(), to: output) }
        let console = context.console
        if console.isJSON {
            try console.result(
                "log-cosign",
                [
                    ("signatures", .integer(note.signatures.count)), ("vkey", .string(key.text)),
                    ("note", .string(String(decoding: note.encode(), as: UTF8.self))),
                ] + (output.map { JSON.path("file", $0.bytes) } ?? []))
        } else if output == nil {
            try console.write(exactly: note.encode())
        } else if !console.isQuiet {
            try console.line("Cosigned by \(identity.name.shown); others verify it with the key \(key.text)")
        }
        return .done
    }
}

/// `vault log proof`
struct LogProofCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof",
        abstract: "Prove that a record is in the tree of a checkpoint.",
        discussion: """
            A C2SP tlog-proof: with the record, the proof and the checkpoint in it, anybody can check that the record \
            was in the log when the checkpoint was signed, without the other records.

            Examples:
              vault log checkpoint --output head.checkpoint
              vault log proof 0 --checkpoint head.checkpoint
            """)

    @Argument(help: ArgumentHelp("Position of the record, from 0.", valueName: "position"))
    var position: Int

    @Option(help: ArgumentHelp("The checkpoint.", valueName: "file"))
    var checkpoint: PathArgument

    @Option(help: ArgumentHelp("Write it to a file instead.", valueName: "file"))
    var output: PathArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let bytes = try LocalFile.read(checkpoint, most: SignedNote.byteCountMax)
        let opened = try context.repository(repository)
        let proof = try Checkpoints(opened).proof(of: position, in: bytes, name: checkpoint.shown)
        if let output { try LocalFile.write(proof, to: output) }
        let console = context.console
        if console.isJSON {
            try console.result(
                "log-proof",
                [("position", .integer(position)), ("proof", .string(String(decoding: proof, as: UTF8.self)))])
        } else if output == nil {
            try console.write(exactly: proof)
        }
        return .done
    }
}

extension Console {
    /// Writes a note or a proof, byte for byte, as others verify it. On a terminal, which the names and texts of others
    /// might drive, it is shown like all that is not ours.
    fileprivate func write(exactly bytes: [UInt8]) throws {
        for part in bytes.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false) {
            let text = String(decoding: part, as: UTF8.self)
            try line(screen.isOutputTerminal ? text.shown : text)
        }
    }
}
