internal import Foundation

/// What differs between two trees, in words; empty when they are the same: content, kinds, modes, owners, times to the
/// nanosecond, link targets, hard links, attributes and ACLs. Other programs do the comparing, not the engine.
public func compareTrees(_ a: String, _ b: String) -> String {
    var differences = ""
    let program = ["rsync", "-nicaHAXS", "--delete", "--numeric-ids", a + "/", b + "/"]
    if let result = runProgram(program) {
        if result.status != 0 || !result.output.isEmpty { differences += "rsync: \(result.output)" }
    } else {
        differences += "rsync cannot be started\n"
    }
    let left = listing(a)
    let right = listing(b)
    guard !left.isEmpty, !right.isEmpty else { return differences + "find lists nothing\n" }
    for line in left.subtracting(right).sorted() { differences += "only in the first: \(line)\n" }
    for line in right.subtracting(left).sorted() { differences += "only in the second: \(line)\n" }
    return differences
}

/// One line for each entry. The size of a directory is the file system's business.
private func listing(_ path: String) -> Set<String> {
    let result = runProgram([
        "find", path, "-type", "d", "-printf", #"%P %y %m %U %G %T@\0"#, "-o", "-printf",
        #"%P %y %m %U %G %s %T@ %l %n\0"#,
    ])
    guard let result, result.status == 0 else { return [] }
    return Set(result.output.split(separator: "\0").map(String.init))
}

/// Copies a tree with all its metadata.
public func copyTree(_ from: String, to: String) throws {
    guard let result = runProgram(["cp", "-a", from, to]), result.status == 0 else {
        throw FileCalls.Failure(description: "cp -a \(from) \(to)")
    }
}
