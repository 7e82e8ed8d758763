import Foundation
import Testing
import VaultTestSupport

/// Debian's Python with the helpers in `Tests/Tools`.
enum Tools {
    /// Top of the source tree.
    static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Runs a helper; returns what it wrote.
    static func python(_ arguments: [String], _ stage: Stage, environment: [String: String] = [:]) throws -> Data {
        let output = try OutputPipe()
        let environment = ["HOME": stage.path + "/home", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
            .merging(environment) { $1 }
        let program = try Program.start(
            ["/usr/bin/python3"] + arguments, environment: environment, directory: stage.path, output: output.writing,
            errors: 2)
        let data = Data(output.read())
        try #require(program.wait() == 0, "\(arguments)")
        return data
    }

    /// What a person saw of a program on a terminal.
    struct Seen: Decodable {
        enum Screen: Decodable {
            case lines([String])
            case resized

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                self = (try? container.decode([String].self)).map { .lines($0) } ?? .resized
            }
        }

        var status: Int32
        var screens: [Screen]
        var text: String
        /// Whether the terminal shows what is typed, when the program has ended.
        var echo: Bool
        /// Questions that were not asked.
        var unanswered: [String]

        /// Screens, those before a change of the size first.
        var lines: [[String]] { screens.compactMap { if case .lines(let lines) = $0 { lines } else { nil } } }
        var last: [String] { lines.last ?? [] }
    }

    /// Runs a command on a terminal; see `Tests/Tools/terminal.py`.
    static func terminal(
        _ command: [String], _ stage: Stage, columns: Int, resize: [Double]? = nil,
        keys: [(Double, String, shown: String?)] = [], answers: [(String, String)] = [],
        ignoreWrapMode: Bool = true, environment: [String: String] = [:]
    ) throws -> Seen {
        var wish: [String: Any] = ["columns": columns, "command": command, "ignoreWrapMode": ignoreWrapMode]
        if let resize { wish["resize"] = resize }
        if !keys.isEmpty { wish["keys"] = keys.map { [$0.0, $0.1, $0.shown ?? NSNull()] as [Any] } }
        if !answers.isEmpty { wish["answers"] = answers.map { [$0.0, $0.1] } }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: wish), as: UTF8.self)
        let bin = (Stage.program as NSString).deletingLastPathComponent
        let data = try python(
            [top + "/Tests/Tools/terminal.py", text], stage,
            environment: ["TERM": "xterm", "PATH": bin + ":/usr/bin:/bin"].merging(environment) { $1 })
        return try JSONDecoder().decode(Seen.self, from: data)
    }
}
