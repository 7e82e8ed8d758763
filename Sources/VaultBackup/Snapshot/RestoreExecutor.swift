internal import Synchronization

/// Restores windows on several threads.
final class RestoreExecutor {
    private let run: RestoreRun
    private let workers: Monitor<[RestoreWorker]>
    private let count: Int

    init(_ reader: SnapshotReader, _ run: RestoreRun) {
        self.run = run
        count = run.options.workers > 0 ? run.options.workers : Host.processorCount
        workers = Monitor((0..<count).map { _ in RestoreWorker(reader, run) })
    }

    private enum Step: Sendable {
        case inspection(Int)
        case segment(Range<Int>)
        case empty(Int)
        case special(Int)
    }

    /// Restores a window, or in a dry run only looks at what is there.
    func execute(_ full: RestoreWindow) throws {
        var window = full
        if !window.inspections.isEmpty { try inspect(&window) }
        var steps: [Step] = []
        if !run.options.dryRun {
            steps = window.sortedGroups().map { .segment($0) }
            steps += window.files.indices.filter { window.files[$0].isWithoutPieces }.map { .empty($0) }
            steps += window.specials.indices.map { .special($0) }
        } else {
            steps = window.specials.indices.filter { window.specials[$0].decision == .inspect }.map { .special($0) }
        }
        let sorted = window
        try work(steps) { worker, step in
            switch step {
            case .segment(let group): try worker.write(sorted, group)
            case .empty(let index): try worker.makeEmpty(sorted.files[index])
            case .special(let index):
                let special = sorted.specials[index]
                if special.decision == .inspect { try worker.inspect(special) } else { try worker.make(special) }
            case .inspection: break
            }
        }
    }

    private func inspect(_ window: inout RestoreWindow) throws {
        let outcomes = Mutex<[RestoreInspection.Outcome]>(Array(repeating: .right, count: window.inspections.count))
        let full = window
        try work(window.inspections.indices.map { .inspection($0) }) { worker, step in
            guard case .inspection(let index) = step else { return }
            let outcome = try worker.inspect(full, full.inspections[index])
            outcomes.withLock { $0[index] = outcome }
        }
        window.drop(outcomes.withLock { $0 })
    }

    private func work(_ steps: [Step], _ body: @escaping @Sendable (RestoreWorker, Step) throws -> Void) throws {
        let stack = WorkStack<Step>()
        // The stack gives the last first; packs are to be read from the front.
        stack.push(steps.reversed())
        let workers = workers
        try Thread.runAll(count) { number in
            let worker = workers.withLock { $0[number] }
            try stack.work { try body(worker, $0) }
        }
    }
}
