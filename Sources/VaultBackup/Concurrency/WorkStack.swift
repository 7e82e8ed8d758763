/// Tasks that workers take, newest first, and may add to while they work on one.
///
/// Newest first means depth first: of a tree only the path and the siblings along it wait, so memory is bounded by the
/// shape of the tree, not by its size. The stack ends by itself when it is empty and nobody works on a task.
public final class WorkStack<Task: Sendable>: Sendable {
    private struct State {
        var tasks: [Task] = []
        var working = 0
        var idle = 0
        var failure: (any Error)?
    }

    private let monitor = Monitor(State())

    /// An empty stack.
    public init() {}

    /// Adds tasks; the last of them is taken first.
    public func push(_ tasks: [Task]) {
        guard !tasks.isEmpty else { return }
        monitor.withLock { $0.tasks.append(contentsOf: tasks) }
        monitor.signal()
    }

    /// Adds a task only if a worker waits for one. Returns whether it was taken over.
    public func offer(_ task: Task) -> Bool {
        let accepted = monitor.withLock { state in
            guard state.idle > state.tasks.count else { return false }
            state.tasks.append(task)
            return true
        }
        if accepted { monitor.signal() }
        return accepted
    }

    /// Takes tasks until all work is done, or a worker failed: then throws that worker's error in every worker.
    public func work(_ body: (Task) throws -> Void) throws {
        while let task = try next() {
            do {
                try body(task)
            } catch {
                fail(error)
            }
            monitor.withLock { $0.working -= 1 }
            monitor.signal()
        }
    }

    /// Ends the work with an error.
    public func fail(_ error: any Error) {
        monitor.withLock { if $0.failure == nil { $0.failure = error } }
        monitor.signal()
    }

    private func next() throws -> Task? {
        monitor.withLock { $0.idle += 1 }
        defer { monitor.withLock { $0.idle -= 1 } }
        return try monitor.wait { state -> Task?? in
            if let failure = state.failure { throw failure }
            if let task = state.tasks.popLast() {
                state.working += 1
                return .some(.some(task))
            }
            return state.working == 0 ? .some(.none) : nil
        }
    }
}
