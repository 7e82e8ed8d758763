/// The texts of the printed recovery kit.
enum KitPhrase: PhraseTable {
    case title, subtitle, warning, printed
    case fieldSealed, fieldPlace, fieldPerson, fieldSecond, fieldProgram
    case kitHeading, kitLines, kitRows, kitAnchor, kitHead, qrTitle
    case stepsHeading, stepMachine, stepProgram, stepRepository, stepTyped, stepScanned, stepRestore, stepVerify
    case stepAfter
    case answersHeading, answerRow, answerPlace, answerOther, answerOlder, answerDamage
    case limitsHeading, limitRollback, limitReprint, limitRevocation, limitProgram

    var phrase: Phrase {
        switch self {
        case .title: Phrase(en: "Recovery kit", vi: "Bộ khôi phục")
        case .subtitle:
            Phrase(
                en: "for the backups in the repository {repository}",
                vi: "dùng cho các bản sao lưu trong kho sao lưu {repository}")
        case .warning:
            Phrase(
                en: """
                    Whoever has this paper can read every backup in this repository, without a passphrase. Keep it in \
                    a safe, away from the backups. Make no copy, take no picture, and leave no file of it on a computer.
                    """,
                vi: """
                    Ai có tờ giấy này đều đọc được mọi bản sao lưu trong kho mà không cần mật khẩu. Hãy cất trong két \
                    sắt, tách biệt với nơi để các bản sao lưu. Không sao chép, không chụp ảnh, không để lại tệp nào \
                    của tờ giấy này trên máy tính.
                    """)
        case .printed:
            Phrase(
                en: "Printed on {date} at {time} UTC by vault {version}.",
                vi: "In ngày {date} lúc {time} (giờ UTC) bằng vault {version}.")
        case .fieldSealed: Phrase(en: "Sealed on, and by", vi: "Ngày và người niêm phong")
        case .fieldPlace: Phrase(en: "Kept at", vi: "Nơi cất giữ")
        case .fieldPerson: Phrase(en: "Person in charge, telephone", vi: "Người phụ trách, điện thoại")
        case .fieldSecond: Phrase(en: "Second person, telephone", vi: "Người thay thế, điện thoại")
        case .fieldProgram: Phrase(en: "Where the program is kept", vi: "Nơi lưu chương trình vault")
        default: instruction
        }
    }

    private var instruction: Phrase {
        switch self {
        case .kitHeading: Phrase(en: "The kit", vi: "Nội dung bộ khôi phục")
        case .kitLines:
            Phrase(
                en: "These lines are the kit. The QR code on the printed page holds the same.",
                vi: "Các dòng này chính là bộ khôi phục. Mã QR trên trang in chứa đúng nội dung đó.")
        case .kitRows:
            Phrase(
                en: """
                    For typing: each row has eight letters and digits of the seed, then two check letters. The digits \
                    0, 1, 8 and 9 do not occur: what looks like them is O, I or L, B.
                    """,
                vi: """
                    Để gõ tay: mỗi dòng gồm tám chữ cái và chữ số của mã gốc (seed), tiếp theo là hai ký tự kiểm tra. \
                    Không có các chữ số 0, 1, 8 và 9: trông giống thế thì đó là chữ O, chữ I hoặc L, chữ B.
                    """)
        case .kitAnchor:
            Phrase(
                en: "The anchor tells the right repository from any other; its first half is enough:",
                vi: "Mã neo (anchor) dùng để nhận ra đúng kho sao lưu; chỉ cần gõ nửa đầu:")
        case .kitHead:
            Phrase(
                en: "The head is how far the log of the repository went when this was printed:",
                vi: "Đầu nhật ký (head) cho biết nhật ký của kho đã đến đâu vào lúc in:")
        case .qrTitle: Phrase(en: "Recovery kit as a QR code", vi: "Mã QR của bộ khôi phục")
        case .stepsHeading: Phrase(en: "When the server is gone", vi: "Khi máy chủ không còn")
        case .stepMachine:
            Phrase(
                en: """
                    Take a machine with Debian 12 or newer and enough space for what comes back. Become root and \
                    install three libraries (in Debian 13 the first is called libssl3t64):
                    """,
                vi: """
                    Lấy một máy chạy Debian 12 trở lên, còn đủ dung lượng cho dữ liệu được khôi phục. Đăng nhập với \
                    quyền root và cài ba thư viện (trên Debian 13 thư viện đầu tên là libssl3t64):
                    """)
        case .stepProgram:
            Phrase(
                en:
                    "Copy the program, which is the one file 'vault', from where it is kept (see above), and install it:",
                vi: "Chép chương trình, chỉ gồm một tệp 'vault', từ nơi lưu (ghi ở trên) rồi cài đặt:")
        case .stepRepository:
            Phrase(
                en: "Connect the disk or the network folder with the repository. When this was printed, it was at:",
                vi: "Kết nối ổ đĩa hoặc thư mục mạng chứa kho sao lưu. Lúc in tờ này, kho nằm ở:")
        case .stepTyped:
            Phrase(
                en: """
                    Type the kit in. The program asks for the place of the repository, the anchor, the head and each \
                    row, and says at once which row is wrong. Then choose a passphrase for this machine:
                    """,
                vi: """
                    Gõ bộ khôi phục vào. Chương trình lần lượt hỏi nơi để kho, mã neo, đầu nhật ký và từng dòng, và \
                    báo ngay dòng nào sai. Sau đó đặt một mật khẩu mới cho máy này:
                    """)
        case .stepScanned:
            Phrase(
                en: """
                    Or let a scanner read the QR code (Debian package zbar-tools), and destroy the picture \
                    afterwards:
                    """,
                vi: "Hoặc quét mã QR (gói zbar-tools của Debian), xong phải xóa tệp ảnh:")
        case .stepRestore:
            Phrase(
                en: "Look which backups there are, and bring the latest back into an empty directory:",
                vi: "Xem có những bản sao lưu nào, rồi khôi phục bản mới nhất vào một thư mục trống:")
        case .stepVerify:
            Phrase(en: "Check all that is stored:", vi: "Kiểm tra toàn bộ dữ liệu đã lưu:")
        case .stepAfter:
            Phrase(
                en: "Put the paper back into the safe, and note who used it and when.",
                vi: "Cất tờ giấy trở lại két sắt, ghi lại ai đã sử dụng và vào lúc nào.")
        default: answer
        }
    }

