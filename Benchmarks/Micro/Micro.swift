// Micro-benchmarks of the steps that every byte or entry takes. Compiled by Benchmarks/micro together with the library, as
// one module, so that nothing has to be opened for it.
import Glibc

/// One thing that is measured: `prepare` makes what is needed and returns a body that does `count` operations.
struct MicroBenchmark {
    var name: String
    /// Operations that one run of the body does.
    var count: Int
    /// Bytes that it goes through, where that says more.
    var byteCount = 0
    var prepare: () throws -> () throws -> Void
}

@main enum Micro {
    private typealias Counter = @convention(c) () -> UInt

    /// Allocations of this process so far; nil when nobody counts them.
    private static let counter: Counter? = dlsym(nil, "vault_allocations").map {
        unsafeBitCast($0, to: Counter.self)
    }

    /// One JSON line for each benchmark: the fastest of the runs in CPU time, and the allocations of the last.
    static func main() throws {
        let wanted = CommandLine.arguments.dropFirst()
        if wanted.first == "--scale", let files = Int(CommandLine.arguments[2]),
            let chunks = Int(CommandLine.arguments[3])
        {
            return try Scale.run(files: files, chunks: chunks)
        }
        for benchmark in all where wanted.isEmpty || wanted.contains(benchmark.name) {
            let body = try benchmark.prepare()
            try body()
            var best = UInt64.max
            var allocations: UInt = 0
            for _ in 0..<5 {
                let before = counter?() ?? 0
                let start = processorTime()
                try body()
                best = min(best, processorTime() - start)
                allocations = (counter?() ?? 0) - before
            }
            let nanoseconds = Double(best) / Double(benchmark.count)
            var line = "{\"name\":\"\(benchmark.name)\",\"nanoseconds\":\(Int(nanoseconds.rounded()))"
            if counter != nil {
                line += ",\"allocations\":\(Double(allocations * 1000 / UInt(benchmark.count)) / 1000)"
            }
            if benchmark.byteCount > 0 { line += ",\"megabytesPerSecond\":\(benchmark.byteCount * 1000 / Int(best))" }
            print(line + "}")
        }
    }

    static func processorTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
