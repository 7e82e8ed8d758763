/// How programs run that work on what came out of a repository: a dump is a program that somebody else wrote.
///
/// 1. They are no user who owns anything: as root they become `nobody`.
/// 2. They get no privilege by running other programs, and none of our variables.
/// 3. Where the kernel allows it, they have no network but the sockets of the scratch directory, and see no process but
///    their own. Where it does not, ``isWhole`` is false, and the user is told.
/// 4. They end when we end, however that is.
struct Confinement: Sendable {
    /// User and group that they run as.
    let user: UInt32
    let group: UInt32
    /// Whether network and processes are apart.
    let isWhole: Bool
    /// What comes before each program.
    let prefix: [[UInt8]]

    /// The number that Linux systems give to the user who owns nothing.
    private static let nobody: UInt32 = 65_534

    /// Finds out what this machine allows.
    ///
    /// - Parameter mayRead: whether programs may read what belongs to others, where we may; they may still change nothing.
    static func find(_ cancellation: Cancellation, mayRead: Bool = false) -> Confinement {
        let isRoot = Host.effectiveUser == 0
        let (user, group) = isRoot ? (nobody, nobody) : (Host.effectiveUser, Host.effectiveGroup)
        // The first makes the whole end with us; the flag is lost when the user changes, so it is set again after that.
        let ending = ["setpriv", "--pdeathsig=KILL", "--"]
        var apart = ["unshare", "--net", "--ipc", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
        if !isRoot { apart += ["--user", "--map-current-user"] }
        var less = ["setpriv", "--pdeathsig=KILL", "--no-new-privs"]
        if isRoot {
            less += ["--reuid=\(user)", "--regid=\(group)", "--clear-groups"]
            // A program that asks beforehand (`access`) is told no, unless the change of users leaves rights alone.
            less +=
                mayRead
                ? [
                    "--securebits=+no_setuid_fixup", "--inh-caps=-all,+dac_read_search",
                    "--ambient-caps=-all,+dac_read_search",
                ] : ["--inh-caps=-all"]
        }
        less.append("--")
        let bounds = ["prlimit", "--core=0", "--nofile=4096", "--data=\(dataBytesMax)"]
        for (parts, isWhole) in [(ending + apart + less + bounds, true), (less + bounds, false)] {
            let confinement = Confinement(
                user: user, group: group, isWhole: isWhole, prefix: parts.map { Array($0.utf8) })
            let probe = confinement.tool("true", environment: [])
            if (try? probe.output(cancellation)) != nil { return confinement }
        }
        return Confinement(user: user, group: group, isWhole: false, prefix: [])
    }

    /// Whether programs can run as they must: never as root.
    var isPossible: Bool { Host.effectiveUser != 0 || !prefix.isEmpty }

    /// The same with programs that begin in a directory; they need no right to go through what lies above it.
    func inside(_ directory: [UInt8]) -> Confinement {
        let step = [Array("env".utf8), Array("--chdir=".utf8) + directory]
        return Confinement(user: user, group: group, isWhole: isWhole, prefix: step + prefix)
    }

    /// Most memory of one program, in bytes.
    private static let dataBytesMax = 4 << 30

    /// A confined program. - Parameter environment: all variables that it gets besides the search path.
    func tool(_ program: String, _ arguments: [String] = [], environment: [[UInt8]]) -> DatabaseTool {
        var tool = DatabaseTool(program, arguments)
        tool.prefix = prefix
        tool.environment = ["PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LANG=C.UTF-8"].map { Array($0.utf8) } + environment
        return tool
    }
}
