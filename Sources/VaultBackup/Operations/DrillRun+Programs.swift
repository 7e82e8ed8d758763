/// Programs that look at what was restored: the owner's own, and a search for malware.
///
/// 1. They run as a user who owns nothing, without network, and see no process but their own; where that cannot be had,
///    they do not run, and nothing is proven.
/// 2. What they write goes into the reader's report, never into evidence.
extension DrillRun {
    /// Notes what was asked for, before it is known whether anything was restored that it could be done with.
    func expectPrograms() {
        if !request.script.isEmpty { tally.expect(.script) }
        if request.malware { tally.expect(.malware, max(1, tally.expected(.content))) }
    }

    /// Runs the owner's program in the restored directory; its exit status decides.
    func runScript() throws {
        guard let name = request.script.first else { return }
        // It runs in another directory than we do; a name without a slash is looked for as a shell does.
        let program = name.contains(PathBytes.slash) ? Self.absolute(name) : name
        let shown = PathText.readable(program)
        guard let confinement = try confinement(for: "The program \(shown)") else { return }
        // All is compared by now, and nobody comes here but through our own directory.
        do {
            let top = try OpenFile.openDirectory(scratch.path)
            try Metadata.setMode(0o755, at: top, PathBytes.split(scratch.tree).name)
        } catch {
            return tally.note(
                "The program \(shown) was not run: the restored directory cannot be opened to it (\(error))")
        }
        let user = confinement.user == Host.effectiveUser ? "" : " as the user nobody"
        guard isRunnable(program, confinement) else {
            return tally.note("The program \(shown) was not run: it is not there, or cannot be run\(user)")
        }
        var tool = confinement.inside(scratch.tree).tool(
            "sh", ["-c", #"exec "$@" 2>&1"#, "sh"],
            environment: [
                Array("VAULT_SNAPSHOT=\(snapshot.id.hex)".utf8), Array("VAULT_SYSTEM=\(snapshot.body.system)".utf8),
            ])
        tool.arguments += [program] + request.script.dropFirst()
        do {
            let (ending, words) = try tool.run(seconds: request.scriptSeconds, cancellation)
            tally.compared(.script)
            let said = words.isEmpty ? "" : ": \(words)"
            switch ending {
            case .exited(0): if !words.isEmpty { tally.note("\(shown) said: \(words)") }
            case let ending?: tally.fail(.script, [], "\(shown) \(ending.words)\(said)")
            case nil: tally.fail(.script, [], "\(shown) did not end within \(request.scriptSeconds) s\(said)")
            }
        } catch let error as VaultError where error.code != .interrupted {
            tally.note("The program \(shown) was not run: \(error.message)")
        }
    }

    /// A path from `/`; links in it stay, since a program may go by the name that it is called by.
    private static func absolute(_ path: [UInt8]) -> [UInt8] {
        if path.first == PathBytes.slash { return path }
        return (try? PathBytes.resolved(PathBytes.here)).map { PathBytes.join($0, path) } ?? path
    }

    private func isRunnable(_ program: [UInt8], _ confinement: Confinement) -> Bool {
        let test = #"case $1 in */*) test -f "$1" -a -x "$1";; *) command -v -- "$1";; esac"#
        var tool = confinement.inside(scratch.tree).tool("sh", ["-c", test, "sh"], environment: [])
        tool.arguments.append(program)
        return (try? tool.output(cancellation)) != nil
    }

    /// What a program runs in; nil, and a note, when it cannot be kept away from everything else.
    private func confinement(for what: String, mayRead: Bool = false) throws -> Confinement? {
        let confinement = Confinement.find(cancellation, mayRead: mayRead)
        guard confinement.isPossible, confinement.isWhole else {
            tally.note(
                "\(what) was not run: this machine lets nobody cut off network and processes for a program (unshare)")
            return nil
        }
        saw(IsolationProbe.look(confinement, cancellation))
        return confinement
    }

    // MARK: Malware

    /// How long a search may take, in seconds: an hour, and more than a slow disk needs for so many files and bytes.
    static func searchSeconds(files: Int, bytes: Int) -> Int { 3_600 + files / 10 + bytes / 1_000_000 }

    /// Has ClamAV read every restored file that is not empty.
    func searchMalware() throws {
        guard request.malware else { return }
        let expected = tally.expected(.content)
        guard expected > 0, let confinement = try confinement(for: "clamscan", mayRead: true) else { return }
        // It must read what belongs to others, and may do nothing else.
        var tool = confinement.inside(scratch.tree).tool(
            "clamscan",
            [
                "--recursive", "--stdout", "--infected", "--max-filesize=2000M", "--max-scansize=2000M",
                "--alert-exceeds-max=yes", "--max-recursion=20", "--max-dir-recursion=100000",
                "--follow-dir-symlinks=0", "--follow-file-symlinks=0", "--bytecode=no",
            ], environment: [])
        if let signatures = request.malwareSignatures {
            tool.arguments.append(Array("--database=".utf8) + Self.absolute(signatures))
        }
        tool.arguments.append(Array(".".utf8))
        do {
            let scan = MalwareScan()
            let seconds = Self.searchSeconds(files: expected, bytes: snapshot.body.bytes)
            let (ending, words) = try tool.run(seconds: seconds, cancellation) { scan.take($0) }
            scan.end()
            for finding in scan.infected { tally.fail(.malware, finding.path, "holds malware: \(finding.name)") }
            for finding in scan.tooLarge.prefix(20) {
                tally.note("/\(PathText.readable(finding.path)) was not read to its end by clamscan: \(finding.name)")
            }
            guard let ending else {
                return tally.note("clamscan did not end within \(seconds) s, and was ended: \(words)")
            }
            guard ending == .exited(0) || ending == .exited(1) && !scan.found.isEmpty else {
                return tally.note("clamscan did not look at everything: \(words)")
            }
            let count = min(scan.fileCount, expected) - min(scan.tooLarge.count, expected)
            tally.compared(.malware, max(0, count))
            if count < expected { tally.note("clamscan read \(max(0, count)) of \(expected) files") }
        } catch let error as VaultError where error.code != .interrupted {
            let cause = (error.cause as? VaultError).map { " (\($0.message))" } ?? ""
            tally.note("There was no search for malware: \(error.message)\(cause)")
        }
    }
}