    private var answer: Phrase {
        switch self {
        case .answersHeading: Phrase(en: "What the program may answer", vi: "Nếu chương trình báo")
        case .answerRow:
            Phrase(
                en:
                    "Exit status 12, a row or the checksum is wrong: compare that row with the paper, letter by letter.",
                vi: "Mã thoát 12, một dòng hoặc tổng kiểm tra sai: so lại dòng đó với tờ giấy, từng ký tự một.")
        case .answerPlace:
            Phrase(
                en:
                    "Exit status 10, no repository: the disk is not connected, or it is at another place; give it with -r DIR.",
                vi: "Mã thoát 10, không thấy kho: ổ đĩa chưa kết nối hoặc nằm ở nơi khác; chỉ rõ bằng -r THƯ-MỤC.")
        case .answerOther:
            Phrase(
                en: """
                    Exit status 12, another anchor or not a member: what is there is not the repository of this paper. \
                    Do not trust it. Look for the right disk, or the right paper.
                    """,
                vi: """
                    Mã thoát 12, mã neo khác hoặc không phải thành viên: đó không phải là kho của tờ giấy này. Không \
                    được tin dữ liệu ở đó. Hãy tìm đúng ổ đĩa hoặc đúng tờ giấy.
                    """)
        case .answerOlder:
            Phrase(
                en: """
                    Exit status 14, older than the paper: somebody put an old copy in its place, or this is an old \
                    disk. Call the person in charge, and look for a newer copy. If there is none, add --accept-older.
                    """,
                vi: """
                    Mã thoát 14, kho cũ hơn tờ giấy: có người đã thay bằng một bản cũ, hoặc đây là một ổ đĩa cũ. Hãy gọi \
                    người phụ trách và tìm bản mới hơn. Nếu không còn bản nào khác, thêm --accept-older.
                    """)
        case .answerDamage:
            Phrase(
                en: """
                    Exit status 23, damage: what is whole comes back, and each file that is lost is named. Look for a \
                    second copy of the repository.
                    """,
                vi: """
                    Mã thoát 23, có hư hỏng: phần còn nguyên vẫn khôi phục được, từng tệp bị mất đều được nêu tên. Hãy \
                    tìm bản thứ hai của kho.
                    """)
        case .limitsHeading: Phrase(en: "What this paper cannot do", vi: "Những điều tờ giấy này không làm được")
        case .limitRollback:
            Phrase(
                en: """
                    It knows the repository only up to its printing. Whether the repository was put back to a state \
                    after that, it cannot tell: compare the time of the latest backup with the one that you expect.
                    """,
                vi: """
                    Tờ giấy chỉ biết kho sao lưu đến lúc in. Nếu kho bị đưa về một trạng thái sau thời điểm đó thì tờ \
                    giấy không phát hiện được: hãy so giờ của bản sao lưu mới nhất với thời điểm đúng ra phải có.
                    """)
        case .limitReprint:
            Phrase(
                en: "Print it again from time to time, at least once a year, and destroy the old paper:",
                vi: "Thỉnh thoảng in lại, ít nhất mỗi năm một lần, và hủy tờ cũ:")
        case .limitRevocation:
            Phrase(
                en: """
                    A new print is the same key. If a stranger has seen the paper, revoke it with your own identity: \
                    'vault recovery-kit replace'. It then opens nothing that is written later, but still what is there.
                    """,
                vi: """
                    Bản in lại vẫn là cùng một khóa. Nếu người lạ đã thấy tờ giấy, hãy dùng danh tính của bạn để thu \
                    hồi: 'vault recovery-kit replace'. Nó không mở được dữ liệu ghi sau đó, nhưng vẫn mở được dữ liệu cũ.
                    """)
        case .limitProgram:
            Phrase(
                en: """
                    If the program is lost: docs/FORMAT.md in its sources defines every stored byte, and \
                    vault_reader.py restores with Python and a text file of the five lines alone.
                    """,
                vi: """
                    Nếu không còn chương trình: tài liệu docs/FORMAT.md trong mã nguồn mô tả từng byte được lưu, và \
                    vault_reader.py khôi phục chỉ cần Python cùng một tệp văn bản chứa năm dòng ở trên.
                    """)
        default: preconditionFailure("each text stands in one of the three parts")
        }
    }
}
