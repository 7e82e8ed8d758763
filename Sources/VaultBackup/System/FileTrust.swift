internal import Glibc

/// Whether what a file says may be done in the name of this user: only if nobody else can change it, as `sudo` and
/// `ssh` have it.
enum FileTrust {
    /// As many links as the kernel follows.
    private static let linksMax = 40

    /// Why others may have written a file, or may put another in its place: a few words with the path that is the
    /// reason; nil when they cannot.
    ///
    /// The file, and every directory and link on the way to it, belong to root or to this user, and no other user can
    /// write them; in a directory such as `/tmp`, where each may remove only what is his own, others may make files.
    ///
    /// - Throws: ``SystemError`` when it is not there or cannot be looked at.
    static func doubt(_ path: [UInt8]) throws(SystemError) -> String? {
        var linksLeft = linksMax
        let isAbsolute = path.first == PathBytes.slash
        return try walk(isAbsolute ? path : PathBytes.join(PathBytes.resolved(PathBytes.here), path), &linksLeft)
    }

    private static func walk(_ path: [UInt8], _ linksLeft: inout Int) throws(SystemError) -> String? {
        var place = [PathBytes.slash]
        if let reason = reason(place, try FileStatus.read(place)) { return reason }
        for name in path.split(separator: PathBytes.slash) {
            let parent = place
            place = PathBytes.join(parent, Array(name))
            let status = try FileStatus.read(place)
            if let reason = reason(place, status) { return reason }
            guard status.kind == .symbolicLink else { continue }
            linksLeft -= 1
            guard linksLeft >= 0 else { throw SystemError(errno: ELOOP, operation: "resolve", path: path) }
            let target = try DirectoryEntries.linkTarget(at: nil, place)
            let isAbsolute = target.first == PathBytes.slash
            if let reason = try walk(isAbsolute ? target : PathBytes.join(parent, target), &linksLeft) { return reason }
        }
        return nil
    }

    private static func reason(_ path: [UInt8], _ status: FileStatus) -> String? {
        if ![0, Host.effectiveUser].contains(status.owner) {
            return "\(PathText.readable(path)) belongs to another user (\(status.owner))"
        }
        // A link has no mode: the directory that it is in says who may turn it.
        if status.kind == .symbolicLink || status.kind == .directory && status.mode & 0o1000 != 0 { return nil }
        guard status.mode & 0o022 != 0 else { return nil }
        return "\(PathText.readable(path)) can be written by \(status.mode & 0o002 != 0 ? "anybody" : "a group")"
    }

    /// The same where what cannot be looked at is a reason for doubt too.
    static func doubtOrFailure(_ path: [UInt8]) -> String? {
        do { return try doubt(path) } catch { return "it cannot be told who can (\(error))" }
    }
}
