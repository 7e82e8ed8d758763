/// A file of a policy, taken apart.
struct PolicyText: Sendable {
    /// Its path.
    var file: [UInt8]
    /// Its keys and values, in the order of the file.
    var entries: [YAMLNode.Entry]

    /// Takes a file apart; nil, with problems, when it is no mapping.
    init?(file: [UInt8], _ bytes: [UInt8], _ problems: inout [PolicyProblem]) {
        self.file = file
        let (root, faults) = YAMLReader.read(bytes)
        problems += faults.map { PolicyProblem(.error, file, $0.place, $0.message, $0.suggestion) }
        guard let root else {
            if faults.isEmpty {
                problems.append(PolicyProblem(.error, file, .wholeFile, "The file is empty", "Write 'sources:' in it"))
            }
            return nil
        }
        guard case .mapping(let entries) = root.content else {
            problems.append(
                PolicyProblem(
                    .error, file, root.place, "The file is \(root.kind), and must hold keys such as 'sources:'",
                    "See docs/POLICIES.md for examples"))
            return nil
        }
        self.entries = entries
    }

    func entry(_ key: String) -> YAMLNode.Entry? { entries.first { $0.key == key } }
}

/// What is noted while a policy is read.
final class PolicyLog {
    struct Place {
        var file: [UInt8]
        var place: TextPlace
    }

    private(set) var problems: [PolicyProblem] = []
    /// Where each value is, by names such as `sources.paths[0]`.
    var places: [String: Place] = [:]

    /// Notes a problem, of the same only one and of many the first. An error is never lost behind warnings: the policy
    /// would be used.
    func add(_ problem: PolicyProblem) {
        guard !problems.contains(problem) else { return }
        if problems.count < YAMLReader.faultsMax || problem.isError && !problems.hasErrors { problems.append(problem) }
    }
}
