/// Sizes of content-defined chunks (`docs/FORMAT.md`, section 7), in bytes.
public struct CutParameters: Sendable, Equatable {
    /// Where the chance of a cut rises; about the mean size.
    public let average: Int
    /// No chunk but the last of its input is smaller.
    public var minimum: Int { average / 4 }
    /// No chunk is larger.
    public var maximum: Int { average * 4 }

    /// Sizes around `average`; nil unless it is a power of two from 2,048 to 4,194,304.
    public init?(average: Int) {
        guard average >= 2_048, average <= 4_194_304, average & (average - 1) == 0 else { return nil }
        self.average = average
    }
}

/// Finds the cut points of a byte stream.
///
/// A rolling Gear sum over 64 bytes proposes candidates (its top eight bits are zero, one position in 256); SipHash-2-4
/// of the same 64 bytes under an independent key decides. What an observer learns from chunk sizes is therefore the
/// output of a keyed pseudo-random function, not a linear equation in the Gear table: see "Breaking and Fixing
/// Content-Defined Chunking" (2025). The thresholds are normalised as in FastCDC (Xia et al., 2016): cuts are rare
/// before the average and frequent after it.
public final class Cutter: @unchecked Sendable {
    // Unchecked because of the table pointer: it is written in init only and read afterwards.
    private let gear: UnsafeMutablePointer<UInt64>
    private let k0, k1: UInt64
    /// The sizes in force.
    public let parameters: CutParameters
    private let thresholdBefore: UInt64
    private let thresholdAfter: UInt64

    /// A cutter with the 256 words of a secret Gear table and a secret SipHash key.
    public init(parameters: CutParameters, gearTable: [UInt64], sipKey: (UInt64, UInt64)) {
        precondition(gearTable.count == 256, "a Gear table has 256 words")
        gear = .allocate(capacity: 256)
        gear.initialize(from: gearTable, count: 256)
        (k0, k1) = sipKey
        self.parameters = parameters
        let logarithm = UInt64(parameters.average.trailingZeroBitCount)
        thresholdBefore = 1 << (70 - logarithm)
        thresholdAfter = 1 << (74 - logarithm)
    }

    deinit { gear.deallocate() }

    /// Length of the first chunk of `input`; nil when more input is needed to tell, which is never so when `isEnd` or
    /// when there are `parameters.maximum` bytes.
    public func firstCut(in input: UnsafeRawBufferPointer, isEnd: Bool) -> Int? {
        let limit = min(input.count, parameters.maximum)
        if let base = input.baseAddress, limit > parameters.minimum {
            var sum: UInt64 = 0
            let start = parameters.minimum - 64
            // After 64 steps the sum depends on the last 64 bytes only.
            for k in start..<parameters.minimum {
                sum = sum << 1 &+ gear[Int(base.load(fromByteOffset: k, as: UInt8.self))]
            }
            if isCut(base, parameters.minimum, sum, thresholdBefore) { return parameters.minimum }
            let middle = min(limit, parameters.average - 1)
            if let cut = scan(base, parameters.minimum, middle, &sum, thresholdBefore) { return cut }
            if let cut = scan(base, middle, limit, &sum, thresholdAfter) { return cut }
        }
        if limit == parameters.maximum { return limit }
        return isEnd && limit > 0 ? limit : nil
    }

    @inline(__always)
    private func isCut(_ base: UnsafeRawPointer, _ end: Int, _ sum: UInt64, _ threshold: UInt64) -> Bool {
        sum >> 56 == 0 && SipHash.hash64(base + (end - 64), k0, k1) < threshold
    }

    /// Takes in the bytes `from ..< to` one by one and returns the first length at which to cut.
    @inline(__always)
    private func scan(
        _ base: UnsafeRawPointer, _ from: Int, _ to: Int, _ sum: inout UInt64, _ threshold: UInt64
    ) -> Int? {
        var rolling = sum
        var position = from
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        let gear = gear
        // Two bytes a step: the sum after the first is not waited for by the next step, so the chain of instructions that
        // depend on each other is half as long.
        while position + 1 < to {
            let first = gear[Int(bytes[position])]
            let between = rolling << 1 &+ first
            rolling = rolling << 2 &+ (first << 1 &+ gear[Int(bytes[position + 1])])
            position += 2
            if min(between, rolling) >> 56 == 0 {
                let before = position - 1
                if between >> 56 == 0, SipHash.hash64(base + (before - 64), k0, k1) < threshold { return before }
                if rolling >> 56 == 0, SipHash.hash64(base + (position - 64), k0, k1) < threshold { return position }
            }
        }
        if position < to {
            rolling = rolling << 1 &+ gear[Int(bytes[position])]
            position += 1
            if rolling >> 56 == 0, SipHash.hash64(base + (position - 64), k0, k1) < threshold { return position }
        }
        sum = rolling
        return nil
    }
}
