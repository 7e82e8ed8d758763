import Testing

@testable import VaultBackup

@Suite struct SecretBytesTests {
    private struct Refusal: Error {}

    @Test func holdsWhatItWasGiven() {
        let secret = SecretBytes([1, 2, 3, 4, 5])
        #expect(secret.count == 5)
        #expect(secret.array == [1, 2, 3, 4, 5])
        #expect(secret.slice(1..<4).array == [2, 3, 4])
        #expect(secret.slice(5..<5).count == 0)
        #expect(SecretBytes.concatenate([secret, SecretBytes([]), SecretBytes([9])]).array == [1, 2, 3, 4, 5, 9])
        #expect(SecretBytes.concatenate([]).count == 0)
        #expect([7, 8].withUnsafeBytes { SecretBytes(copying: $0) }.count == 2 * MemoryLayout<Int>.size)
        #expect(SecretBytes(count: 4) { _ in }.array == [0, 0, 0, 0])
    }

    @Test func comparesContentAndLength() {
        let secret = SecretBytes([1, 2, 3])
        #expect(secret.isEqual(to: SecretBytes([1, 2, 3])))
        #expect(!secret.isEqual(to: SecretBytes([1, 2, 4])))
        #expect(!secret.isEqual(to: SecretBytes([1, 2])))
        #expect(SecretBytes([]).isEqual(to: SecretBytes([])))
    }

    @Test func anErrorOfTheFillerIsThrownOn() {
        #expect(throws: Refusal.self) { try SecretBytes(count: 16) { _ in throw Refusal() } }
    }

    @Test func wipingLeavesZeros() {
        var bytes = [UInt8](repeating: 0xaa, count: 100)
        bytes.withUnsafeMutableBytes { OpenSSL.wipe(UnsafeMutableRawBufferPointer(rebasing: $0[10..<90])) }
        #expect(bytes[..<10].allSatisfy { $0 == 0xaa })
        #expect(bytes[10..<90].allSatisfy { $0 == 0 })
        #expect(bytes[90...].allSatisfy { $0 == 0xaa })
    }

    @Test func describingItShowsNothing() {
        let text =
            "\(SecretBytes(Array("open sesame".utf8)))" + String(reflecting: SecretBytes(Array("open sesame".utf8)))
        #expect(!text.contains("sesame"))
        #expect(!text.contains("111"))
    }
}
