import Synchronization
import Testing

@testable import VaultBackup

private struct Failure: Error, Equatable { var number = 0 }

@Suite struct ConcurrencyTests {
    @Test func workStackDoesEverythingOnce() throws {
        for threads in [1, 2, 7] {
            let stack = WorkStack<Int>()
            let done = Mutex<[Int: Int]>([:])
            stack.push([1])
            // A tree of tasks: each makes two more, up to 4,000.
            try Thread.runAll(threads) { _ in
                try stack.work { task in
                    done.withLock { $0[task, default: 0] += 1 }
                    if task < 2000 { stack.push([2 * task, 2 * task + 1]) }
                }
            }
            #expect(done.withLock { $0.count == 3999 && $0.values.allSatisfy { $0 == 1 } })
        }
    }

    @Test func workStackIsDepthFirst() throws {
        let stack = WorkStack<Int>()
        let order = Mutex<[Int]>([])
        stack.push([3, 2, 1])
        try stack.work { task in
            order.withLock { $0.append(task) }
            if task == 1 { stack.push([11]) }
        }
        #expect(order.withLock { $0 } == [1, 11, 2, 3])
    }

    @Test func aFailingTaskEndsAllWorkers() {
        for round in 0..<50 {
            let stack = WorkStack<Int>()
            stack.push(Array(0..<100))
            let thrown = Atomic<Int>(0)
            #expect(throws: Failure(number: 50)) {
                try Thread.runAll(4) { _ in
                    do {
                        try stack.work { if $0 == 50 { throw Failure(number: 50) } }
                    } catch {
                        thrown.add(1, ordering: .relaxed)
                        throw error
                    }
                }
            }
            #expect(thrown.load(ordering: .relaxed) >= 1, "round \(round)")
        }
    }

    @Test func offersAreTakenOnlyByAWaitingWorker() throws {
        let alone = WorkStack<Int>()
        #expect(!alone.offer(1))
        let stack = WorkStack<Int>()
        let taken = Atomic<Int>(0)
        stack.push([0])
        try Thread.runAll(2) { _ in
            try stack.work { task in
                guard task == 0 else { return _ = taken.add(1, ordering: .relaxed) }
                // The other worker comes to wait sooner or later.
                while !stack.offer(1) {}
            }
        }
        #expect(taken.load(ordering: .relaxed) == 1)
    }

    @Test func queueKeepsOrderAndBound() throws {
        let queue = BoundedQueue<Int>(bytesMax: 10)
        let waiting = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let consumer = Mutex<[Int]>([])
        try Thread.runAll(2) { number in
            if number == 0 {
                for item in 0..<500 {
                    try queue.push(item, byteCount: 3)
                    let now = waiting.add(3, ordering: .sequentiallyConsistent).newValue
                    most.max(now, ordering: .relaxed)
                }
                queue.close()
            } else {
                while let item = queue.pop() {
                    waiting.subtract(3, ordering: .sequentiallyConsistent)
                    consumer.withLock { $0.append(item) }
                }
            }
        }
        #expect(consumer.withLock { $0 } == Array(0..<500))
        // Three items wait, one is in the hands of the consumer, one in those of the producer.
        #expect(most.load(ordering: .relaxed) <= 15)
        // One item larger than the bound passes when it is alone.
        let other = BoundedQueue<Int>(bytesMax: 1)
        try other.push(7, byteCount: 100)
        #expect(other.pop() == 7)
    }

    @Test func aFailedQueueLetsNobodyWait() throws {
        let queue = BoundedQueue<Int>(bytesMax: 1)
        try queue.push(1, byteCount: 1)
        let pushed = Mutex<[Failure]>([])
        let threads = try (0..<3).map { _ in
            try Thread {
                do { try queue.push(2, byteCount: 1) } catch {
                    pushed.withLock { $0.append(error as? Failure ?? Failure(number: -1)) }
                }
            }
        }
        queue.fail(Failure(number: 9))
        for thread in threads { thread.join() }
        #expect(pushed.withLock { $0 } == [Failure(number: 9), Failure(number: 9), Failure(number: 9)])
        #expect(queue.pop() == nil)
    }

    @Test func poolIsBoundedAndFails() throws {
        let pool = BufferPool(count: 2, capacity: 100)
        let one = try pool.take()
        let two = try #require(pool.takeIfFree())
        #expect(one.capacity == 100 && pool.takeIfFree() == nil)
        two.count = 5
        pool.give(two)
        #expect(try pool.take().count == 0)
        let thread = try Thread { #expect(throws: Failure.self) { try pool.take() } }
        pool.fail(Failure())
        thread.join()
    }

    @Test func runAllWaitsForAllAndThrowsTheFirst() {
        let ended = Atomic<Int>(0)
        #expect(throws: Failure(number: 1)) {
            try Thread.runAll(5) { number in
                ended.add(1, ordering: .relaxed)
                if number == 1 { throw Failure(number: 1) }
            }
        }
        #expect(ended.load(ordering: .relaxed) == 5)
    }

    @Test func cancellationIsSeen() throws {
        let cancellation = Cancellation()
        try cancellation.check()
        cancellation.cancel()
        #expect(throws: VaultError.self) { try cancellation.check() }
    }
}
