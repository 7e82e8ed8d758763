import Testing
import VaultTestSupport

@testable import VaultBackup

/// One run at a time, and who it is.
@Suite struct RunLockTests {
    @Test func theHolderIsTheOneThatHasTheLock() throws {
        let folder = try TemporaryDirectory()
        let folders = LocalFolders(config: folder.bytes("config"), cache: folder.bytes("cache"))
        let time = Timestamp(milliseconds: 1_800_000_000_000)
        let first = try RunLock.acquire(folders, now: time)
        let second = try RunLock.acquire(folders, now: Timestamp(milliseconds: 1_800_000_060_000))
        #expect(first.lock != nil && first.holder == nil && second.lock == nil)
        #expect(second.holder == RunLock.Holder(process: Host.processID, started: time))
        // The note of a run that is over says nothing about the one that has just begun.
        let ended = try ChildProcess.start(Array("true".utf8))
        _ = try ended.wait()
        for note in [#"{"process":\#(ended.pid),"started":"\#(time)"}"#, "nonsense", #"{"process":-1}"#] {
            try AtomicFile.write(folder.bytes("config/run.holder"), Array(note.utf8))
            let third = try RunLock.acquire(folders, now: time)
            #expect(third.lock == nil && third.holder == nil, "\(note)")
        }
        withExtendedLifetime(first.lock) {}
    }

    @Test func theLockGoesWithItsHolder() throws {
        let folder = try TemporaryDirectory()
        let folders = LocalFolders(config: folder.bytes("config"), cache: folder.bytes("cache"))
        for _ in 0..<2 {
            let taken = try eventually { try RunLock.acquire(folders, now: Timestamp(milliseconds: 0)).lock }
            #expect(taken != nil)
        }
        try AtomicFile.write(folder.bytes("file"), [])
        let blocked = LocalFolders(config: folder.bytes("file/below"), cache: folder.bytes("cache"))
        #expect(thrownCode { _ = try RunLock.acquire(blocked, now: Timestamp(milliseconds: 0)) } == .failed)
    }
}
