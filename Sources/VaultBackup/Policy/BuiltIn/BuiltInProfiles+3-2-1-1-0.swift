// Made by scripts/make-profiles from policies/profiles/3-2-1-1-0.yaml: change that file, and run the script.
// swift-format-ignore-file

extension BuiltInProfiles {
    static let rule32110 = ##"""
# The rule 3-2-1-1-0.
# docs/POLICIES.md explains the keys. scripts/make-profiles builds this file into the program.

profile: 3-2-1-1-0
title: '3-2-1-1-0'
title-vi: 'Quy tắc 3-2-1-1-0'
version: 1
official: false
note: 'A rule of thumb of the trade, not a standard.'
note-vi: 'Quy tắc thực hành phổ biến, không phải tiêu chuẩn.'
sources:
  - 'Common practice: 3 copies, 2 media, 1 off-site, 1 off-line or unchangeable, 0 errors after a restore that was checked'
requirements:
  - id: '3'
    text: 'Three copies of the data: the live one and two sets of backups'
    text-vi: 'Ba bản dữ liệu: bản đang dùng và hai bộ sao lưu'
    backups: 2
  - id: '2'
    text: 'Two kinds of media'
    text-vi: 'Hai loại vật mang tin'
    media: 2
  - id: '1-offsite'
    text: 'One copy in another building'
    text-vi: 'Một bản ở địa điểm khác'
    offsite: true
  - id: '1-offline'
    text: 'One copy off-line or unchangeable'
    text-vi: 'Một bản ngoại tuyến hoặc không thể sửa đổi'
    offline: true
  - id: '0-restore'
    text: 'No error in a restore that was checked; a quarter is assumed'
    text-vi: 'Không lỗi khi khôi phục có kiểm tra; giả định mỗi quý'
    restore-tested-within: 3 months
  - id: '0-coverage'
    text: 'What was checked is all of it'
    text-vi: 'Đã kiểm tra toàn bộ dữ liệu'
    coverage: 100
  - id: '0-damage'
    text: 'No damage is known'
    text-vi: 'Không có lỗi đã biết'
    no-damage: true
"""##
}
