internal import Synchronization

/// Draws files of a running backup and reads them a second time, apart from the reading that made their chunks. What
/// comes of it goes into the snapshot, sealed, so that a restore can be compared with something that the chunking,
/// packing and restoring of this program had no part in.
///
/// 1. Every file of the run has a place in an order that is drawn anew each time, from random bytes; the first in that
///    order are read. Which they will be, nobody can know before.
/// 2. The number of files and bytes is bounded, so that a backup does not get slower noticeably.
/// 3. A file that is not the same before and after, by its status, is left out.
///
/// Safe from any thread.
final class SecondReading: Sendable {
    /// A file that was drawn.
    private struct Candidate: Sendable {
        var place: UInt64
        var path: [UInt8]
        var status: FileStatus
        /// SHA-256 that the first reading found, where it is known.
        var digest: Digest?
    }

    /// The candidates of one sort: those with the first places, in order.
    private final class Draw: Sendable {
        /// Only files before this place can still be drawn. Looked at for every file, so without a lock.
        private let bar = Atomic<UInt64>(.max)
        private let kept = Mutex<[Candidate]>([])
        private let countMax: Int

        init(countMax: Int) { self.countMax = countMax }

        func mayTake(_ place: UInt64) -> Bool { place < bar.load(ordering: .relaxed) }

        func take(_ candidate: Candidate) {
            kept.withLock { kept in
                let index = kept.firstIndex { candidate.place < $0.place } ?? kept.count
                kept.insert(candidate, at: index)
                if kept.count > countMax { kept.removeLast() }
                if kept.count == countMax { bar.store(kept[countMax - 1].place, ordering: .relaxed) }
            }
        }

        var candidates: [Candidate] { kept.withLock { $0 } }
    }

    // New and changed files are what a fault in this run can have hurt; a few of the others keep the rest watched.
    private static let freshFilesMax = 32
    private static let freshBytesMax = 64 << 20
    private static let unchangedFilesMax = 8
    private static let unchangedBytesMax = 8 << 20
    private static let bufferBytes = 256 << 10

    private let seed: (UInt64, UInt64)
    private let fresh = Draw(countMax: 2 * freshFilesMax)
    private let unchanged = Draw(countMax: 2 * unchangedFilesMax)

    init(random: any RandomSource) {
        let id = SessionID(from: random)
        seed = id.words
    }

    /// A file that was read in this run.
    func offer(_ job: DirectoryJob, _ window: DirectoryWindow, _ index: Int, fresh entry: FreshEntry) {
        guard entry.entry.kind == .file, entry.entry.incomplete == nil else { return }
        let digest = entry.entry.digest.flatMap { $0.kind == 1 ? $0.digest : nil }
        offer(job, window, index, entry.status, digest, to: fresh, bytesMax: Self.freshBytesMax)
    }

    /// A file that was not opened, since nothing about it has changed.
    func offer(_ job: DirectoryJob, _ window: DirectoryWindow, _ index: Int, unchanged status: FileStatus) {
        guard status.kind == .file else { return }
        offer(job, window, index, status, nil, to: unchanged, bytesMax: Self.unchangedBytesMax)
    }

    private func offer(
        _ job: DirectoryJob, _ window: DirectoryWindow, _ index: Int, _ status: FileStatus, _ digest: Digest?,
        to draw: Draw, bytesMax: Int
    ) {
        guard status.size > 0, status.size <= UInt64(bytesMax) else { return }
        let place = withUnsafeBytes(of: (job.pathHash, window.nameHashes[index])) { SipHash.hash($0, seed.0, seed.1) }
        guard draw.mayTake(place) else { return }
        let path = job.path(of: window.name(index))
        draw.take(Candidate(place: place, path: path, status: status, digest: digest))
    }

    /// Reads what was drawn, and returns it by path.
    ///
    /// - Parameter problem: is told of a file whose two readings differ although its status does not.
    func read(
        _ pace: Pace, _ cancellation: Cancellation, problem: ([UInt8], String) -> Void
    ) throws -> [PrivatePart.SampledFile] {
        var sample: [PrivatePart.SampledFile] = []
        for (draw, filesMax, bytesMax) in [
            (fresh, Self.freshFilesMax, Self.freshBytesMax),
            (unchanged, Self.unchangedFilesMax, Self.unchangedBytesMax),
        ] {
            var bytes = 0
            var files = 0
            for candidate in draw.candidates where files < filesMax {
                let size = Int(candidate.status.size)
                guard bytes + size <= bytesMax, candidate.path.count <= PrivatePart.sampledPathBytesMax else {
                    continue
                }
                try cancellation.check()
                bytes += size
                files += 1
                guard let digest = try Self.digest(candidate, pace, cancellation) else { continue }
                if let first = candidate.digest, first != digest {
                    problem(candidate.path, "gave other bytes when it was read again; check the disk and the memory")
                    continue
                }
                sample.append(PrivatePart.SampledFile(path: candidate.path, sha256: digest))
            }
        }
        return sample.sorted { $0.path.lexicographicallyPrecedes($1.path) }
    }

    /// SHA-256 of the whole file, from the disk as far as the kernel lets go of what it keeps in memory; nil when it is
    /// not the same file any more.
    private static func digest(
        _ candidate: Candidate, _ pace: Pace, _ cancellation: Cancellation
    ) throws -> Digest? {
        let wanted = ScanCache.Identity(candidate.status)
        do {
            let file = try OpenFile.openForReading([0x2f] + candidate.path)
            guard ScanCache.Identity(try file.status()) == wanted else { return nil }
            file.adviseDontNeed()
            var hash = SHA256()
            let buffer = RawBuffer(capacity: bufferBytes)
            var count = 0
            let slice = pace.readSlice(buffer.capacity)
            repeat {
                try cancellation.check()
                buffer.count = try file.read(into: UnsafeMutableRawBufferPointer(start: buffer.base, count: slice))
                pace.didRead(buffer.count)
                hash.update(buffer.used)
                count += buffer.count
            } while buffer.count == slice
            guard count == Int(candidate.status.size), ScanCache.Identity(try file.status()) == wanted else {
                return nil
            }
            return hash.finish()
        } catch is SystemError {
            // It is gone, or cannot be read any more; then it cannot be vouched for.
            return nil
        }
    }
}
