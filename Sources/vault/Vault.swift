import ArgumentParser
import VaultBackup

@main
struct Vault: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "vault", abstract: "Encrypted backups that are proven to restore.", version: "0.1.0")
}
