import Testing
import VaultTestSupport

@testable import VaultBackup

/// Every text of reports is there in both languages.
@Suite struct ReportPhraseTests {
    @Test func phrasesAreComplete() {
        #expect(complaints(ReportPhrase.self) == [])
        #expect(complaints(ReportDetailPhrase.self) == [])
        #expect(complaints(FindingPhrase.self) == [])
        #expect(complaints(FormPhrase.self, sameInAll: ["number"]) == [])
        #expect(complaints(CheckPhrase.self) == [])
        #expect(complaints(SkipPhrase.self) == [])
        #expect(complaints(RolePhrase.self) == [])
        #expect(complaints(ProofPhrase.self) == [])
        #expect(complaints(MemberPhrase.self) == [])
        #expect(complaints(DamagePhrase.self) == [])
        #expect(complaints(RejectionPhrase.self) == [])
    }

    /// What is wrong is said in the reader's language, down to the reason.
    @Test func faultsAreInTheLanguage() {
        let missing = Irregularity(position: 3, kind: .missingRecord, reason: DamagePhrase.missing.text(.english))
        #expect(
            missing.sentence(.english)
                == "Record 3 of the log is damaged: the record is missing, but there are later ones")
        #expect(
            missing.sentence(.vietnamese)
                == "Bản ghi 3 trong nhật ký bị hư hỏng: thiếu bản ghi này dù có các bản ghi sau nó")
        let reason = ProofReason.evidenceRejected(.differs("scope"))
        #expect(
            reason.text(.english)
                == "the evidence of the last drill does not count: its scope is not that of the record and the snapshot"
        )
        #expect(!reason.text(.vietnamese).contains("its"))
    }

    /// What a drill can check or leave out, and what a member may do, has a word.
    @Test func wordsOfOthersAreThere() {
        for role in Role.allCases { #expect(RolePhrase(rawValue: role.rawValue) != nil, "\(role)") }
        for reason in DrillSkip.allCases { #expect(SkipPhrase(rawValue: reason.rawValue) != nil, "\(reason)") }
        for check in DrillCheck.Name.allCases { #expect(CheckPhrase(rawValue: check.rawValue) != nil, "\(check)") }
        for verdict in DrillVerdict.allCases { #expect(verdict.word(.english) == verdict.rawValue) }
        for verdict in ProofVerdict.allCases { #expect(verdict.word(.english) == verdict.rawValue) }
    }

    @Test func amountsAreThoseOfTheLanguage() {
        #expect(Amounts.count(1_234_567, .vietnamese) == "1.234.567" && Amounts.count(-1_000) == "-1,000")
        #expect(Amounts.bytes(1_536, .vietnamese) == "1,5 KiB" && Amounts.bytes(1_536) == "1.5 KiB")
        #expect(Amounts.span(59, .english) == "59 s" && Amounts.span(3 * 86_400, .vietnamese) == "3 ngày")
        #expect(Amounts.span(-1, .english) == "-" && Amounts.span(2 * 86_400 - 1, .english) == "47 h")
        #expect(Amounts.duration(milliseconds: 7_500_000, .vietnamese) == "2 giờ 5 phút")
        #expect(Amounts.duration(milliseconds: 26 * 3_600_000, .english) == "26 h 0 min")
        #expect(Amounts.duration(milliseconds: 2 * 86_400_000, .english) == "2 d 0 h")
        #expect(Amounts.duration(milliseconds: -1, .english) == "0.0 s")
        #expect(Amounts.words(3 * 86_400, .vietnamese) == "3 ngày" && Amounts.words(129_600, .english) == "36 hours")
        #expect(Amounts.words(7_201, .english) == "3 hours" && Amounts.words(-5, .english) == "1 minute")
        let time = Timestamp("2026-11-26T20:05:59.000Z") ?? Timestamp(milliseconds: 0)
        let hanoi = TimeZoneOffsets { _ in 7 * 3_600 }
        #expect(Amounts.minute(time, hanoi, .vietnamese) == "27/11/2026 03:05")
        #expect(Amounts.minute(time, .utc, .english) == "2026-11-26 20:05")
    }

    @Test func drawingsStaySmall() {
        let end = Timestamp("2026-11-26T00:00:00.000Z") ?? Timestamp(milliseconds: 0)
        for days in [1, 2, 40, 90, 730, 36_500] as [Int64] {
            let start = Timestamp(milliseconds: end.milliseconds - days * 86_400_000)
            let axis = TimeAxis(start, end, .utc)
            #expect(axis.marks.count <= 13 && axis.x(start) == 0 && axis.x(end) == TimeAxis.width)
            let gaps = (1...days * 4).map { step in
                (end: Timestamp(milliseconds: start.milliseconds + step * 21_600_000), seconds: Int(step))
            }
            let worst = PlotDrawing.worst(gaps, axis)
            #expect(worst.count <= 140 && worst.map(\.seconds).max() == Double(days * 4), "the worst is always there")
        }
        // Nothing that a clock says breaks a drawing.
        let axis = TimeAxis(end, end, .utc)
        #expect(axis.x(Timestamp(milliseconds: 0)) == 0 && axis.x(Timestamp(milliseconds: .max)) == TimeAxis.width)
        #expect(TimeAxis.number(.nan) == "0" && TimeAxis.number(-0.04) == "0" && TimeAxis.number(12.36) == "12.4")
    }
}
