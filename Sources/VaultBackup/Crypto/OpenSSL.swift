import COpenSSL

/// The one place where return codes of the library are judged. Every failing path drains the thread's error queue, so
/// that an old error is never reported for a later call.
enum OpenSSL {
    /// Throws unless `status` is 1, the library's only word for success.
    static func check(_ status: Int32, _ call: StaticString) throws(CryptoError) {
        guard status == 1 else { throw failure(call) }
    }

    /// Throws when the library returned no object.
    static func require<T>(_ object: T?, _ call: StaticString) throws(CryptoError) -> T {
        guard let object else { throw failure(call) }
        return object
    }

    /// What the library reports about the failed `call`, outermost reason last. Empties the error queue.
    static func failure(_ call: StaticString) -> CryptoError {
        var text = "\(call) failed"
        while case let code = ERR_get_error(), code != 0 {
            var line = [CChar](repeating: 0, count: 256)
            ERR_error_string_n(code, &line, line.count)
            text += "; " + String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        return .failed(text)
    }

    /// Empties the error queue, where the failure itself already says everything.
    static func discardErrors() { ERR_clear_error() }

    /// Overwrites memory with zeros in a way that the optimiser does not remove.
    static func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
        if let base = bytes.baseAddress { OPENSSL_cleanse(base, bytes.count) }
    }

    /// Compares without a branch on the content. The lengths are not secret.
    static func isEqual(_ l: UnsafeRawBufferPointer, _ r: UnsafeRawBufferPointer) -> Bool {
        guard l.count == r.count else { return false }
        guard let left = l.baseAddress, let right = r.baseAddress else { return true }
        return CRYPTO_memcmp(left, right, l.count) == 0
    }
}

extension UnsafeRawBufferPointer {
    /// The same address in the type that the library's functions take.
    var octets: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}

extension UnsafeMutableRawBufferPointer {
    /// The same address in the type that the library's functions take.
    var octets: UnsafeMutablePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
