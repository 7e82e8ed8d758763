/// Text that grows and holds secrets: what it leaves behind when it moves is overwritten. One thread.
final class SecretText {
    private var storage: UnsafeMutableRawBufferPointer
    private var count = 0

    /// An empty text with room for `capacity` bytes, which grows as needed.
    init(capacity: Int = 4096) { storage = .allocate(byteCount: max(capacity, 64), alignment: 16) }

    deinit {
        OpenSSL.wipe(storage)
        storage.deallocate()
    }

    /// Adds text that is no secret.
    func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a number that may be secret, in decimal digits, without making a `String` of it.
    ///
    /// - Precondition: it is not negative.
    func add(_ number: Int) {
        precondition(number >= 0, "digits only")
        if number >= 10 { add(number / 10) }
        withUnsafeBytes(of: UInt8(ascii: "0") + UInt8(number % 10)) { add($0) }
    }

    /// Adds secret bytes.
    func add(_ bytes: SecretBytes) { bytes.withUnsafeBytes { add($0) } }

    /// Adds text as content of HTML: the characters that mean something there are written as entities.
    func addEscaped(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": add("&amp;")
            case "<": add("&lt;")
            case ">": add("&gt;")
            case "\"": add("&quot;")
            default: add(String(scalar))
            }
        }
    }

    /// A copy of what was added.
    var bytes: SecretBytes { SecretBytes(copying: UnsafeRawBufferPointer(rebasing: storage[..<count])) }

    private func add(_ bytes: UnsafeRawBufferPointer) {
        if count + bytes.count > storage.count { grow(to: max(2 * storage.count, count + bytes.count)) }
        UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    private func grow(to capacity: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        OpenSSL.wipe(storage)
        storage.deallocate()
        storage = larger
    }
}
