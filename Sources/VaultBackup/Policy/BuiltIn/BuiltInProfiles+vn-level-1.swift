// Made by scripts/make-profiles from policies/profiles/vn-level-1.yaml: change that file, and run the script.
// swift-format-ignore-file

extension BuiltInProfiles {
    static let vnLevel1 = ##"""
# What level 1 of Vietnam's rules for information systems asks of backups. UNOFFICIAL.
# docs/POLICIES.md explains the keys. scripts/make-profiles builds this file into the program.

profile: vn-level-1
title: 'Vietnam, information systems of level 1 (unofficial)'
title-vi: 'Hệ thống thông tin cấp độ 1 (không chính thức)'
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
    source: 'TCVN 14423:2026, clause 3 (summary)'
    by-hand: true
  - id: 'review'
    text: 'The rules are reviewed every year'
    text-vi: 'Quy định được rà soát hằng năm'
    source: 'TCVN 14423:2026, clause 3 (summary)'
    by-hand: true
  - id: 'backup'
    text: 'Backups are made as often as the rules say; a day is assumed'
    text-vi: 'Sao lưu theo tần suất quy định; giả định mỗi ngày một lần'
    source: 'TCVN 14423:2026, clause 3 (summary)'
    backup-every: 26 hours
  - id: 'protect'
    text: 'Copies are protected against reading by others'
    text-vi: 'Bản sao lưu được bảo vệ chống truy cập trái phép'
    source: 'TCVN 14423:2026, clause 3 (summary)'
    encrypted: true
  - id: 'trial'
    text: 'Restores are tried periodically; a year is assumed'
    text-vi: 'Khôi phục thử định kỳ; giả định mỗi năm một lần'
    source: 'TCVN 14423:2026, clause 3 (summary)'
    restore-tested-within: 1 year
  - id: 'minutes'
    text: 'There are minutes of each trial restore'
    text-vi: 'Có biên bản khôi phục thử'
    source: 'TCVN 14423:2026, clause 3 (summary)'
    by-hand: true
  - id: 'account'
    text: 'Each person has an account of his own, and one can tell who restores'
    text-vi: 'Mỗi người một tài khoản, xác định được ai khôi phục dữ liệu'
    source: 'TCVN 14423:2026, clause 3 (summary)'
    access-logged: true
  - id: 'damage'
    text: 'No damage of stored data is known'
    text-vi: 'Không có lỗi dữ liệu lưu trữ đã biết'
    source: 'TCVN 14423:2026, clause 3 (summary)'
    no-damage: true
"""##
}
