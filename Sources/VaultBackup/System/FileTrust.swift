/// Whether what a file says may be done in the name of this user: only if nobody else can change it, as `sudo` and
/// `ssh` have it.
enum FileTrust {
    /// Why others may have written a file: a few words with the path that is the reason; nil when they cannot have.
    ///
    /// The file, with links followed, and every directory above it belong to root or to this user, and no other user
    /// can write them; in a directory such as `/tmp`, where each may remove only what is his own, others may make files.
    ///
    /// - Throws: ``SystemError`` when it is not there or cannot be looked at.
    static func doubt(_ path: [UInt8]) throws(SystemError) -> String? {
        var path = try PathBytes.resolved(path)
        var isFile = true
        while true {
            let status = try FileStatus.read(path)
            let owners: Set = [0, Host.effectiveUser]
            if !owners.contains(status.owner) {
                return "\(PathText.readable(path)) belongs to another user (\(status.owner))"
            }
            let isShared = status.mode & 0o1000 != 0 && !isFile
            if status.mode & 0o022 != 0, !isShared {
                let who = status.mode & 0o002 != 0 ? "anybody" : "a group"
                return "\(PathText.readable(path)) can be written by \(who)"
            }
            if path == [PathBytes.slash] { return nil }
            path = PathBytes.split(path).parent
            isFile = false
        }
    }
}
