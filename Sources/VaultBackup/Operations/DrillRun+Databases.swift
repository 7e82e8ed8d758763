/// Proves the databases of a drill: loads each restored dump into a server made for it, and compares.
///
/// 1. What is loaded is the file that was restored, not what the repository has.
/// 2. A snapshot with dumps expects something of this check, whatever becomes of them: it is never skipped.
/// 3. What cannot be compared is told to the reader with its name, and to everybody as a count.
final class DrillDatabases {
    private let drill: DrillRun
    private let captures: [DatabaseCapture]
    private let byteCount: Int

    /// - Parameter captures: what was noted at the backup; roles of servers among them.
    init(_ drill: DrillRun, _ captures: [DatabaseCapture], byteCount: Int) {
        self.drill = drill
        self.captures = captures
        self.byteCount = byteCount
        guard !captures.isEmpty else { return }
        let expected = databases.reduce(0) { $0 + ($1.schema == nil ? 1 : $1.tables.count) }
        tally.expect(.databases, max(1, expected))
    }

    private var tally: DrillTally { drill.tally }

    /// Those that are databases, not roles of a server.
    private var databases: [DatabaseCapture] { captures.filter { !$0.name.isEmpty } }

    /// Notes that nothing is compared, since what was to be loaded is not there.
    func leaveOut() { leave(databases, .databaseUnavailable, "nothing was restored to be loaded") }

    /// Compares all of them, engine by engine.
    func run() throws {
        guard !captures.isEmpty else { return }
        guard drill.request.databases else { return leave(databases, .databaseUnasked, "that was not asked for") }
        if databases.allSatisfy({ $0.tables.isEmpty && $0.schema != nil }) {
            tally.skip(.databaseEmpty)
            tally.note("The databases have no table, so nothing can be compared in them")
        }
        let source = try restored()
        for engine in DatabaseCapture.Engine.allCases {
            let wanted = databases.filter { $0.engine == engine }
            if let first = wanted.first { try compare(wanted, source, first) }
        }
    }

    private func compare(_ wanted: [DatabaseCapture], _ source: DumpSource, _ first: DatabaseCapture) throws {
        var left = wanted
        var request = ScratchRequest(scratch: drill.request.scratch)
        request.bytesMax = drill.request.scratchBytesMax
        let started = drill.clock.monotonicNanoseconds()
        do {
            try DatabaseScratch.withServer(
                for: first, source, request, drill.events, drill.cancellation
            ) { server, place in
                drill.times[.databaseStart, default: 0] += drill.clock.monotonicNanoseconds() - started
                if !place.confinement.isWhole {
                    tally.note("Network and processes could not be cut off (unshare) while dumps were loaded")
                }
                drill.saw(IsolationProbe.look(place.confinement, drill.cancellation))
                for capture in wanted {
                    try drill.cancellation.check()
                    let checked = try DatabaseScratch.check(capture, server, place, source)
                    left.removeFirst()
                    drill.times[.databaseLoad, default: 0] += checked.nanoseconds - checked.compareNanoseconds
                    drill.times[.databaseCompare, default: 0] += checked.compareNanoseconds
                    judge(checked)
                }
                for note in server.notes { tally.note(note) }
            }
        } catch let error as VaultError where error.code != .interrupted {
            let cause = (error.cause as? VaultError).map { " (\($0.message))" } ?? ""
            if error.code == .drillFailed || error.code == .damaged {
                tally.fail(.databases, first.file, error.message + cause)
            } else {
                leave(left, .databaseUnavailable, error.message + cause)
            }
        }
    }

    private func judge(_ checked: CheckedDatabase) {
        let (capture, comparison) = (checked.capture, checked.comparison)
        switch comparison.verdict {
        case .proven: tally.compared(.databases, comparison.tables)
        case .failed:
            tally.compared(.databases, comparison.tables)
            for difference in comparison.differences { tally.fail(.databases, capture.file, difference) }
            let unlisted = comparison.differenceCount - comparison.differences.count
            if unlisted > 0 { tally.fail(.databases, capture.file, "\(unlisted) more differences") }
        case .notProven where checked.wasEnded:
            leave([capture], .databaseUnavailable, comparison.differences.first ?? "")
        case .notProven where capture.schema == nil:
            leave([capture], .databaseUncaptured, "nothing was noted of it when it was saved (--no-capture)")
        case .notProven:
            let what = comparison.differences.first.map { ": \($0)" } ?? ""
            leave([capture], .databaseChanged, "something changed while it was saved\(what)")
        }
    }

    private func leave(_ captures: [DatabaseCapture], _ reason: DrillSkip, _ why: String) {
        for capture in captures {
            tally.skip(reason)
            let name = DatabaseName(capture.engine, capture.name).readable
            tally.note("\(name) is not proven: \(why)")
        }
    }

    /// The dumps as they are on the disk after the restore.
    private func restored() throws -> DumpSource {
        let root: OpenFile
        do { root = try OpenFile.openDirectory(drill.scratch.tree) } catch {
            throw VaultError(.failed, "The restored directory cannot be opened", cause: error)
        }
        return DumpSource(
            captures: captures, byteCount: byteCount, random: drill.access.repository.random, clock: drill.clock
        ) { capture, cancellation, body in
            do {
                let file = try OpenFile.openForReading(at: root, capture.file)
                let buffer = RawBuffer(capacity: 256 << 10)
                while true {
                    try cancellation.check()
                    let whole = UnsafeMutableRawBufferPointer(start: buffer.base, count: buffer.capacity)
                    let count = try file.read(into: whole)
                    if count == 0 { break }
                    try body(UnsafeRawBufferPointer(rebasing: whole[..<count]))
                }
            } catch let error as SystemError {
                throw VaultError(
                    .damaged, "The restored dump \(PathText.readable(capture.file)) cannot be read: \(error.reason)")
            }
        }
    }
}

extension DrillRun {
    /// Takes what a probe saw into the evidence. What was not seen every time is not claimed.
    func saw(_ seen: Set<DrillIsolation>) {
        programs = programs.map { $0.intersection(seen) } ?? seen
    }
}
