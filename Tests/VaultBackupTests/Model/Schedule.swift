@testable import VaultBackup

/// Lets one of several processes, each on a thread of its own, make one store call at a time, in an order that a seed
/// decides.
final class Schedule: Sendable {
    private struct State {
        var random: SplitMix
        var alive: Set<Int>
        var waiting: Set<Int> = []
        var running: Int?
        var steps = 0
        /// Processes that are stopped, and the step from which they go on.
        var stopped: [Int: Int] = [:]
    }

    private let state: Monitor<State>
    private let stops: (@Sendable () -> Void)?

    /// A schedule of the processes 0 to `count` − 1.
    ///
    /// - Parameter stops: nil, or called each time that a process is stopped (as by SIGSTOP) for many steps of others.
    init(count: Int, seed: UInt64, stops: (@Sendable () -> Void)? = nil) {
        state = Monitor(State(random: SplitMix(seed: seed), alive: Set(0..<count)))
        self.stops = stops
    }

    /// Ends this process's turn and waits for the next one.
    func turn(_ process: Int) {
        state.withLock { state in
            if state.running == process { state.running = nil }
            state.waiting.insert(process)
            choose(&state)
        }
        state.signal()
        state.wait { state in state.running == process ? () : nil }
    }

    /// The process makes no further call.
    func finish(_ process: Int) {
        state.withLock { state in
            if state.running == process { state.running = nil }
            state.alive.remove(process)
            choose(&state)
        }
        state.signal()
    }

    // Only when all wait: which thread is fast must not matter.
    private func choose(_ state: inout State) {
        guard state.running == nil, state.waiting == state.alive, !state.alive.isEmpty else { return }
        state.steps += 1
        let steps = state.steps
        var all = state.waiting.filter { state.stopped[$0, default: 0] <= steps }.sorted()
        if let stops, all.count > 1, state.random.next() % 100 == 0 {
            let stopped = all.remove(at: Int(state.random.next() % UInt64(all.count)))
            state.stopped[stopped] = steps + 50 + Int(state.random.next() % 1_000)
            stops()
        }
        // Those that are left have all been stopped.
        if all.isEmpty { all = state.waiting.sorted() }
        let next = all[Int(state.random.next() % UInt64(all.count))]
        state.waiting.remove(next)
        state.running = next
    }
}

/// The store as one process sees it: each call waits for its turn; replies get lost, and the process dies.
final class ScheduledStore: ObjectStore {
    struct Died: Error {}

    private struct Fate {
        var random: SplitMix
        var callsLeft: Int
    }

    private let below: any ObjectStore
    private let schedule: Schedule
    private let process: Int
    private let lossesIn: UInt64
    private let fate: Monitor<Fate>
    // The threads of a process call one after another.
    private let calling = Monitor(())

    /// - Parameter callsLeft: after so many calls the process is dead: none reaches the store any more.
    /// - Parameter lossesIn: of so many replies to a write one is lost before its effect, and one after it.
    init(
        _ below: any ObjectStore, _ schedule: Schedule, process: Int, seed: UInt64, callsLeft: Int,
        lossesIn: UInt64 = 16
    ) {
        self.below = below
        self.schedule = schedule
        self.process = process
        self.lossesIn = lossesIn
        fate = Monitor(Fate(random: SplitMix(seed: seed), callsLeft: callsLeft))
    }

    let capabilities = StoreCapabilities(createOnly: .works, parallelCalls: 1)
    let location = "memory"

    /// Whether the process has died.
    var isDead: Bool { fate.withLock { $0.callsLeft <= 0 } }

    /// Waits for its turn; false when the process dies in this call.
    private func lives() throws(StorageError) -> Bool {
        guard !isDead else { throw StorageError(.io, "dead") }
        schedule.turn(process)
        return fate.withLock { fate in
            fate.callsLeft -= 1
            return fate.callsLeft > 0
        }
    }

    private func call<R>(_ body: () throws(StorageError) -> R) throws(StorageError) -> R {
        let result: Result<R, StorageError> = calling.withLock { _ in
            do throws(StorageError) {
                guard try lives() else { throw StorageError(.io, "dead") }
                return .success(try body())
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// A call that writes: its reply may be lost, before or after its effect, and a process that dies in it may have
    /// brought the effect about.
    private func write<R>(
        unconfirmed: () throws(StorageError) -> Void, _ body: () throws(StorageError) -> R
    ) throws(StorageError) -> R {
        let result: Result<R, StorageError> = calling.withLock { _ in
            do throws(StorageError) {
                let lives = try lives()
                let luck = fate.withLock { $0.random.next() % lossesIn }
                if !lives {
                    if lossesIn != 16, luck % 2 == 0 { try unconfirmed() }
                    throw StorageError(.io, "dead")
                }
                if luck == 0 { throw StorageError(.outcomeUnknown, "lost") }
                if luck == 1 {
                    try unconfirmed()
                    throw StorageError(.outcomeUnknown, "lost")
                }
                return .success(try body())
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        let volatile = below as? VolatileStore
        return try write(unconfirmed: { () throws(StorageError) in
            if let volatile { try volatile.putWithoutSync(name, bytes) } else { _ = try below.put(name, bytes) }
        }) { () throws(StorageError) in try below.put(name, bytes) }
    }

    func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? {
        try call { () throws(StorageError) in try below.get(name) }
    }

    func read(_ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int?
    {
        try call { () throws(StorageError) in try below.read(name, offset: offset, into: buffer) }
    }

    func size(_ name: ObjectName) throws(StorageError) -> Int? {
        try call { () throws(StorageError) in try below.size(name) }
    }

    func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] {
        try call { () throws(StorageError) in try below.list(folder) }
    }

    func delete(_ name: ObjectName) throws(StorageError) {
        // Only where replies get lost rarely, so that the seeds of the older schedules mean what they meant.
        guard lossesIn != 16 else { return try call { () throws(StorageError) in try below.delete(name) } }
        try write(unconfirmed: { () throws(StorageError) in try below.delete(name) }) { () throws(StorageError) in
            try below.delete(name)
        }
    }
}
