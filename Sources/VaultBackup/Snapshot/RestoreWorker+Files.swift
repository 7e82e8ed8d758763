internal import Synchronization

/// How files get to their names. A new file is made under its name. One that replaces another is made without a name
/// and takes the other's place when it is complete, so that a restore that is interrupted, or meets damage, leaves the
/// other as it was. A file with another name elsewhere is never written to.
extension RestoreWorker {
    /// Makes or opens a file. One that is made has no attribute that it took from its directory, and flags that need to
    /// be there before the content.
    func create(_ file: RestoreFile, _ placement: RestorePlacement) throws -> RestoreFile.Open {
        let open = try open(file, placement)
        if case .patch = placement { return open }
        if file.directory.givesACL { try ExtendedAttributes.removeACLs(open.file) }
        if placement == .create { learn(file.directory, open.file) }
        if let flags = file.entry.flags { FileFlags.setEarly(flags, of: open.file) }
        return open
    }

    /// Looks at the first file that is made in a directory of this restore: the others get the same owner, and if it has
    /// no attributes or flags by itself, neither have they.
    private func learn(_ directory: RestoreTarget.Directory, _ file: OpenFile) {
        guard !directory.wasThere, !directory.givesACL, directory.newFile.withLock({ $0 == nil }),
            let status = try? file.status()
        else { return }
        let flags = try? FileFlags.read(file)
        let attributes = try? ExtendedAttributes.read(file)
        directory.newFile.withLock {
            $0 = RestoreTarget.NewFile(
                owner: status.owner, group: status.group, isPlain: flags == 0 && attributes?.isEmpty == true)
        }
    }

    private func open(_ file: RestoreFile, _ placement: RestorePlacement) throws -> RestoreFile.Open {
        let directory = try directories.open(file.directory)
        switch placement {
        case .create:
            return RestoreFile.Open(
                file: try OpenFile.open(
                    at: directory, file.entry.name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600))
        case .replace:
            return try Self.unnamed(in: directory) ?? Self.temporary(in: directory)
        case .patch(let device, let inode):
            let open = try OpenFile.open(at: directory, file.entry.name, [.writeOnly, .noFollow, .nonBlocking])
            let status = try open.status()
            guard status.kind == .file, status.linkCount == 1, (status.device, status.inode) == (device, inode) else {
                throw SystemError.notThere(file.entry.name)
            }
            return RestoreFile.Open(file: open)
        }
    }

    /// A file without a name; nil where the file system knows none.
    private static func unnamed(in directory: OpenFile) throws(SystemError) -> RestoreFile.Open? {
        do {
            return RestoreFile.Open(
                file: try OpenFile.open(at: directory, PathBytes.here, [.writeOnly, .unnamed], mode: 0o600))
        } catch  where error.isWithoutUnnamedFiles { return nil }
    }

