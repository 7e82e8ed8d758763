import Testing

@testable import VaultBackup

@Suite struct MountTableTests {
    private let table = MountTable(
        mountinfo: Array(
            """
            24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
            25 24 0:5 / /proc rw - proc proc rw
            26 24 8:17 /sub /mnt/usb\\040disk rw master:2 shared:7 - xfs /dev/sdb1 rw
            27 24 8:33 / /srv rw - ext4 /dev/sdc1 rw
            28 27 8:34 / /srv rw - btrfs /dev/sdd1 rw
            a line that is none
            """.utf8),
        fstab: Array(
            """
            # comment
            UUID=1 / ext4 defaults 0 1
            LABEL=usb\t/mnt/usb\\040disk/  xfs  nofail,noauto 0 0
            /dev/sr0 /media/cdrom udf,iso9660 user,noauto 0 0
            /dev/sdx /data ext4
            /swap none swap sw 0 0
            """.utf8))

    private func text(_ path: [UInt8]?) -> String? { path.map { String(decoding: $0, as: UTF8.self) } }

    @Test func mountsAndTypes() {
        #expect(table.isMounted(Array("/mnt/usb disk".utf8)))
        #expect(table.mounts[Array("/srv".utf8)]?.type == "btrfs")
        #expect(table.mounts[Array("/proc".utf8)]?.type == "proc")
        #expect(text(table.point(of: Array("/mnt/usb disk/a/b".utf8))) == "/mnt/usb disk")
        #expect(text(table.point(of: Array("/mnt/usb".utf8))) == "/")
    }

    @Test func whatIsPlannedAndMissing() {
        #expect(table.planned.map { text($0.point) } == ["/", "/mnt/usb disk", "/media/cdrom", "/data"])
        #expect(table.planned.map(\.isOnRequest) == [false, true, true, false])
        #expect(text(table.missing(above: Array("/data/repo".utf8))) == "/data")
        #expect(text(table.missing(above: Array("/data".utf8))) == "/data")
        #expect(table.missing(above: Array("/database".utf8)) == nil)
        #expect(table.missing(above: Array("/mnt/usb disk/x".utf8)) == nil)
    }
}

/// Mounts of directories onto themselves, as services of systemd see what they may write.
@Suite struct SelfMountTests {
    private func points(_ lines: String) -> [String] {
        MountTable(mountinfo: Array(lines.utf8), fstab: []).mounts.keys.map { String(decoding: $0, as: UTF8.self) }
            .sorted()
    }

    @Test func whatShowsTheSameIsNoFileSystem() {
        #expect(
            points(
                """
                24 1 8:1 / / rw - ext4 /dev/sda1 rw
                30 24 8:1 / / ro - ext4 /dev/sda1 rw
                31 30 8:1 /root/.config/vault /root/.config/vault rw - ext4 /dev/sda1 rw
                32 30 8:17 / /mnt/usb rw - xfs /dev/sdb1 rw
                33 32 8:17 / /mnt/usb rw - xfs /dev/sdb1 rw
                34 33 8:17 /vault /mnt/usb/vault rw - xfs /dev/sdb1 rw
                """) == ["/", "/mnt/usb"])
        // Another place of the same file system is one, and so is a subvolume.
        #expect(
            points(
                """
                24 1 0:30 /@ / rw - btrfs /dev/sda1 rw
                25 24 0:30 /@home /home rw - btrfs /dev/sda1 rw
                26 24 0:30 /@/srv/data /data rw - btrfs /dev/sda1 rw
                27 24 0:30 /@/srv /srv rw - btrfs /dev/sda1 rw
                """) == ["/", "/data", "/home"])
    }
}
