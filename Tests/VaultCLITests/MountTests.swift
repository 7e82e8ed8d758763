import Foundation
import Testing
import VaultTestSupport

/// Disks that are not mounted, with real ones: loop devices in a mount namespace of their own, so that `/etc/fstab` may
/// be another one too. Needs root.
@Suite struct MountTests {
    private let stage: Stage

    init() throws {
        stage = try Stage()
        try stage.write("fstab", "LABEL=x \(stage.path)/usb ext4 nofail,noauto 0 0\n/dev/y \(stage.path)/two ext4\n")
    }

    /// Runs a script with the disks `usb` and `data`, not mounted yet; nil where that is not allowed.
    private func run(_ script: String) throws -> Stage.Outcome? {
        let prepare = """
            mkdir usb data two && for d in usb data; do truncate -s 64M $d.img && mkfs.ext4 -q -F $d.img || exit 99; done
            mount -o loop usb.img usb && mount -o loop data.img data || exit 99
            trap 'umount usb data 2>/dev/null' EXIT
            """
        try stage.write("script", prepare + "\n" + script)
        let bin = (Stage.program as NSString).deletingLastPathComponent
        let outcome = try stage.shell(
            "PATH=\(bin):/usr/bin:/bin:/usr/sbin:/sbin unshare -m --propagation private sh script")
        if outcome.status == 99 || outcome.errors.contains("unshare") {
            print("skipped: disks of our own need root, mkfs.ext4 and loop devices")
            return nil
        }
        return outcome
    }

    @Test func aRepositoryOnADiskThatIsGone() throws {
        let outcome = try run(
            """
            vault init usb/repo --passphrase-file passphrase --require-mount -q; echo init $?
            echo 1 > data/x; vault backup data -q; echo backup $?
            umount usb; vault backup data; echo gone $?; ls -A usb | wc -l
            vault snapshots -r usb/repo; echo gone $?
            vault snapshots -r elsewhere; echo none $?
            """)
        guard let outcome else { return }
        #expect(outcome.output == "init 0\nbackup 0\ngone 10\n0\ngone 10\nnone 10\n", "\(outcome.errors)")
        #expect(outcome.errors.components(separatedBy: "is not mounted at").count == 3, "\(outcome.errors)")
    }

    @Test func aSourceThatIsGone() throws {
        let outcome = try run(
            """
            vault init repo --passphrase-file passphrase -q; mkdir data/sub; echo 1 > data/x
            vault backup "$PWD/data" two -q 2>&1; echo $?
            mount --bind data.img data/x; vault backup "$PWD/data" -q; echo below $?; umount data/x
            umount data; vault backup "$PWD/data" -q 2>/dev/null; echo $?
            vault backup "$PWD/data" -q 2>&1 | grep -c 'is empty: the file system'; vault backup data -n -q 2>/dev/null; echo $?
            mount -o loop data.img data; vault backup "$PWD/data" -q; echo $?
            rm data/x; rmdir data/sub; vault backup "$PWD/data" -q; echo $?
            mount --bind fstab /etc/fstab; vault backup two -q 2>&1 | grep -c '/etc/fstab'; vault backup usb -q; echo $?
            umount usb; vault backup usb -q 2>/dev/null; echo $?; vault backup data -q; echo $?
            """)
        guard let outcome else { return }
        #expect(outcome.output == "0\nbelow 0\n3\n1\n3\n0\n0\n1\n0\n3\n0\n", "\(outcome.output) \(outcome.errors)")
    }

    /// Names of one file, mounted one by one into a directory of more entries than are held at once.
    @Test func linksThatAreMountedStayLinks() throws {
        let outcome = try run(
            """
            vault init repo --passphrase-file passphrase -q; mkdir src; cd src; touch a1 a2 $(seq 10000 14999); cd ..
            echo x > data/x; ln data/x data/y; mount --bind data/x src/a1; mount --bind data/y src/a2; sleep 3
            vault backup "$PWD/src" -q; echo new > src/14999; vault backup "$PWD/src" -q; umount src/a1 src/a2
            vault restore "latest:$PWD/src" --target out --passphrase-file passphrase -q; stat -c %h out/a1 out/a2
            """)
        guard let outcome else { return }
        #expect(outcome.output == "2\n2\n", "\(outcome.errors)")
    }

    @Test func noNewRepositoryBelowADiskThatIsGone() throws {
        let outcome = try run(
            """
            umount usb; mount --bind fstab /etc/fstab
            for d in usb usb/deep/repo two; do vault init $d --passphrase-file passphrase -q; echo $?; done
            here=$(mktemp -d -p /var/tmp)  # /tmp may be a file system of its own
            vault init $here --require-mount --passphrase-file passphrase -q; echo $?
            ls -A usb two $here 2>/dev/null | grep -v : | wc -w; rmdir $here
            """)
        guard let outcome else { return }
        #expect(outcome.output == "1\n1\n1\n1\n0\n", "\(outcome.output) \(outcome.errors)")
        #expect(outcome.errors.components(separatedBy: "nothing is mounted there").count == 4)
    }
}
