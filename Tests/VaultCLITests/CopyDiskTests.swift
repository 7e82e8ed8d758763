import Foundation
import Testing
import VaultTestSupport

/// Copies on real disks: rotating, wrong, absent and full ones. Needs root and loop devices.
@Suite struct CopyDiskTests {
    private func run(_ script: String) throws -> Stage.Outcome? {
        let user = try LookingStage()
        try user.require("mkdir -p src usb; head -c 20000000 /dev/urandom > src/data")
        try user.backup()
        let prepare = """
            for d in red blue small; do truncate -s 96M $d.img && mkfs.ext4 -q -F $d.img || exit 99; done
            truncate -s 16M small.img; mkfs.ext4 -q -F small.img || exit 99
            mount -o loop red.img usb || exit 99
            trap 'umount usb 2>/dev/null' EXIT
            """
        try user.stage.write("script", prepare + "\n" + script)
        let bin = (Stage.program as NSString).deletingLastPathComponent
        let outcome = try user.shell(
            "PATH=\(bin):/usr/bin:/bin:/usr/sbin:/sbin unshare -m --propagation private sh script")
        if outcome.status == 99 || outcome.errors.contains("unshare") {
            print("skipped: disks of our own need root, mkfs.ext4 and loop devices")
            return nil
        }
        return outcome
    }

    @Test func rotatingDisks() throws {
        let outcome = try run(
            """
            vault copy --to usb --name red -q; echo $?
            umount usb; vault copy --to usb; echo absent $?; vault snapshots -r usb; echo absent $?; ls -A usb | wc -l
            mount -o loop blue.img usb; vault copy --to usb --name red -q; echo $?
            vault copy --to usb --name blue -q; echo $?
            vault backup src -q; vault copy --to usb --name red -q; echo wrong $?; vault copy --to usb -q; echo $?
            vault copy list --json | jq -r '.copies[] | "\\(.name) \\(.isPresent) \\(.recordsBehind > 0)"'
            umount usb; vault copy list --json | jq -r '.copies[] | .isPresent' | sort -u
            """)
        guard let outcome else { return }
        #expect(
            outcome.output
                == "0\nabsent 10\nabsent 10\n0\n1\n0\nwrong 1\n0\nblue true false\nred false true\nfalse\n",
            "\(outcome.output)\(outcome.errors)")
        #expect(outcome.errors.contains("The disk of the copy at usb ('red') is not mounted at"), "\(outcome.errors)")
        #expect(outcome.errors.contains("holds the copy 'blue' of repository"), "\(outcome.errors)")
    }

    /// Whoever puts another repository, or a copy of one, where one is known would be believed as if it were the first.
    @Test func anotherRepositoryInThePlaceOfTheKnownOne() throws {
        let user = try LookingStage()
        try user.require("mkdir -p src eve; echo content > src/file")
        try user.backup()
        let run = try user.shell(
            """
            try() { "$@" > out 2> err && s=0 || s=$?; echo "$s $(grep -h '^error' err || true)"; }
            HOME=$PWD/eve vault init other --passphrase-file passphrase -q
            HOME=$PWD/eve vault backup src -r other -q; HOME=$PWD/eve vault copy -r other --to copy -q
            id=$(HOME=$PWD/eve vault log pin -r other --json | jq -r .repository)
            mine=$(vault log pin --json | jq -r .repository); kit=$(ls home/.config/vault/*/recovery-kit.txt)
            mv repo kept
            for what in other copy; do
                cp -a $what repo
                try vault snapshots; grep -c "$mine.*$id" err; grep -c "next: .*vault log pin -r .*repo --accept $id" err
                # Refused again, not believed because it was seen once.
                try vault backup src -q; try vault status; try vault verify
                vault ls latest --identity $kit > out 2> err && echo opened || echo other
                rm -r repo
            done
            cp -a kept repo; try vault snapshots; rm -r repo; cp -a other repo
            try vault log pin --accept $mine; try vault log pin --accept 12
            try vault log pin --accept $(echo $id | cut -c1-12); grep -c 'for the first time' err
            try vault snapshots; try vault backup src -q
            # What is known is known wherever it stands; what an identity vouches for needs no word.
            rm -r repo; cp -a kept repo; try vault snapshots
            rm -r repo; HOME=$PWD/eve vault init third --passphrase-file passphrase -q; cp -a third repo
            try vault snapshots --identity $(ls -t eve/.config/vault/*/machine.identity | head -1)
            """)
        let another = "14 error: Another repository stands at "
        let refused = [another, "1", "1", another, another, another, "other"]
        try run.expectLines(
            refused + refused + ["0 ", "2 error: The repository at", "2 error: ", "0 ", "1", "0 ", "12 error: "]
                + ["0 ", "0 "])
    }

    @Test func aFullDisk() throws {
        let outcome = try run(
            """
            umount usb; mount -o loop small.img usb
            vault copy --to usb --name small; echo full $?
            vault verify --read-data -r usb -q; echo older $?
            umount usb; truncate -s 96M small.img; e2fsck -fp small.img > /dev/null; resize2fs small.img > /dev/null 2>&1
            mount -o loop small.img usb; vault copy --to usb -q; echo $?
            diff -r -x copy.json -x .reserve.tmp -x lost+found repo usb; find usb -name '*.tmp'; vault verify --read-data -r usb -q; echo $?
            """)
        guard let outcome else { return }
        #expect(outcome.output.hasSuffix("0\n0\n"), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.hasPrefix("full 1\n"), "\(outcome.output)")
        #expect(outcome.errors.contains("its disk is full"), "\(outcome.errors)")
    }
}
