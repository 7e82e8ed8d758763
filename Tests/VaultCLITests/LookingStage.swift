import Testing
import VaultTestSupport

/// A user with a repository and the directory `src`, whose passphrase is known to every command.
struct LookingStage {
    let stage: Stage
    let passphrase: [String: String]
    /// The source as an absolute path.
    var source: String { stage.path + "/src" }

    init() throws {
        stage = try Stage()
        passphrase = ["VAULT_PASSPHRASE_FILE": stage.path + "/passphrase"]
        try stage.make("src")
        try stage.initialise()
    }

    func shell(_ line: String) throws -> Stage.Outcome { try stage.shell(line, environment: passphrase) }

    /// Runs a line that must succeed.
    func require(_ line: String) throws {
        let outcome = try shell("set -e\n" + line)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    @discardableResult
    func backup(_ options: String...) throws -> String {
        let made = try shell("vault backup src --json " + options.joined(separator: " "))
        return try #require(made.json().first?["snapshot"] as? String, "\(made.errors)")
    }

    /// Breaks the middle of the largest pack.
    func breakPack() throws {
        try require(
            #"""
            f=$(find repo -type f -printf '%s %p\n' | sort -rn | head -1 | cut -d' ' -f2); chmod u+w $f
            printf '\377\000\377' | dd of=$f bs=1 seek=$(($(stat -c %s $f) / 2)) conv=notrunc
            """#)
    }
}
