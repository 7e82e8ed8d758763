// Made by scripts/make-profiles from policies/profiles/vn-level-3.yaml: change that file, and run the script.
// swift-format-ignore-file

extension BuiltInProfiles {
    static let vnLevel3 = ##"""
# What level 3 of Vietnam's rules for information systems asks of backups. UNOFFICIAL.
# docs/POLICIES.md explains the keys. scripts/make-profiles builds this file into the program.

profile: vn-level-3
title: 'Vietnam, information systems of level 3 (unofficial)'
title-vi: 'Hệ thống thông tin cấp độ 3 (không chính thức)'
version: 1
effective: '2026-08-19'
official: false
note: 'Unofficial. Made from a public summary, not from the official texts; check it against them before you rely on it.'
note-vi: 'Không chính thức. Được lập từ bản tóm tắt công khai, không phải văn bản gốc; cần đối chiếu trước khi sử dụng.'
sources:
  - 'Law 116/2025/QH15 on cybersecurity, effective 2026-07-01'
  - 'Decree 331/2026/ND-CP, effective 2026-08-19 (levels 1 to 5)'
  - 'TCVN 14423:2026 as summarised by the public repository ldphuong-vn/vn-cyber-compliance, 2026-09-24'
  - 'The official texts of the decree and of the standard were not available when this was made'
requirements:
  - id: 'rules'
    text: 'There are written rules for backup: kinds of data, frequency, method, place, trial restore'
    text-vi: 'Có quy định sao lưu bằng văn bản: loại dữ liệu, tần suất, phương pháp, nơi lưu trữ, khôi phục thử'
    source: 'TCVN 14423:2026, clause 5 (summary)'
    by-hand: true
  - id: 'review'
    text: 'The rules are reviewed every year'
    text-vi: 'Quy định được rà soát hằng năm'
    source: 'TCVN 14423:2026, clause 5 (summary)'
    by-hand: true
  - id: 'backup'
    text: 'Backups are made as often as the rules say; a day is assumed'
    text-vi: 'Sao lưu theo tần suất quy định; giả định mỗi ngày một lần'
    source: 'TCVN 14423:2026, clause 5 (summary)'
    backup-every: 26 hours
  - id: 'protect'
    text: 'Copies are protected against reading by others'
    text-vi: 'Bản sao lưu được bảo vệ chống truy cập trái phép'
    source: 'TCVN 14423:2026, clause 5 (summary)'
    encrypted: true
  - id: 'trial'
    text: 'Restores are tried periodically; a year is assumed'
    text-vi: 'Khôi phục thử định kỳ; giả định mỗi năm một lần'
    source: 'TCVN 14423:2026, clause 5 (summary)'
    restore-tested-within: 1 year
  - id: 'minutes'
    text: 'There are minutes of each trial restore'
    text-vi: 'Có biên bản khôi phục thử'
    source: 'TCVN 14423:2026, clause 5 (summary)'
    by-hand: true
  - id: '4.11.2.4'
    text: 'Backups are stored apart from the machines in operation'
    text-vi: 'Lưu trữ bản sao tách biệt với hệ thống vận hành'
    source: 'TCVN 14423:2026, 4.11.2.4 (summary)'
    backups: 2
  - id: 'versions'
    text: 'Copies are identified and have versions'
    text-vi: 'Bản sao được định danh và quản lý phiên bản'
    source: 'TCVN 14423:2026, clause 5 (summary)'
    by-hand: true
  - id: '5.11.2.3a-copies'
    text: '3-2-1: three copies of the data, the live one and two sets of backups'
    text-vi: '3-2-1: ba bản dữ liệu, gồm bản đang dùng và hai bộ sao lưu'
    source: 'TCVN 14423:2026, 5.11.2.3a (summary)'
    backups: 2
  - id: '5.11.2.3a-media'
    text: '3-2-1: two kinds of media'
    text-vi: '3-2-1: hai loại vật mang tin'
    source: 'TCVN 14423:2026, 5.11.2.3a (summary)'
    media: 2
  - id: '5.11.2.3a-offsite'
    text: '3-2-1: one copy in another place'
    text-vi: '3-2-1: một bản ở địa điểm khác'
    source: 'TCVN 14423:2026, 5.11.2.3a (summary)'
    offsite: true
  - id: '5.11.2.3b'
    text: 'Copies of important data are encrypted'
    text-vi: 'Mã hóa bản sao dữ liệu quan trọng'
    source: 'TCVN 14423:2026, 5.11.2.3b (summary)'
    encrypted: true
  - id: '5.11.2.2b'
    text: 'Backups run by themselves'
    text-vi: 'Sao lưu tự động'
    source: 'TCVN 14423:2026, 5.11.2.2b (summary)'
    backup-every: 26 hours
  - id: '5.11.2.1b'
    text: 'A central solution works when a component has failed'
    text-vi: 'Giải pháp tập trung sử dụng được khi có thành phần hỏng'
    source: 'TCVN 14423:2026, 5.11.2.1b (summary)'
    by-hand: true
  - id: 'account'
    text: 'Each person has an account of his own, and one can tell who restores'
    text-vi: 'Mỗi người một tài khoản, xác định được ai khôi phục dữ liệu'
    source: 'TCVN 14423:2026, clause 5 (summary)'
    access-logged: true
  - id: 'damage'
    text: 'No damage of stored data is known'
    text-vi: 'Không có lỗi dữ liệu lưu trữ đã biết'
    source: 'TCVN 14423:2026, clause 5 (summary)'
    no-damage: true
"""##
}
