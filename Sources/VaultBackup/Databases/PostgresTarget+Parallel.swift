/// How several processes load a dump of PostgreSQL at once.
public struct ParallelLoading: Sendable {
    /// Processes; nil for as many as there are processors, at most four, where the dump is large enough.
    public var jobs: Int?
    /// The directory where the dump lies meanwhile, in a file without a name.
    public var scratch: [UInt8]
    /// Bytes of a dump that is large enough.
    var byteCountMin = 256 << 20

    private static let jobsMax = 4

    /// With the usual number of processes.
    public init(scratch: [UInt8]) { self.scratch = scratch }

    /// How many processes load a dump into a database that is not there yet.
    /// - Throws: ``VaultError`` when several were asked for, and there is no room for the dump.
    func jobs(byteCount: Int) throws -> Int {
        guard let jobs, jobs > 1 else {
            let isWorthIt = jobs == nil && byteCount >= byteCountMin && hasRoom(byteCount) == true
            return isWorthIt ? min(Self.jobsMax, Host.processorCount) : 1
        }
        guard hasRoom(byteCount) != false else {
            throw VaultError(
                .failed, "There is no room for a dump of \(byteCount >> 20) MiB in \(PathText.readable(scratch))",
                nextStep: "Name another directory with --scratch, or leave out --jobs")
        }
        return jobs
    }

    /// One, where several cannot load: a database that was there before is not ours to take away after a failure, and
    /// only one can load it whole or not at all; and other engines have one client.
    /// - Throws: ``VaultError`` `.usage` when several were asked for.
    func one(for shown: String, _ reason: String, nextStep: String) throws -> Int {
        guard let jobs, jobs > 1 else { return 1 }
        throw VaultError(
            .usage, "Several processes cannot load into \(shown), \(reason)", nextStep: nextStep)
    }

    /// Nil when nobody can tell.
    private func hasRoom(_ byteCount: Int) -> Bool? {
        guard let place = try? OpenFile.openDirectory(scratch, followingLinks: true),
            let free = try? FileSystemSpace.available(place), let total = try? FileSystemSpace.total(place)
        else { return nil }
        return free >= byteCount && free - byteCount >= DiskWatch.Bounds(byteCount: 0, total: total).freeMin
    }
}

extension PostgresTarget {
    /// Loads the dump by several processes, each with a connection of its own. They need a file, which has no name, and
    /// is gone whatever happens to us. There is no transaction around all of them: so after a failure the database, which
    /// was made for this, is taken away again.
    func load(_ capture: DatabaseCapture, jobs: Int, in scratch: [UInt8], _ bytes: DumpBytes) throws {
        do {
            var tool = loader(["--jobs=\(jobs)"])
            tool.inputFile = try file(in: scratch, bytes)
            // A name that each of them can open anew.
            tool.arguments.append(Array("/dev/stdin".utf8))
            let restore = try tool.start()
            try DatabaseLoading.explain(shown) { try restore.finish(cancellation) }
        } catch {
            try remove(after: error)
            throw error
        }
    }

    private func file(in scratch: [UInt8], _ bytes: DumpBytes) throws -> OpenFile {
        do {
            let file = try OpenFile.openUnnamed(in: OpenFile.openDirectory(scratch, followingLinks: true))
            try bytes { try file.write($0) }
            return file
        } catch let error as SystemError {
            throw VaultError(
                .failed, "The dump cannot be written to \(PathText.readable(scratch))",
                nextStep: "Name another directory with --scratch, or add --jobs 1", cause: error)
        }
    }

    private func remove(after error: any Error) throws {
        let statement = Array("DROP DATABASE ".utf8) + PostgresText.identifier(name)
        // A server process may go on for a while after its client was ended. Releases before 13 cannot be told to end
        // it.
        for force in [" WITH (FORCE);", ";"] {
            let session = try? session(PostgresEngine.maintenanceDatabase)
            if (try? session?.rows(statement + Array(force.utf8), Cancellation())) != nil { return }
        }
        throw VaultError(
            .failed, "\(shown) is loaded in part, and cannot be taken away again",
            nextStep: "Remove it with 'dropdb', and run the restore again", cause: error)
    }
}
