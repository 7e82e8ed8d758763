/// What only this machine can say about a policy.
struct PolicyChecks {
    private let remembered: [UInt8]?
    private let profiles: [String]
    private let table = MountTable.read()

    /// - Parameter folder: where policies, and profiles of the user's own, are.
    /// - Parameter remembered: the repository that is meant where a policy names none.
    init(_ folder: [UInt8], remembered: [UInt8]?) {
        self.remembered = remembered
        profiles = RequirementProfiles.names(folder)
    }

    /// Notes what is wrong.
    func run(_ draft: PolicyDecoder.Draft) {
        checkDatabases(draft)
        checkStores(draft)
        checkPrograms(draft)
        checkOptionFile(draft)
        checkProfile(draft)
    }

    private func checkDatabases(_ draft: PolicyDecoder.Draft) {
        for (index, name) in draft.policy.sources.databases.enumerated() {
            do { _ = try DatabaseName(Array(name.utf8)) } catch {
                let failure = error as? VaultError
                draft.note(
                    .error, "sources.databases[\(index)]", failure?.message ?? "This names no database",
                    failure?.nextStep ?? "")
            }
        }
    }

    // MARK: Stores

    /// Types of file systems that are on another machine.
    private static let networkTypes: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "9p", "afs", "ceph", "coda", "davfs", "glusterfs", "lustre",
        "beegfs", "orangefs", "pvfs2", "gfs2", "ocfs2", "virtiofs",
    ]
    /// Types in user space that are on this machine; any other may lead anywhere.
    private static let localUserTypes: Set<String> = [
        "fuseblk", "fuse.ntfs-3g", "fuse.exfat", "fuse.mergerfs", "fuse.gocryptfs",
    ]

    /// State secrets: no store that a network reaches.
    private func checkStores(_ draft: PolicyDecoder.Draft) {
        guard draft.policy.classification == .restricted else { return }
        var stores = draft.policy.copies.enumerated().map { ("copies[\($0)]", $1.path) }
        if let repository = draft.policy.repository {
            stores.append(("repository", repository))
        } else if let remembered {
            stores.append(("classification", remembered))
        }
        for (key, path) in stores {
            let point = table.point(of: RepositoryPlace.absolute(path))
            guard let type = table.mounts[point]?.type, Self.isNetwork(type) else { continue }
            draft.note(
                .error, key,
                "\(PathText.readable(path)) is on the network file system at \(PathText.readable(point)) (\(type)), and "
                    + "the system is classified 'restricted'", "Keep its backups on disks of this machine")
        }
    }

    static func isNetwork(_ type: String) -> Bool {
        networkTypes.contains(type) || type.hasPrefix("fuse") && !localUserTypes.contains(type)
    }

    // MARK: Programs

    /// Programs that the policy has run are there, and nobody else can have written them.
    private func checkPrograms(_ draft: PolicyDecoder.Draft) {
        let policy = draft.policy
        var programs: [(key: String, path: [UInt8])] = []
        if let program = policy.drill?.script.first { programs.append(("drill.script", program)) }
        if let program = policy.notification.command.first { programs.append(("notification.command", program)) }
        for (index, command) in policy.hooks.before.enumerated() {
            if let program = command.first { programs.append(("hooks.before[\(index)]", program)) }
        }
        for (index, command) in policy.hooks.after.enumerated() {
            if let program = command.first { programs.append(("hooks.after[\(index)]", program)) }
        }
        for (key, path) in programs {
            guard let status = try? FileStatus.read(path, followingLinks: true) else {
                draft.note(
                    .warning, key, "There is no program \(PathText.readable(path)) on this machine",
                    "Install it, or check the path")
                continue
            }
            if status.kind != .file || status.mode & 0o111 == 0 {
                draft.note(
                    .error, key, "\(PathText.readable(path)) cannot be run", "Check the path, or run 'chmod +x' on it")
            }
            if let doubt = FileTrust.doubtOrFailure(path) {
                draft.note(
                    .error, key, "Others can change the program: \(doubt)",
                    "Let it belong to root or to you, and run 'chmod go-w' on what was named")
            }
        }
    }

    /// An option file can name a library, which MariaDB's programs then load in the name of this user.
    private func checkOptionFile(_ draft: PolicyDecoder.Draft) {
        guard let path = draft.policy.sources.defaultsFile else { return }
        guard (try? FileStatus.read(path, followingLinks: true)) != nil else {
            return draft.note(
                .warning, "sources.defaults-file", "There is no file \(PathText.readable(path)) on this machine",
                "Make it, or check the path")
        }
        if let doubt = FileTrust.doubtOrFailure(path) {
            draft.note(
                .error, "sources.defaults-file", "Others can change the option file: \(doubt)",
                "Let it belong to root or to you, and run 'chmod go-w' on what was named")
        }
    }

    private func checkProfile(_ draft: PolicyDecoder.Draft) {
        guard let name = draft.policy.profile, !profiles.contains(name) else { return }
        let near = NearWord.find(name, profiles).map { "Did you mean '\($0)'? " } ?? ""
        draft.note(
            .error, "profile", "There is no requirement profile '\(name.shownInPolicy)'",
            near + "There are: \(profiles.joined(separator: ", "))")
    }
}
