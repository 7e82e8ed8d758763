import Testing
import VaultTestSupport

@testable import VaultBackup

/// Minutes and journal have the fields of the circular, filled with what the evidence says and nothing more.
@Suite struct FormTests {
    private func minutes(_ fixture: DrillFixture, _ language: Language) throws -> FormDocument {
        DrillMinutes.document(
            try Drills.show("latest", in: fixture.repository), in: fixture.repository, copies: [], office: FormOffice(),
            language, zone: .utc)
    }

    private func policy(_ system: String, owner: String, level: Int?) -> SystemPolicy {
        var policy = SystemPolicy(system: system)
        policy.owner = owner
        policy.level = level
        return policy
    }

    @Test func minutesOfAProvenDrill() throws {
        let fixture = try DrillFixture()
        let drill = try fixture.drill()
        let text = try minutes(fixture, .vietnamese).text()
        for field in [
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "BIÊN BẢN KIỂM TRA VÀ KHÔI PHỤC THỬ", "Thời gian: từ ",
            "Người kiểm tra: Jane (mã định danh ", "Địa điểm: ....", "Thiết bị: ", "Hệ thống, cơ sở dữ liệu: web",
            "Mã phương tiện: \(fixture.repository.id.hex.prefix(8))", "| TT ", "Nội dung tệp", "bình thường",
            "Đề xuất biện pháp khắc phục", "NGƯỜI KIỂM TRA", "ĐẠI DIỆN ĐƠN VỊ", "Đánh giá: đã chứng minh",
            "Không phát hiện mục lỗi.",
        ] {
            #expect(text.contains(field), "\(field): \(text)")
        }
        // The digest is cut by the width of the page, like every long word.
        #expect(text.replacing("\n", with: "").contains(drill.evidenceDigest.hex))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 78 } && !text.contains("LỖI"))
        #expect(!text.contains("secret-name"), "names of files are not public")
        let english = try minutes(fixture, .english).text()
        #expect(english.contains("MINUTES OF A TRIAL RESTORE") && english.contains("normal"))
        try expectWellFormed(try minutes(fixture, .vietnamese), fixture)
    }

    @Test func minutesOfAFailedDrillListWhatIsFaulty() throws {
        let fixture = try DrillFixture()
        try fixture.drill(alter: "rm big")
        let text = try minutes(fixture, .vietnamese).text()
        #expect(text.contains("LỖI") && text.contains("Đánh giá: không đạt") && text.contains("Danh sách mục lỗi"))
        #expect(text.contains("Tên tệp được bảo mật") && !text.contains("/big"))
        try expectWellFormed(try minutes(fixture, .english), fixture)
    }

    /// What compared nothing is neither normal nor faulty.
    @Test func minutesOfNothing() throws {
        let fixture = try DrillFixture("true")
        try fixture.drill()
        let text = try minutes(fixture, .english).text()
        #expect(text.contains("not proven") && text.contains("0 of 0") && text.contains("Verdict: not-proven"))
        let row = text.split(separator: "\n").first { $0.contains("Content of files") }
        #expect(row?.contains("normal") == false, "\(row ?? "")")
    }

    @Test func journalHasARowForEachBackup() throws {
        let fixture = try DrillFixture("echo web > src/file")
        try fixture.backup(system: "mail")
        func journal(_ system: String?, since: Timestamp = Timestamp(milliseconds: 0)) throws -> FormDocument {
            try BackupJournal.document(
                of: fixture.repository, since: since, system: system, copies: [], now: fixture.clock.now(),
                office: FormOffice(), .vietnamese, zone: .utc)
        }
        let text = try journal(nil).text()
        #expect(text.contains("NHẬT KÝ SAO LƯU DỮ LIỆU") && text.contains("web") && text.contains("mail"))
        let flat = text.split(separator: "\n").map { $0.split(separator: "|").map { $0.drop { $0 == " " } } }
        let methods = flat.compactMap { $0.count == 7 ? $0[3] : nil }.joined().split(separator: " ").joined(
            separator: " ")
        #expect(methods.contains("tăng dần") && methods.contains("độc lập"), "\(methods)")
        #expect(text.contains(String(fixture.repository.id.hex.prefix(8))) && text.contains("đầy đủ"))
        #expect(try !journal("web").text().contains("mail"))
        #expect(try journal("web", since: fixture.clock.now()).text().contains("Không có lần sao lưu nào"))
        #expect(thrownCode { _ = try journal("none") } == .usage)
        try expectWellFormed(try journal(nil), fixture)
    }

    /// Old and new medium, and what a policy says of the unit; what only a person knows is a dotted line.
    @Test func minutesOfABackup() throws {
        let fixture = try DrillFixture("echo web > src/file")
        let policies = [policy("web", owner: "Phường 5 <b>", level: 3), policy("mail", owner: "Phường 6", level: 2)]
        func minutes(_ name: String, _ office: FormOffice) throws -> FormDocument {
            try BackupMinutes.document(
                of: name, in: fixture.repository, copies: [], office: office, .vietnamese, zone: .utc)
        }
        let office = FormOffice(policies, system: "web")
        let first = try minutes("latest:web", office)
        let text = first.text()
        for field in [
            "ĐƠN VỊ: Phường 5 <b>", "BIÊN BẢN SAO LƯU DỮ LIỆU", "Thời gian: từ ", "Bên thực hiện: web1",
            "Chức vụ, đơn vị: ....", "Địa điểm: ....", "Hệ thống, cơ sở dữ liệu: web", "Cấp độ của hệ thống: 3",
            "Tên cơ sở dữ liệu: ....", "Mã phương tiện cũ: không có",
            "Mã phương tiện mới: \(fixture.repository.id.hex.prefix(8))", "Phương pháp: tăng dần", "Kết quả: đầy đủ",
            "NGƯỜI THỰC HIỆN", "ĐẠI DIỆN ĐƠN VỊ",
        ] {
            #expect(text.contains(field), "\(field): \(text)")
        }
        let snapshot = try #require(fixture.repository.state.snapshots.last)
        #expect(text.replacing("\n", with: "").contains(snapshot.id.hex))
        #expect(String(decoding: first.html(), as: UTF8.self).contains("Phường 5 &lt;b&gt;"))
        try expectWellFormed(first, fixture)

        try fixture.backup(system: "web")
        let second = try minutes("latest", FormOffice(policies, system: nil)).text()
        #expect(second.contains("Mã phương tiện cũ: \(fixture.repository.id.hex.prefix(8))"), "\(second)")
        #expect(second.contains("ĐƠN VỊ: ....") && !second.contains("Cấp độ"), "two units have no name in common")
        #expect(thrownCode { _ = try minutes("latest:none", office) } == .usage)
    }

    @Test func longWordsAreCut() {
        #expect(FormDocument.wrapped("a bb ccc", 4) == ["a bb", "ccc"])
        #expect(FormDocument.wrapped("abcdefghij k", 4) == ["abcd", "efgh", "ij k"])
        #expect(FormDocument.wrapped("", 4) == [""])
    }

    private func expectWellFormed(_ document: FormDocument, _ fixture: DrillFixture) throws {
        let file = fixture.path + "/form.html"
        try AtomicFile.write(Array(file.utf8), document.html())
        let checked = try #require(runProgram(["xmllint", "--noout", "--nonet", file]))
        #expect(checked.status == 0, "\(checked.output.prefix(500))")
    }
}
