// Made by scripts/make-profiles from policies/profiles/vn-archive.yaml: change that file, and run the script.
// swift-format-ignore-file

extension BuiltInProfiles {
    static let vnArchive = ##"""
# What the circulars on archive databases of Vietnam ask of backups. UNOFFICIAL.
# docs/POLICIES.md explains the keys. scripts/make-profiles builds this file into the program.

profile: vn-archive
title: 'Vietnam, archive databases (circulars 02/2019 and 05/2025, unofficial)'
title-vi: 'Cơ sở dữ liệu lưu trữ (thông tư 02/2019 và 05/2025, không chính thức)'
version: 1
effective: '2019-03-10'
official: false
note: 'Unofficial. Articles as quoted by provincial portals; whether the circular of 2019 is still in force was not checked.'
note-vi: 'Không chính thức. Các điều theo trích dẫn trên cổng thông tin tỉnh; chưa kiểm tra hiệu lực hiện hành của thông tư 2019.'
sources:
  - 'Circular 02/2019/TT-BNV, articles 8 and 10 and annexes V to VII, effective 2019-03-10'
  - 'Circular 05/2025/TT-BNV, articles 26 and 27, under Law 33/2024/QH15 on archives'
requirements:
  - id: '8-sets'
    text: 'There are two sets of backups or more'
    text-vi: 'Có từ hai bộ sao lưu trở lên'
    source: 'Circular 02/2019/TT-BNV, article 8; Circular 05/2025/TT-BNV, article 27'
    backups: 2
  - id: '8-media'
    text: 'Each set is on a medium of its own'
    text-vi: 'Mỗi bộ trên một vật mang tin độc lập'
    source: 'Circular 02/2019/TT-BNV, article 8; Circular 05/2025/TT-BNV, article 27'
    media: 2
  - id: '8-secrets'
    text: 'No archive database with state secrets is on a machine that a network reaches'
    text-vi: 'Cơ sở dữ liệu chứa bí mật nhà nước không đặt trên máy nối mạng'
    source: 'Circular 02/2019/TT-BNV, article 8'
    by-hand: true
  - id: '8-person'
    text: 'A person is named who is in charge'
    text-vi: 'Có người phụ trách được chỉ định'
    source: 'Circular 02/2019/TT-BNV, article 8'
    by-hand: true
  - id: '10-daily'
    text: 'There is a backup every day'
    text-vi: 'Sao lưu hằng ngày'
    source: 'Circular 02/2019/TT-BNV, article 10'
    backup-every: 26 hours
  - id: '10-monthly'
    text: 'There is a full backup on the first day of each month; here all stored bytes are read instead, since each snapshot is complete by itself'
    text-vi: 'Sao lưu toàn bộ vào ngày đầu tháng; ở đây thay bằng đọc kiểm tra toàn bộ vì mỗi bản chụp đều đầy đủ'
    source: 'Circular 02/2019/TT-BNV, article 10'
    verified-within: 32 days
  - id: '10-move'
    text: 'Backups move to new media every 3 years'
    text-vi: 'Chuyển sang vật mang tin mới 3 năm một lần'
    source: 'Circular 02/2019/TT-BNV, article 10'
    by-hand: true
  - id: '10-metadata'
    text: 'Descriptive metadata is saved as XML too'
    text-vi: 'Dữ liệu đặc tả được lưu cả dạng XML'
    source: 'Circular 02/2019/TT-BNV, article 10'
    by-hand: true
  - id: 'V-restore'
    text: 'Backups are checked by restoring them; a year is assumed'
    text-vi: 'Kiểm tra bản sao lưu bằng khôi phục; giả định mỗi năm một lần'
    source: 'Circular 02/2019/TT-BNV, annex V'
    restore-tested-within: 1 year
  - id: 'V-faults'
    text: 'No faulty file is known'
    text-vi: 'Không có tệp lỗi đã biết'
    source: 'Circular 02/2019/TT-BNV, annex V'
    no-damage: true
  - id: 'VI-journal'
    text: 'There is a journal of backups and there are minutes, signed'
    text-vi: 'Có nhật ký sao lưu và biên bản có chữ ký'
    source: 'Circular 02/2019/TT-BNV, annexes VI and VII'
    by-hand: true
  - id: '27-together'
    text: 'Documents are backed up and restored at the same time as the database'
    text-vi: 'Tài liệu được sao lưu, khôi phục đồng thời với cơ sở dữ liệu'
    source: 'Circular 05/2025/TT-BNV, article 27'
    by-hand: true
"""##
}
