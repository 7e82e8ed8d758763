internal import Glibc
internal import Synchronization

// Written by the handler: a lock-free store is one of the few things a signal handler may do.
private let firstSignal = Atomic<Int32>(0)

/// Turns the signals that ask a program to end into a flag that the work looks at between steps.
public enum Signals {
    /// Number of the signal that asked to end; nil when none did.
    public static var received: Int32? {
        let number = firstSignal.load(ordering: .acquiring)
        return number == 0 ? nil : number
    }

    /// From now on `SIGINT`, `SIGTERM` and `SIGHUP` set ``received``. A second one ends the process at
    /// once, for the impatient. A signal that the parent had ignored (`nohup`) stays ignored; one
    /// that it had blocked is let through, as programs start others from threads that block everything.
    public static func install() {
        // Makes the flag before a handler can need it.
        _ = firstSignal.load(ordering: .relaxed)
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            sigaddset(&wanted, number)
            var old = sigaction()
            sigaction(number, nil, &old)
            if unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
                continue
            }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                guard firstSignal.exchange(number, ordering: .acquiringAndReleasing) != 0 else { return }
                // Takes effect when the handler returns.
                signal(number, SIG_DFL)
                raise(number)
            }
            // Without SA_RESTART: waiting calls return and look at the flag.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
        }
        pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
    }

    /// Forgets a signal that was received, for tests and for programs that go on.
    public static func reset() { firstSignal.store(0, ordering: .releasing) }
}
