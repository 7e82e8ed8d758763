// The entry points of libFuzzer. Compiled by scripts/fuzz together with the library and the targets of
// Tests/VaultBackupTests/Fuzzing, as one module, so that nothing has to be opened for it.
import Glibc

/// The target named in the environment, with the one that only this program has: the JSON that commands print.
private let target: FuzzTarget = {
    let name = getenv("VAULT_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    if name == "json-text" { return jsonText }
    guard let target = FuzzTarget.named(name) else {
        fail("VAULT_FUZZ_TARGET names no target; there are: \((FuzzTarget.all.map(\.name) + ["json-text"]).joined(separator: " "))")
    }
    return target
}()

private let jsonText = FuzzTarget(name: "json-text", seeds: { [Array("a\u{202e}b\\\"\u{7}ü".utf8), [0xff, 0xc2, 0x61]] }) {
    let line = JSON.object(JSON.path("path", $0)).text
    let isHarmless = line.unicodeScalars.allSatisfy { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
    try FuzzFinding.require(isHarmless && line.utf8.starts(with: "{\"path\":\"".utf8) && line.utf8.last == 0x7d, "not one line")
    // Every quote and backslash of the content is escaped.
    var isEscaped = false
    var quotes = 0
    for byte in line.utf8 {
        if isEscaped { isEscaped = false } else if byte == 0x5c { isEscaped = true } else if byte == 0x22 { quotes += 1 }
    }
    try FuzzFinding.require(quotes == 4 || quotes == 8, "\(quotes) quotes")
    return true
}

private func fail(_ text: String) -> Never {
    var line = text + "\n"
    line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    abort()
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        _ = try target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fail("FINDING in \(target.name): \(error)")
    }
    return 0
}

/// With VAULT_FUZZ_SEEDS the inputs that the target accepts are written to that folder first.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzInitialize(_ count: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    guard let folder = getenv("VAULT_FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
    do {
        for (number, seed) in try target.seeds().enumerated() {
            guard try target.run(seed) else { fail("seed \(number) of \(target.name) is refused") }
            guard let file = fopen("\(folder)/seed-\(number)", "w") else { fail("\(folder) cannot be written") }
            fwrite(seed, 1, seed.count, file)
            fclose(file)
        }
    } catch {
        fail("seeds of \(target.name): \(error)")
    }
    return 0
}
