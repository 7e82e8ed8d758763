// Made by scripts/make-profiles from policies/profiles/cis-11.yaml: change that file, and run the script.
// swift-format-ignore-file

extension BuiltInProfiles {
    static let cis11 = ##"""
# What control 11 of the CIS Controls asks of backups, in our words.
# docs/POLICIES.md explains the keys. scripts/make-profiles builds this file into the program.

profile: cis-11
title: 'CIS Controls v8, control 11: data recovery'
title-vi: 'CIS Controls v8, kiểm soát 11: khôi phục dữ liệu'
version: 1
effective: '2021-05-18'
official: false
note: 'In our words; the wording that counts is that of the Center for Internet Security.'
note-vi: 'Diễn đạt lại; văn bản có giá trị là của Center for Internet Security.'
sources:
  - 'CIS Critical Security Controls, version 8, control 11 (https://www.cisecurity.org/controls/data-recovery)'
requirements:
  - id: '11.1'
    text: 'The way of recovery is written down and reviewed every year'
    text-vi: 'Quy trình khôi phục được văn bản hóa và rà soát hằng năm'
    source: 'CIS Controls v8, 11.1'
    by-hand: true
  - id: '11.2'
    text: 'Backups run by themselves every week or more often'
    text-vi: 'Sao lưu tự động hằng tuần hoặc thường xuyên hơn'
    source: 'CIS Controls v8, 11.2'
    backup-every: 1 week
  - id: '11.3-encryption'
    text: 'Backups are protected as well as the data: encryption'
    text-vi: 'Bảo vệ bản sao như dữ liệu gốc: mã hóa'
    source: 'CIS Controls v8, 11.3'
    encrypted: true
  - id: '11.3-access'
    text: 'Backups are protected as well as the data: who reads is on record'
    text-vi: 'Bảo vệ bản sao như dữ liệu gốc: ghi nhật ký truy cập'
    source: 'CIS Controls v8, 11.3'
    access-logged: true
  - id: '11.4'
    text: 'An isolated copy is off-line, unchangeable, or in another place'
    text-vi: 'Có bản sao cách ly: ngoại tuyến, không thể sửa đổi hoặc ở nơi khác'
    source: 'CIS Controls v8, 11.4'
    offline: true
  - id: '11.5'
    text: 'Recovery of a sample is tested every quarter or more often'
    text-vi: 'Kiểm tra khôi phục mẫu hằng quý hoặc thường xuyên hơn'
    source: 'CIS Controls v8, 11.5'
    restore-tested-within: 3 months
"""##
}
