/// What a restored database has, against what was noted when it was saved.
public struct CaptureComparison: Sendable, Equatable {
    /// How it ended.
    public enum Verdict: String, Sendable {
        /// Structure and every table are as they were.
        case proven
        /// Something is not.
        case failed
        /// Nothing was noted, or what was noted is not of the same instant as the dump.
        case notProven = "not-proven"
    }

    /// How it ended.
    public var verdict: Verdict
    /// Tables that were compared.
    public var tables: Int
    /// Rows in them.
    public var rows: Int
    /// What is not as it was; the first hundred.
    public var differences: [String]
    /// How many there are.
    public var differenceCount: Int

    /// Most differences that are listed.
    static let listedMax = 100

    /// Compares `found` in a restored database with `noted`.
    init(noted: DatabaseCapture, found: DatabaseCapture) {
        var all: [String] = []
        guard let schema = noted.schema else {
            self.init(
                verdict: .notProven, tables: 0, rows: 0,
                differences: ["nothing was noted when it was saved (--no-capture)"], differenceCount: 1)
            return
        }
        let restored = Dictionary(found.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for table in noted.tables {
            let name = PathText.readable(table.name)
            guard let other = restored[table.name] else {
                all.append("\(name) is missing")
                continue
            }
            if other.rows != table.rows {
                all.append("\(name) has \(other.rows) rows, not \(table.rows)")
            } else if other.content != table.content {
                all.append("\(name) has other content in its \(table.rows) rows")
            }
        }
        let known = Set(noted.tables.map(\.name))
        for table in found.tables where !known.contains(table.name) {
            all.append("\(PathText.readable(table.name)) was not there")
        }
        if found.schema != schema { all.append("the structure is not the same") }
        for fact in ["encoding", "application_id", "user_version"] where noted.facts[fact] != found.facts[fact] {
            all.append("\(fact) is \(found.facts[fact] ?? "-"), not \(noted.facts[fact] ?? "-")")
        }
        // Of a window it cannot be told whether the dump or the note is the older one.
        let verdict: Verdict = all.isEmpty ? .proven : noted.consistency == .instant ? .failed : .notProven
        self.init(
            verdict: verdict, tables: noted.tables.count, rows: noted.tables.reduce(0) { $0 + $1.rows },
            differences: Array(all.prefix(Self.listedMax)), differenceCount: all.count)
    }

    /// One as given.
    init(verdict: Verdict, tables: Int, rows: Int, differences: [String], differenceCount: Int) {
        self.verdict = verdict
        self.tables = tables
        self.rows = rows
        self.differences = differences
        self.differenceCount = differenceCount
    }
}
