internal import VaultBackup

/// A status for people: is every system recoverable, how is that known, since when, and who can do it. Fits one screen
/// of 24 lines and 60 columns, however many systems there are.
struct StatusScreen {
    let report: StatusReport
    let language: Language
    /// Columns of the terminal; nil when the output goes elsewhere.
    let width: Int?
    /// Whether everything is shown.
    let isAll: Bool

    private static let systemsMax = 8
    private static let reasonsMax = 4
    private static let warningsMax = 2
    private static let copiesMax = 3

    private func say(_ phrase: StatusPhrase, _ values: [String: String] = [:]) -> String {
        phrase.text(language, values)
    }
    private func age(_ time: Timestamp) -> String { Amounts.age(of: time, report.time, language) }

    var lines: [String] {
        var lines = report.damage.prefix(isAll ? .max : Self.warningsMax).map {
            say(.damage, ["text": $0.sentence(language).shown])
        }
        if report.systems.isEmpty {
            lines.append(say(.nothing))
            lines += reasons
        } else {
            lines += [verdict, ""]
            lines += table
            lines.append("")
            lines += reasons
        }
        lines += surroundings
        return lines.flatMap { line in
            // A table is made for the width already, and a blank line stays one.
            width.map { TextWidth.of(line) > $0 ? TextWidth.wrapped(line, $0) : [line] } ?? [line]
        }
    }

    /// The systems, the worst first.
    private var systems: [SystemStatus] {
        ProofVerdict.worstFirst.flatMap { verdict in report.systems.filter { $0.verdict == verdict } }
    }

    private var verdict: String {
        if !report.damage.isEmpty { return say(.damaged) }
        let count = report.systems.count + report.absent.count
        let proven = report.systems.count { $0.verdict == .proven }
        if proven == count { return count == 1 ? say(.oneProven) : say(.allProven, ["count": "\(count)"]) }
        var others = [verdicts(systems.filter { $0.verdict != .proven })].filter { !$0.isEmpty }
        if !report.absent.isEmpty {
            others.append("\(report.absent.count) \(ProofReason.neverBackedUp.text(language))")
        }
        return say(
            .someProven,
            ["proven": "\(proven)", "count": "\(count)", "others": others.joined(separator: ", ")])
    }

    /// Such as `2 failed, 1 expired`.
    private func verdicts(_ systems: [SystemStatus]) -> String {
        ProofVerdict.worstFirst.compactMap { verdict in
            let count = systems.count { $0.verdict == verdict }
            return count == 0 ? nil : "\(count) \(verdict.word(language))"
        }.joined(separator: ", ")
    }

    // MARK: Systems

    private var table: [String] {
        let systems = systems
        let shown = isAll ? systems : Array(systems.prefix(Self.systemsMax))
        let hasDataObjective = shown.contains { $0.objectives.rpo != nil }
        var columns: [Table.Column] = [
            .init(title: say(.system), widthMin: 8), .init(title: say(.verdict)),
            .init(title: say(.backup), isRight: true), .init(title: say(.drill), isRight: true, isOptional: true),
            .init(title: say(.proven), isRight: true), .init(title: say(.oldest), isRight: true),
        ]
        if hasDataObjective { columns.append(.init(title: say(.data), isRight: true, isOptional: true)) }
        columns.append(.init(title: say(.recovery), isRight: true, isOptional: true))
        columns.append(.init(title: say(.validUntil), isOptional: true))
        var table = Table(columns)
        for system in shown { table.add(row(system, hasDataObjective)) }
        var lines = table.lines(width: width)
        let left = systems.dropFirst(shown.count)
        if !left.isEmpty {
            lines.append(say(.more, ["count": "\(left.count)", "verdicts": verdicts(Array(left))]))
        }
        return lines
    }

