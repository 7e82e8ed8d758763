/// What is mounted where in this process's view, and what is meant to be.
struct MountTable: Sendable {
    /// A file system, or a part of one, and the directory where it appears.
    struct Mount: Sendable, Equatable {
        /// Absolute path.
        var point: [UInt8]
        /// Type, as the kernel names it, such as `ext4`.
        var type: String
    }

    /// A line of `/etc/fstab`.
    struct Planned: Sendable, Equatable {
        /// Absolute path, without a `/` at its end.
        var point: [UInt8]
        /// Whether it is only mounted on request.
        var isOnRequest: Bool
    }

    /// By path; of several on one path the last, which is the one that is seen.
    let mounts: [[UInt8]: Mount]
    /// Mount points that `/etc/fstab` names.
    let planned: [Planned]

    private static let byteCountMax = 64 << 20

    /// Types of file systems whose content is made up by the kernel: nothing of it is stored, and some of it never
    /// ends.
    static let virtualTypes: Set<String> = [
        "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs",
        "fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "rpc_pipefs", "securityfs", "selinuxfs", "sysfs",
        "tracefs",
    ]

    /// The tables of this machine; one that cannot be read counts as empty.
    static func read() -> MountTable {
        func content(_ path: String) -> [UInt8] {
            ((try? AtomicFile.read(Array(path.utf8), byteCountMax: byteCountMax)) ?? nil) ?? []
        }
        return MountTable(mountinfo: content("/proc/self/mountinfo"), fstab: content("/etc/fstab"))
    }

    /// Takes apart the content of `/proc/self/mountinfo` and `/etc/fstab`; lines that are not understood are left out.
    init(mountinfo: [UInt8], fstab: [UInt8]) {
        var mounts: [[UInt8]: Mount] = [:]
        var seen: [[UInt8]: View] = [:]
        for line in mountinfo.split(separator: 0x0a) {
            // Number, parent, device, root, mount point, options, any number of tags, "-", type, source, options.
            let fields = line.split(separator: 0x20)
            guard fields.count > 6, let dash = fields[6...].firstIndex(where: { $0.elementsEqual([0x2d]) }),
                dash + 1 < fields.count
            else { continue }
            let view = View(
                device: Array(fields[2]), root: Self.unescaped(fields[3]), point: Self.unescaped(fields[4]))
            seen[Array(fields[0])] = view
            if let parent = seen[Array(fields[1])], view.shows(thatOf: parent) { continue }
            mounts[view.point] = Mount(point: view.point, type: String(decoding: fields[dash + 1], as: UTF8.self))
        }
        self.mounts = mounts
        planned = fstab.split(separator: 0x0a).compactMap { line in
            let fields = line.split { $0 == 0x20 || $0 == 0x09 }
            guard fields.count >= 3, fields[0].first != UInt8(ascii: "#"), fields[1].first == 0x2f else { return nil }
            var point = Self.unescaped(fields[1])
            while point.count > 1, point.last == 0x2f { point.removeLast() }
            let options = fields.count > 3 ? fields[3].split(separator: UInt8(ascii: ",")) : []
            return Planned(point: point, isOnRequest: options.contains { $0.elementsEqual(Array("noauto".utf8)) })
        }
    }

    /// A part of a file system and where it appears.
    private struct View {
        var device: [UInt8]
        /// The directory of the file system that appears.
        var root: [UInt8]
        var point: [UInt8]

        /// Whether it shows just what would be there without it. Services of systemd see such mounts on what they may
        /// write; were they taken for file systems, the same path would be on one for the service only.
        func shows(thatOf parent: View) -> Bool {
            guard device == parent.device, MountTable.isAtOrBelow(point, parent.point) else { return false }
            var below = point.dropFirst(parent.point == [0x2f] ? 0 : parent.point.count)
            if below == [0x2f] { below = [] }
            let expected = parent.root == [0x2f] ? Array(below) : parent.root + below
            return root == (expected.isEmpty ? [0x2f] : expected)
        }
    }

    /// Blank, tab, line feed and `\` stand as three octal digits.
    private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) })
            else {
                result.append(byte)
                continue
            }
            result.append(UInt8(truncatingIfNeeded: digits.reduce(0) { $0 << 3 | Int($1 & 7) }))
            rest.removeFirst(3)
        }
        return result
    }

    /// Whether something is mounted at exactly this path.
    func isMounted(_ point: [UInt8]) -> Bool { mounts[point] != nil }

    /// The mount point that a path, absolute and without links, lies on.
    func point(of path: [UInt8]) -> [UInt8] {
        var path = path
        while path.count > 1, mounts[path] == nil { path = PathBytes.split(path).parent }
        return path
    }

    /// The mount point at or above the path that `/etc/fstab` names and where nothing is mounted; nil when there is
    /// none.
    func missing(above path: [UInt8]) -> [UInt8]? {
        planned.filter { Self.isAtOrBelow(path, $0.point) && !isMounted($0.point) }.map(\.point).max {
            $0.count < $1.count
        }
    }

    /// Whether a path is another or lies below it.
    static func isAtOrBelow(_ path: [UInt8], _ other: [UInt8]) -> Bool {
        if other == [0x2f] { return true }
        return path.starts(with: other) && (path.count == other.count || path[other.count] == 0x2f)
    }

    /// Whether there is a directory with nothing in it.
    static func isEmptyDirectory(_ path: [UInt8]) -> Bool {
        guard let directory = try? OpenFile.openDirectory(path), let listing = try? DirectoryListing.read(directory)
        else { return false }
        return listing.entries.isEmpty
    }
}
