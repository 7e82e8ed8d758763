extension BackupWorker {
    /// Reads entries of a directory that are not as the scan cache has them.
    func read(_ job: DirectoryJob, _ window: DirectoryWindow, _ indices: [Int]) throws {
        var results: [(Int, DirectoryWindow.Result)] = []
        results.reserveCapacity(indices.count)
        for index in indices {
            try context.cancellation.check()
            let result = try read(job, window, index)
            if case .fresh(let fresh) = result {
                note(fresh, context.cache.keys.path(job.pathHash, window.nameHashes[index]))
                context.secondReading?.offer(job, window, index, fresh: fresh)
            }
            results.append((index, result))
        }
        window.set(results)
        try finishOne(job, window)
    }

    /// Tells the journal what was read, so that an interrupted run need not read it again.
    private func note(_ fresh: FreshEntry, _ key: UInt64) {
        guard let journal = context.journal, isStable(fresh), fresh.entry.kind == .file else { return }
        var fields = ByteWriter(capacity: 96)
        fresh.entry.encodeFields(into: &fields, contentOnly: true)
        journal.add(key, ScanCache.Identity(fresh.status), fields: fields.bytes, ids: fresh.ids)
    }

    /// What an interrupted run has read of the entry, or a restore has written, if that still holds.
    private func journaled(
        _ job: DirectoryJob, _ window: DirectoryWindow, _ index: Int, _ status: FileStatus
    ) -> FreshEntry? {
        guard status.kind == .file else { return nil }
        let journal = context.journal.flatMap { $0.count > 0 ? $0 : nil }
        let restored = context.restored.flatMap { $0.isEmpty ? nil : $0 }
        if journal == nil, restored == nil { return nil }
        let key = context.cache.keys.path(job.pathHash, window.nameHashes[index])
        let identity = ScanCache.Identity(status)
        guard let known = journal?.find(key, identity) ?? restored?.find(key, identity),
            known.ids.withUnsafeBytes({ areKnown($0) })
        else { return nil }
        var fresh = FreshEntry(name: window.name(index), status: status, names: context.userNames)
        var reader = ByteReader(known.fields, "scan journal entry")
        guard (try? fresh.entry.decodeFields(from: &reader)) != nil else { return nil }
        fresh.ids = known.ids
        fresh.entry.size = Int(status.size)
        return fresh
    }

    private func read(
        _ job: DirectoryJob, _ window: DirectoryWindow, _ index: Int
    ) throws -> DirectoryWindow.Result {
        guard let status = window.entries[index].status else { return .dropped }
        let name = window.name(index)
        let key = status.linkCount > 1 ? HardLinks.Key(device: status.device, inode: status.inode) : nil
        if let key, var known = context.hardLinks.content(key) {
            known.entry.name = name
            context.counters.add(entries: 1, bytes: known.entry.contentBytes)
            return .fresh(known)
        }
        if let known = journaled(job, window, index, status) {
            context.counters.add(entries: 1, bytes: known.entry.contentBytes)
            return .fresh(known)
        }
        let fresh: FreshEntry?
        do {
            let directory = try job.open()
            fresh =
                status.kind == .file
                ? try readFile(job, directory, name, status) : try readSpecial(directory, name, status)
        } catch let error as SystemError {
            return failed(job, name, status, error)
        }
        guard let fresh else { return .dropped }
        if let key { context.hardLinks.keep(fresh, for: key) }
        context.counters.add(entries: 1, bytes: fresh.entry.contentBytes)
        return .fresh(fresh)
    }

    /// What cannot be read is recorded as such; what is gone is left out.
    private func failed(
        _ job: DirectoryJob, _ name: [UInt8], _ status: FileStatus, _ error: SystemError
    ) -> DirectoryWindow.Result {
        if error.isNotFound {
            context.problems.add(job.path(of: name), "vanished while it was backed up")
            return .dropped
        }
        context.problems.add(job.path(of: name), "cannot be read: \(error.reason)")
        var fresh = FreshEntry(name: name, status: status, names: context.userNames)
        fresh.entry.incomplete = .unreadable
        fresh.entry.device = nil
        fresh.isCacheable = false
        context.counters.add(entries: 1, bytes: 0)
        return .fresh(fresh)
    }

    private func readSpecial(_ directory: OpenFile, _ name: [UInt8], _ status: FileStatus) throws -> FreshEntry {
        var fresh = FreshEntry(name: name, status: status, names: context.userNames)
        if status.kind == .symbolicLink {
            let target = try DirectoryEntries.linkTarget(at: directory, name)
            fresh.entry.linkTarget = target
            fresh.entry.size = target.count
        }
        try add(try ExtendedAttributes.read(at: directory, name), to: &fresh)
        return fresh
    }

    private func readFile(
        _ job: DirectoryJob, _ directory: OpenFile, _ name: [UInt8], _ listed: FileStatus, isRepeated: Bool = false
    ) throws -> FreshEntry? {
        context.counters.note(size: listed.size) { job.path(of: name) }
        let file = try OpenFile.openForReading(at: directory, name)
        let before = try file.status()
        guard before.kind == .file else {
            context.problems.add(job.path(of: name), "turned into something else while it was backed up")
            return nil
        }
        var fresh = FreshEntry(name: name, status: before, names: context.userNames)
        try readContent(file, before, &fresh)
        try add(try ExtendedAttributes.read(file), to: &fresh)
        let flags = try FileFlags.read(file)
        if flags != 0 { fresh.entry.flags = flags }
        let after = try file.status()
        if after.modified != before.modified || after.changed != before.changed || fresh.entry.size != before.size {
            let isContentTheSame =
                after.modified == before.modified && after.size == before.size && fresh.entry.size == before.size
            if isContentTheSame, !isRepeated {
                // A new link or mode is no change of content; yet so looks a changed content whose time was put back.
                return try readFile(job, directory, name, listed, isRepeated: true)
            }
            context.problems.add(job.path(of: name), "changed while it was read")
            fresh.entry.incomplete = .changedWhileRead
            fresh.isCacheable = false
        }
        return fresh
    }

    /// Adds extended attributes; long values become chunks of their own.
    func add(_ attributes: [ExtendedAttributes.Attribute], to fresh: inout FreshEntry) throws {
        for attribute in attributes {
            if attribute.value.count <= Self.inlineAttributeBytesMax {
                fresh.entry.attributes.append(ExtendedAttribute(name: attribute.name, value: .inline(attribute.value)))
            } else {
                let id = try attribute.value.withUnsafeBytes { try addData($0) }.id
                fresh.need(id)
                fresh.entry.attributes.append(
                    ExtendedAttribute(name: attribute.name, value: .chunk(id: id, length: attribute.value.count)))
            }
        }
        fresh.entry.attributes.sort { $0.name.lexicographicallyPrecedes($1.name) }
    }

    private static var inlineAttributeBytesMax: Int { 1024 }
    /// A file of one block has no hole worth a system call.
    private static var holeBytesMin: UInt64 { 4096 }

    // MARK: Content

    private func readContent(_ file: OpenFile, _ status: FileStatus, _ fresh: inout FreshEntry) throws {
        var content = ContentReader(self, fileBytes: Int(status.size))
        defer { content.close() }
        // The space in use says nothing: attributes take some as well, and a file system that compresses needs less.
        if status.size > Self.holeBytesMin, try file.nextHole(from: 0) ?? 0 < Int(status.size) {
            try readSparse(file, Int(status.size), &content)
        } else {
            // Not at the file's position: looking for a hole has moved it.
            _ = try content.read(limit: nil) { buffer, done in try file.read(at: done, into: buffer) }
        }
        try content.finish(&fresh)
    }

    private func readSparse(_ file: OpenFile, _ size: Int, _ content: inout ContentReader) throws {
        var offset = 0
        // Where the hole before `offset` begins. Data that became a hole meanwhile joins it: there are no two holes in
        // a row.
        var holeStart = 0
        while offset < size {
            guard let data = try file.nextData(from: offset), data < size else {
                try content.hole(size - holeStart)
                return
            }
            offset = min(try file.nextHole(from: data) ?? size, size)
            guard offset > data else { continue }
            if data > holeStart { try content.hole(data - holeStart) }
            let isWhole = try content.read(limit: offset - data) { buffer, done in
                try file.read(at: data + done, into: buffer)
            }
            holeStart = offset
            // The file became shorter.
            if !isWhole { return }
        }
    }

    /// Takes in a stream as an entry of the top directory.
    func take(_ source: StreamSource, into job: DirectoryJob, _ window: DirectoryWindow, _ index: Int) throws {
        guard let status = window.entries[index].status else { return }
        var fresh = FreshEntry(name: source.name, status: status, names: context.userNames)
        fresh.isCacheable = false
        var content = ContentReader(self, fileBytes: nil)
        defer { content.close() }
        _ = try content.read(limit: nil) { buffer, _ in try source.read(buffer, context.cancellation) }
        try content.finish(&fresh)
        context.counters.add(entries: 1, bytes: fresh.entry.contentBytes)
        window.set([(index, .fresh(fresh))])
        try finishOne(job, window)
    }
}

extension SystemError {
    /// Whether the thing is not there.
    var isNotFound: Bool { errno == 2 || errno == 20 }
    /// Whether this user may not do it.
    var isPermission: Bool { errno == 13 || errno == 1 }
    /// The system's words for the error.
    var reason: String { Self.reason(errno) }
}
