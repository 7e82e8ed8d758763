internal import Synchronization

/// When each pack was last read from beginning to end by this client, and found right: by its hash, and with keys.
///
/// A cache: when it is lost, packs are read again sooner than needed, nothing else. What lies in the future never
/// counts: a clock that was ahead once must not make a pack look checked for years. Safe from any thread.
final class VerifyMemory: Sendable {
    /// When a pack was found right; nil when never.
    struct Times: Sendable, Equatable {
        /// Its bytes have the hash that is its name.
        var hashed: Timestamp?
        /// Every segment was decrypted, and every chunk has its id.
        var decrypted: Timestamp?
    }

    private struct State {
        var times: [Digest: Times] = [:]
        var savedAt: UInt64?
    }

    /// Name of the file in the cache folder of the repository.
    static let fileName = "verified"
    private static let magic = Array("VVRF".utf8) + [0]
    /// Most packs that are remembered: of 32 MiB each, half a petabyte.
    static let packsMax = 1 << 24
    private static let packBytes = Digest.byteCount + 16
    private static let saveNanoseconds: UInt64 = 30_000_000_000

    private let files: (any LocalFiles)?
    private let clock: any TimeSource
    private let state: Mutex<State>

    /// What is remembered in the directory of `files`; nothing when there is no file, or none that can be used.
    init(files: (any LocalFiles)?, clock: any TimeSource) {
        self.files = files
        self.clock = clock
        let now = clock.now()
        var times: [Digest: Times] = [:]
        if let stored = try? files?.read(Self.fileName), let known = try? Self.decode(stored) {
            times = known.mapValues { $0.upTo(now) }
        }
        state = Mutex(State(times: times))
    }

    /// What is remembered of a pack.
    func times(of pack: Digest) -> Times { state.withLock { $0.times[pack] ?? Times() } }

    /// Notes the result of reading a pack now, and keeps all notes durably about twice a minute. One that is damaged is
    /// forgotten, so that it comes first the next time.
    func note(_ pack: Digest, isRight: Bool, withKeys: Bool) {
        let now = clock.now()
        let isDue = state.withLock { state in
            if isRight {
                state.times[pack, default: Times()].hashed = now
                if withKeys { state.times[pack, default: Times()].decrypted = now }
            } else {
                state.times[pack] = nil
            }
            let monotonic = clock.monotonicNanoseconds()
            let isDue = monotonic - (state.savedAt ?? monotonic) > Self.saveNanoseconds
            if isDue || state.savedAt == nil { state.savedAt = monotonic }
            return isDue
        }
        if isDue { save() }
    }

    /// Keeps the notes durably; those of packs that `isWanted` does not know are dropped. An error costs reading again.
    func save(isWanted: (Digest) -> Bool = { _ in true }) {
        let times = state.withLock { state in
            state.times = state.times.filter { isWanted($0.key) }
            return state.times
        }
        try? files?.write(Self.fileName, Self.encode(times))
    }

    /// `VVRF` ‖ u8 0 ‖ u32 count ‖ per pack, by name: name ‖ i64 hashed ‖ i64 decrypted (milliseconds, −1 for never) ‖
    /// SHA-256 of all before it.
    static func encode(_ times: [Digest: Times]) -> [UInt8] {
        var writer = ByteWriter(capacity: 64 + times.count * packBytes)
        writer.raw(magic)
        let packs = times.sorted { $0.key < $1.key }.prefix(packsMax)
        writer.u32(packs.count)
        for (name, times) in packs {
            writer.raw(name)
            writer.integer(times.hashed?.milliseconds ?? -1)
            writer.integer(times.decrypted?.milliseconds ?? -1)
        }
        writer.raw(SHA256.digest(writer.bytes))
        return writer.bytes
    }

    static func decode(_ stored: [UInt8]) throws(FormatError) -> [Digest: Times] {
        let count = stored.count - Digest.byteCount
        guard count >= magic.count + 4, stored.starts(with: magic),
            Digest(Array(stored[count...])) == SHA256.digest(Array(stored[..<count]))
        else { throw FormatError("verification memory: of another form, or damaged") }
        var reader = ByteReader(stored, "verification memory", range: magic.count..<count)
        let packs = try reader.u32()
        guard packs <= packsMax, reader.remaining == packs * packBytes else {
            throw reader.error("has another length than its count says")
        }
        var times: [Digest: Times] = [:]
        times.reserveCapacity(packs)
        var last: Digest?
        for _ in 0..<packs {
            let name = try reader.digest()
            guard last.map({ $0 < name }) ?? true else { throw reader.error("packs are not in order") }
            last = name
            times[name] = Times(hashed: try time(&reader), decrypted: try time(&reader))
        }
        return times
    }

    private static func time(_ reader: inout ByteReader) throws(FormatError) -> Timestamp? {
        let milliseconds = try reader.integer(Int64.self)
        let time = Timestamp(milliseconds: milliseconds)
        guard milliseconds == -1 || time.milliseconds == milliseconds else { throw reader.error("no time") }
        return milliseconds == -1 ? nil : time
    }
}

extension VerifyMemory.Times {
    /// Without what lies after `now`.
    fileprivate func upTo(_ now: Timestamp) -> Self {
        Self(hashed: hashed.flatMap { $0 > now ? nil : $0 }, decrypted: decrypted.flatMap { $0 > now ? nil : $0 })
    }
}

extension Repository {
    /// What this client remembers of earlier verifications of this store.
    var verifyMemory: VerifyMemory {
        VerifyMemory(files: folders.cache(of: id).map { FolderFiles(folder: $0) }, clock: clock)
    }
}
