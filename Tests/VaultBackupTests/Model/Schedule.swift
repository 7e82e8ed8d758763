@testable import VaultBackup

/// Lets one of several processes, each on a thread of its own, make one store call at a time, in an order that a seed
/// decides.
final class Schedule: Sendable {
    private struct State {
        var random: SplitMix
        var alive: Set<Int>
        var waiting: Set<Int> = []
        var running: Int?
    }

    private let state: Monitor<State>

    /// A schedule of the processes 0 to `count` − 1.
    init(count: Int, seed: UInt64) {
        state = Monitor(State(random: SplitMix(seed: seed), alive: Set(0..<count)))
    }

    /// Ends this process's turn and waits for the next one.
    func turn(_ process: Int) {
        state.withLock { state in
            if state.running == process { state.running = nil }
            state.waiting.insert(process)
            Self.choose(&state)
        }
        state.signal()
        state.wait { state in state.running == process ? () : nil }
    }

    /// The process makes no further call.
    func finish(_ process: Int) {
        state.withLock { state in
            if state.running == process { state.running = nil }
            state.alive.remove(process)
            Self.choose(&state)
        }
        state.signal()
    }

    // Only when all wait: which thread is fast must not matter.
    private static func choose(_ state: inout State) {
        guard state.running == nil, state.waiting == state.alive, !state.alive.isEmpty else { return }
        let all = state.waiting.sorted()
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

    private let below: MemoryStore
    private let schedule: Schedule
    private let process: Int
    private let fate: Monitor<Fate>

    /// - Parameter callsLeft: after so many calls the process is dead: none reaches the store any more.
    init(_ below: MemoryStore, _ schedule: Schedule, process: Int, seed: UInt64, callsLeft: Int) {
        self.below = below
        self.schedule = schedule
        self.process = process
        fate = Monitor(Fate(random: SplitMix(seed: seed), callsLeft: callsLeft))
    }

    let capabilities = StoreCapabilities(createOnly: .works, parallelCalls: 1)
    let location = "memory"

    /// Whether the process has died.
    var isDead: Bool { fate.withLock { $0.callsLeft <= 0 } }

    private func call() throws(StorageError) {
        guard !isDead else { throw StorageError(.io, "dead") }
        schedule.turn(process)
        let isLast = fate.withLock { fate in
            fate.callsLeft -= 1
            return fate.callsLeft <= 0
        }
        if isLast { throw StorageError(.io, "dead") }
    }

    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        try call()
        // In one of eight cases the reply is lost, before or after the effect.
        let luck = fate.withLock { $0.random.next() % 16 }
        if luck == 0 { throw StorageError(.outcomeUnknown, "lost") }
        let result = try below.put(name, bytes)
        if luck == 1 { throw StorageError(.outcomeUnknown, "lost") }
        return result
    }

    func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? {
        try call()
        return try below.get(name)
    }

    func read(_ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int?
    {
        try call()
        return try below.read(name, offset: offset, into: buffer)
    }

    func size(_ name: ObjectName) throws(StorageError) -> Int? {
        try call()
        return try below.size(name)
    }

    func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] {
        try call()
        return try below.list(folder)
    }

    func delete(_ name: ObjectName) throws(StorageError) {
        try call()
        try below.delete(name)
    }
}
