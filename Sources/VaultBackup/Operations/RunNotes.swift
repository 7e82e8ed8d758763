/// When this client did what the log does not tell: kept with the caches, since losing it only means that something is
/// done once more.
struct RunNotes {
    private let path: [UInt8]?
    private static let fileName = Array("run".utf8)
    private static let byteCountMax = 4_096

    init(_ repository: Repository) {
        path = repository.folders.cache(of: repository.id).map { PathBytes.join($0, Self.fileName) }
    }

    /// When it was done last; nil when that is not known.
    func time(of task: RunTask) -> Timestamp? { times()[task.rawValue].map { Timestamp(milliseconds: Int64($0)) } }

    /// Notes that it is done. A note that cannot be kept is none.
    func note(_ task: RunTask, at time: Timestamp) {
        guard let path else { return }
        var times = times()
        times[task.rawValue] = Int(time.milliseconds)
        try? AtomicFile.write(path, CanonicalJSON.encode(.object(times.mapValues { .integer($0) })))
    }

    private func times() -> [String: Int] {
        guard let path, let bytes = try? AtomicFile.read(path, byteCountMax: Self.byteCountMax),
            case .object(let members)? = try? CanonicalJSON.decode(bytes, "run notes")
        else { return [:] }
        return members.compactMapValues { if case .integer(let value) = $0 { value } else { nil } }
    }
}
