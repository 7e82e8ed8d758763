import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

extension Stage {
    /// Forgets the oldest snapshot, as an administrator orders it.
    func forgetOldest(repo: String = "repo") throws {
        let shown = try vault("identity", "show", "--json").json().first?["identities"] as? [[String: Any]]
        let file = try #require(shown?.first { $0["kind"] as? String == "person" }?["file"] as? String)
        let identity = try IdentitySource.load(Array(file.utf8)).unlock { SecretBytes(Array(Stage.passphrase.utf8)) }
        let folders = LocalFolders(
            config: Array((path + "/admin/config").utf8), cache: Array((path + "/admin/cache").utf8))
        let place = repo.hasPrefix("/") ? repo : path + "/" + repo
        let repository = try Repository.open(
            store: LocalStore.open(at: Array(place.utf8)), anchor: nil, folders: folders)
        let signer = Signer(member: identity.id, seed: identity.secrets.ed25519Seed)
        let oldest = try #require(repository.state.snapshots.first { $0.isLive })
        let order = Order.forget(ForgetBody(snapshots: [oldest.id]))
        let proposal = try repository.log.publish(.propose(ProposeBody(order: order)), by: signer)
        _ = try repository.log.publish(.approve(ApproveBody(proposal: proposal.digest)), by: signer)
    }

    /// The newest snapshot of src is the copy, by rsync, and every pack has the bytes that its name says, by sha256sum.
    func expectWhole(repo: String = "repo", like copy: String = "second") throws {
        let checked = try shell(
            """
            set -e
            vault verify --read-data --passphrase-file passphrase -q
            (cd \(repo)/packs && find . -type f | while read f; do echo "${f##*/}  $f"; done | sha256sum -c --quiet)
            rm -rf back && vault restore latest:$PWD/src --target back --passphrase-file passphrase -q
            rsync -nicaHAXS --delete --numeric-ids \(copy)/ back/
            """)
        #expect(checked.status == 0 && checked.output.isEmpty, "\(checked.output)\(checked.errors)")
    }
}