    private func row(_ system: SystemStatus, _ hasDataObjective: Bool) -> [String] {
        let coverage = system.coverage
        let oldest = coverage.oldest.map { age($0) + (coverage.isOldestNeverProven ? " " + say(.never) : "") }
        var cells = [
            system.snapshot.system.shown, system.verdict.word(language), age(system.snapshot.time),
            system.lastProven.map { age($0.body.started) } ?? "-", "\(coverage.percent) %", oldest ?? "-",
        ]
        if hasDataObjective {
            let worst = system.worstAge(at: report.time)
            cells.append(
                worst.map { against(Amounts.span($0, language), $0, system.objectives.rpo) } ?? "-")
        }
        return cells + [recovery(system), system.lastProven.map { Units.minute($0.body.expires) } ?? "-"]
    }

    private func recovery(_ system: SystemStatus) -> String {
        guard let rto = system.measuredRTO else { return "-" }
        let time = Amounts.span(rto.seconds, language)
        // What a part took is no measure of the whole, and is not held against its objective.
        if !rto.isWhole { return "\(time) (\(say(.sampleOnly)))" }
        return against(time, rto.seconds, system.objectives.rto)
    }

    private func against(_ text: String, _ seconds: Int, _ objective: PolicySpan?) -> String {
        guard let objective else { return text }
        return "\(text) \(seconds <= objective.seconds ? "<=" : ">") \(Amounts.span(objective.seconds, language))"
    }

    /// Why, for those that are not proven; for all when there is one.
    private var reasons: [String] {
        let isOne = report.systems.count + report.absent.count == 1
        let notProven = ProofVerdict.notProven.word(language)
        let absent = report.absent.map {
            "\($0.shown): \(notProven), \(ProofReason.neverBackedUp.text(language))"
        }
        let wanted = systems.filter { isAll || $0.verdict != .proven || isOne }.map {
            "\($0.snapshot.system.shown): \($0.verdict.word(language)), \($0.why.text(language).shown)"
        }
        return Array((absent + wanted).prefix(isAll ? .max : Self.reasonsMax))
    }

    // MARK: Bytes, copies and people

    private var surroundings: [String] {
        var lines = [say(.storedBytes, ["text": hashes])]
        for copy in report.copies.prefix(isAll ? .max : Self.copiesMax) { lines.append(line(copy)) }
        let names = report.readers.map(\.shown).joined(separator: ", ")
        lines.append(names.isEmpty ? say(.nobodyReads) : say(.mayRead, ["names": names]))
        let administration = report.administration
        var orders = say(
            .orders, ["needed": "\(administration.needed)", "count": "\(administration.administrators)"])
        if administration.isOneOfOne { orders += " " + say(.oneOfOne) }
        let waiting = administration.waiting.count
        if waiting > 0 { orders += say(.ordersWait, ["count": "\(waiting)"]) }
        lines.append(orders)
        let shown = administration.cautions.prefix(isAll ? .max : Self.warningsMax)
        lines += shown.map { say(.warning, ["text": $0.text(language).shown]) }
        let more = administration.cautions.count - shown.count
        if more > 0 { lines.append(say(.moreWarnings, ["count": "\(more)"])) }
        return lines
    }

    /// How long ago this user read what is stored, without keys or with them.
    private var hashes: String {
        let hashes = report.hashAge
        guard let oldest = hashes.oldest else { return say(.neverVerified) }
        var text = say(.oldestVerified, ["age": age(oldest)])
        if hashes.neverPacks > 0 {
            text += say(
                .packsNever,
                [
                    "packs": Amounts.count(hashes.neverPacks, language),
                    "bytes": Amounts.bytes(hashes.neverBytes, language),
                ])
        }
        return text
    }

    private func line(_ copy: CopyInfo) -> String {
        let place = copy.isPresent ? PathText.readable(copy.location) : say(.notThere)
        let name = copy.marker.name.shown
        guard let completion = copy.marker.completion else {
            return say(.copy, ["name": name, "text": say(.copyNever, ["place": place])])
        }
        let behind = copy.recordsBehind ?? 0
        let state =
            behind == 0
            ? say(.upToDate)
            : behind == 1 ? say(.behindOne) : say(.behind, ["count": Amounts.count(behind, language)])
        return say(
            .copy,
            [
                "name": name,
                "text": say(.copyComplete, ["age": age(completion.time), "state": state, "place": place]),
            ])
    }
}