    private static func temporary(in directory: OpenFile) throws(SystemError) -> RestoreFile.Open {
        try TemporaryName.first { name throws(SystemError) in
            let open = try OpenFile.open(
                at: directory, name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
            return RestoreFile.Open(file: open, temporaryName: name)
        }
    }

    /// Makes a file of which no piece is written: it is empty, one hole, or has only a wrong length.
    func makeEmpty(_ file: RestoreFile) throws {
        do {
            try finish(file, try create(file, file.placement), nil)
        } catch let error as SystemError {
            try error.throwIfFatal(run.target)
            run.problems.add(file.path, "cannot be made: \(error.reason)")
            run.noteUnrestored(file.entry, .entirely)
        }
    }

    /// Completes a file whose pieces have all come or are lost.
    func finish(_ file: RestoreFile, _ open: RestoreFile.Open?, _ damage: String?) throws {
        if let damage { run.problems.add(file.path, damage) }
        if file.entry.incomplete == .changedWhileRead { run.problems.note(file.path, "changed while it was backed up") }
        var isPatch = false
        if case .patch = file.placement { isPatch = true }
        // What is right already in a file that is patched was counted when it was looked at.
        defer { run.progress.add(entries: 1, bytes: isPatch ? 0 : file.holeBytes) }
        if damage != nil {
            run.noteUnrestored(file.entry, open == nil || file.placement == .replace ? .entirely : .inPart)
        }
        guard let open else { return }
        do {
            switch file.placement {
            case .create:
                if file.needsLength { try open.file.truncate(to: file.entry.size) }
                run.metadata.apply(
                    file.entry, to: open.file, path: file.path, isComplete: damage == nil, flags: !file.isLinked,
                    made: file.directory.newFile.withLock { $0 }
                ) { try self.tree.data($0) }
            case .replace: try replace(file, open, isDamaged: damage != nil)
            case .patch:
                try open.file.truncate(to: file.entry.size)
                var deviation = run.metadata.deviation(file.entry, open.file, try open.file.status()) {
                    try self.tree.data($0)
                }
                if damage != nil { deviation.remove(.time) }
                run.metadata.correct(file.entry, deviation, of: open.file, path: file.path, flags: !file.isLinked) {
                    try self.tree.data($0)
                }
            }
            if damage == nil, !isPatch { try keep(file, open.file) }
            try open.file.close()
        } catch let error as SystemError {
            try error.throwIfFatal(run.target)
            run.problems.add(file.path, "cannot be written: \(error.reason)")
            run.noteUnrestored(file.entry, .entirely)
        }
    }

    /// Keeps a file that was restored exactly for the next backup. One that gets more names changes its status again.
    private func keep(_ file: RestoreFile, _ open: OpenFile) throws {
        guard let restored = run.restored, file.isKept, file.isExact,
            let content = restored.content(
                file.entry, open, ids: file.takeIDs(), isPlain: isPlain(file),
                value: { try self.run.metadata.value($0) { try self.tree.data($0) } })
        else { return }
        let pathHash = restored.pathHash(file.entry.name, in: file.directory)
        if file.entry.hardLinkGroup == nil {
            restored.keep(content, pathHash, try open.status())
        } else {
            run.linkedContents.withLock { $0[pathHash] = content }
        }
    }

    /// Whether a file has neither attributes nor flags: it got none, and has none by itself.
    private func isPlain(_ file: RestoreFile) -> Bool {
        guard file.placement == .create, file.entry.attributes.isEmpty, file.entry.flags == nil else { return false }
        return file.directory.newFile.withLock { $0?.isPlain ?? false }
    }

    private func replace(_ file: RestoreFile, _ open: RestoreFile.Open, isDamaged: Bool) throws {
        let directory = try directories.open(file.directory)
        if isDamaged {
            if let name = open.temporaryName { try DirectoryEntries.remove(at: directory, name) }
            return run.problems.note(file.path, "what was there is kept")
        }
        var name = open.temporaryName
        do {
            if file.needsLength { try open.file.truncate(to: file.entry.size) }
            run.metadata.apply(file.entry, to: open.file, path: file.path, flags: false) { try self.tree.data($0) }
            if name == nil {
                name = try TemporaryName.first { name throws(SystemError) in
                    try DirectoryEntries.name(open.file, at: directory, name)
                    return name
                }
            }
            try DirectoryEntries.rename(from: directory, name ?? [], to: directory, file.entry.name)
        } catch {
            if let name { try? DirectoryEntries.remove(at: directory, name) }
            throw error
        }
        if !file.isLinked { run.metadata.applyFlags(file.entry, to: open.file, path: file.path) }
    }

    /// Makes a link, device, fifo or socket.
    func make(_ special: RestoreSpecial) throws {
        let entry = special.entry
        do {
            let directory = try directories.open(special.directory)
            if special.decision == .create {
                try make(entry, as: entry.name, in: directory)
                try removeACL(special, entry.name, directory)
                run.metadata.apply(entry, at: directory, entry.name, path: special.directory.path(of: entry.name)) {
                    try self.tree.data($0)
                }
            } else {
                let name = try TemporaryName.first { name throws(SystemError) in
                    try make(entry, as: name, in: directory)
                    return name
                }
                try removeACL(special, name, directory)
                run.metadata.apply(entry, at: directory, name, path: special.directory.path(of: entry.name)) {
                    try self.tree.data($0)
                }
                do { try DirectoryEntries.rename(from: directory, name, to: directory, entry.name) } catch {
                    try? DirectoryEntries.remove(at: directory, name)
                    throw error
                }
            }
        } catch let error as SystemError {
            try error.throwIfFatal(run.target)
            run.problems.add(special.directory.path(of: entry.name), "cannot be made: \(error.reason)")
            run.noteUnrestored(entry, .entirely)
        }
        run.progress.add(entries: 1, bytes: 0)
    }

    private func removeACL(_ special: RestoreSpecial, _ name: [UInt8], _ directory: OpenFile) throws(SystemError) {
        guard special.directory.givesACL, special.entry.kind != .symbolicLink else { return }
        try ExtendedAttributes.remove(Array(AccessList.access.rawValue.utf8), at: directory, name)
    }

    private func make(_ entry: TreeEntry, as name: [UInt8], in directory: OpenFile) throws(SystemError) {
        if let target = entry.linkTarget {
            return try DirectoryEntries.makeSymbolicLink(to: target, at: directory, name)
        }
        guard let kind = FileStatus.Kind(rawValue: entry.kind.rawValue) else { return }
        try DirectoryEntries.makeSpecial(
            kind, major: entry.device?.major ?? 0, minor: entry.device?.minor ?? 0, at: directory, name, mode: 0o600)
    }
}

/// Names for what is about to take the place of something else. A killed restore may leave one; nothing else has such a
/// name.
enum TemporaryName {
    private static let attemptsMax = 100

    /// Calls `body` with new names until it does not fail because the name is taken.
    static func first<T>(_ body: ([UInt8]) throws(SystemError) -> T) throws(SystemError) -> T {
        var attempt = 0
        while true {
            let name = Array(".vault-restore-".utf8) + Array(Hex.encode(SystemRandom().bytes(8)).utf8)
            do { return try body(name) } catch  where error.isNameTaken && attempt < attemptsMax { attempt += 1 }
        }
    }
}
