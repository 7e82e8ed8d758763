internal import CLinux
internal import Glibc

/// How this process stands behind others.
public enum Priority {
    /// Lets every other process go first: nice 19, the batch policy of the scheduler, and the idle class for disks. To
    /// be called before any thread is started, since threads and programs started later inherit it.
    ///
    /// - Returns: what could not be set, for a warning; empty when all is set.
    public static func lower() -> [String] {
        var refused: [String] = []
        func attempt(_ what: String, _ result: Int32) {
            if result != 0 { refused.append("\(what): \(SystemError.reason(errno))") }
        }
        attempt("nice 19", vault_set_nice(19))
        attempt("batch scheduling", vault_set_batch())
        attempt("idle disk class", vault_set_idle_io())
        return refused
    }
}
