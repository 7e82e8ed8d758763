import Foundation
import Testing

@testable import VaultBackup

/// Known answers of a second implementation (`Tests/Vectors`).
@Suite struct LogVectorTests {
    private static func cases(_ file: String) throws -> [[String: Any]] {
        let json = try JSONSerialization.jsonObject(with: vectorFile("format/\(file).json"))
        return try #require(json as? [[String: Any]])
    }

    private static func part(_ vector: [String: Any], _ name: String) -> [String: Any] {
        vector[name] as? [String: Any] ?? [:]
    }

    private static func text(_ value: Any?) throws -> String { try #require(value as? String) }

    private static func hex(_ value: Any?) throws -> [UInt8] { try #require(Hex.decode(text(value))) }

    private static func repository(_ input: [String: Any]) throws -> RepositoryID {
        try #require(RepositoryID(hex: text(input["repository"])))
    }

    @Test func json() throws {
        var counts = (accepted: 0, rejected: 0)
        for vector in try Self.cases("json") {
            let bytes = try Self.hex(Self.part(vector, "in")["json"])
            let value = try? CanonicalJSON.decode(bytes, "test")
            let isCanonical = try #require(Self.part(vector, "out")["canonical"] as? Bool)
            #expect((value != nil) == isCanonical, "\(vector["name"] ?? "")")
            if let value { #expect(CanonicalJSON.encode(value) == bytes, "\(vector["name"] ?? "")") }
            if isCanonical { counts.accepted += 1 } else { counts.rejected += 1 }
        }
        #expect(counts.accepted > 5 && counts.rejected > 20)
    }

    @Test func sets() throws {
        for vector in try Self.cases("sets") {
            let input = Self.part(vector, "in")
            if let ordinals = input["ordinals"] as? [Int] {
                let bytes = try Self.hex(vector["out"])
                #expect(PackSet(ordinals).encode() == bytes)
                #expect(try PackSet(decoding: bytes) == PackSet(ordinals))
            } else if input["ordinals"] != nil {
                let repository = try Self.repository(input)
                let placed = SnapshotBody.Packs.placing(PackSet((0..<2_100).map { $0 * 2 }), repository)
                let out = Self.part(vector, "out")
                #expect(placed.object?.name.text == out["name"] as? String)
                #expect(try placed.object?.bytes == Self.hex(out["object"]))
            } else {
                let used = try #require(input["used"] as? [[Bool]])
                let index = SecretBytes(try Self.hex(input["idx"]))
                let repository = try Self.repository(input)
                let out = Self.part(vector, "out")
                let stored = try Self.hex(out["object"])
                let object = try SegmentMapObject(decoding: stored, repository)
                let plain = try SealedBox.open(
                    object.sealed, key: index, purpose: "segment-map", repository: repository,
                    context: Self.hex(input["session"]))
                let map = SegmentMap(packs: used.map { SegmentMap.Pack(isUsed: $0) })
                #expect(try SegmentMap(decoding: plain, packCount: used.count) == map && map.encode() == plain)
                #expect(object.encode(repository) == stored && object.epoch == input["epoch"] as? Int)
            }
        }
    }

    /// Every record is read, written again to the same bytes, and effective.
    @Test func records() throws {
        var state: RepositoryState?
        for vector in try Self.cases("records") {
            let input = Self.part(vector, "in")
            let out = Self.part(vector, "out")
            let position = try #require(input["position"] as? Int)
            #expect(ObjectName.record(position).text == out["name"] as? String)
            guard let line = out["line"] as? String else { continue }
            let stored = Array(line.utf8)
            #expect(SHA256.digest(stored).hex == out["sha256"] as? String)
            let read = try SignedRecord(decoding: stored)
            #expect(read.envelope.payload == Array(try Self.text(input["payload"]).utf8))
            let signer = Signer(member: read.record.writer, seed: SecretBytes(try Self.hex(input["writerSeed"])))
            #expect(try SignedRecord(read.record, by: signer).stored == stored)
            if state == nil {
                state = try RepositoryState(genesis: stored)
            } else {
                let effect = try state?.apply(stored) { (_) throws(StorageError) in nil }
                #expect(effect == .effective, "\(vector["name"] ?? "")")
            }
        }
        #expect(state?.tokens.map(\.isOut) == [false] && state?.kitUses.count == 1)
        #expect(state?.head == 26 && state?.snapshots.count == 1 && state?.drills.count == 2)
        #expect(state?.packs.prefix(2).allSatisfy { $0.isAttested && $0.provenBy == 0 } == true)
        // The one that was moved from an attested pack counts as attested; the others are used no more.
        #expect(state?.packs.last?.isAttested == true && state?.packs.map(\.isSwept) == [true, false, false])
        #expect(state?.liveSnapshots.first?.packs == PackSet([1, 2]) && state?.liveHolds.isEmpty == true)
        #expect(state?.liveSnapshots.first?.map == SHA256.digest(Array("new map".utf8)))
    }

    @Test func rejectedSets() throws {
        var count = 0
        for vector in try Self.cases("rejects") {
            let input = Self.part(vector, "in")
            let comment = Comment(rawValue: "\(vector["name"] ?? "")")
            switch input["decoder"] as? String {
            case "pack-set":
                let bytes = try Self.hex(input["bytes"])
                #expect(throws: FormatError.self, comment) { try PackSet(decoding: bytes) }
            case "set-object":
                let bytes = try Self.hex(input["bytes"])
                let repository = try Self.repository(input)
                #expect(throws: FormatError.self, comment) { try PackSet(decodingObject: bytes, repository) }
            case "segment-map-plaintext":
                let bytes = try Self.hex(input["bytes"])
                let segments = try #require(input["segments"] as? [Int])
                let map = try? SegmentMap(decoding: bytes, packCount: segments.count)
                #expect(map == nil || map?.packs.map(\.isUsed.count) != segments, comment)
            default: continue
            }
            count += 1
        }
        #expect(count == 18)
    }

    @Test func verdicts() throws {
        #expect(try verdicts("rejects") { _, _ in } == 118)
    }

    /// Logs in which snapshots and packs come and go: two implementations agree on every record and on the end.
    @Test func stories() throws {
        let count = try verdicts("lifecycle") { state, out in
            let sets = try #require(out["sets"] as? [String]).map { try PackSet(decoding: try Self.hex($0)) }
            #expect(state.snapshots.map(\.packs) == sets.map { $0 })
            #expect(state.snapshots.map { $0.map?.hex ?? "" } == out["maps"] as? [String])
            #expect(state.liveSnapshots.map(\.id.hex) == out["live"] as? [String])
            #expect(state.liveHolds.map(\.body.snapshot.hex) == out["held"] as? [String])
            let ordinals = state.packs.indices
            #expect(ordinals.filter { state.packs[$0].isCondemned } == out["condemned"] as? [Int])
            #expect(ordinals.filter { state.packs[$0].isSwept } == out["swept"] as? [Int])
            #expect(ordinals.filter { state.packs[$0].isReplaced } == out["replaced"] as? [Int])
            let lost = ordinals.compactMap { ordinal in state.packs[ordinal].lost.map { [ordinal, $0] } }
            #expect(lost == out["lost"] as? [[Int]])
            #expect(state.snapshots.filter(\.isMended).map(\.id.hex) == out["mended"] as? [String])
            let vouchers = state.packs.map { $0.isAttested ? "*" : $0.vouchedBy?.hex ?? "" }
            #expect(vouchers == out["vouchers"] as? [String])
            #expect(try StateCache.decode(StateCache.encode(state)) == state)
        }
        #expect(count == 8)
    }

    /// Logs in which members come and go, and epochs change.
    @Test func people() throws {
        let count = try verdicts("people") { state, out in
            #expect(state.keyring.epoch == out["epoch"] as? Int)
            #expect(state.keyring.administratorQuorum == out["quorum"] as? Int)
            #expect(state.keyring.members.map(\.id.hex) == out["members"] as? [String])
            #expect(state.readKeys.keys.sorted() == Array(1...state.keyring.epoch))
            #expect(state.openSessions.allSatisfy { state.keyring.member($0.writer) != nil })
            let cached = try StateCache.decode(StateCache.encode(state))
            #expect(cached == state)
        }
        #expect(count == 8)
    }

    private func verdicts(_ topic: String, _ end: (RepositoryState, [String: Any]) throws -> Void) throws -> Int {
        var count = 0
        for vector in try Self.cases(topic) {
            let input = Self.part(vector, "in")
            guard input["decoder"] as? String == "log" else { continue }
            let lines = try #require(input["lines"] as? [String])
            let expected = try #require(Self.part(vector, "out")["verdicts"] as? [String])
            var state = try RepositoryState(genesis: Array((lines.first ?? "").utf8))
            var verdicts = ["effect"]
            for line in lines.dropFirst() {
                let effect = try state.apply(Array(line.utf8)) { (_) throws(StorageError) in nil }
                switch effect {
                case .effective, .undecided: verdicts.append("effect")
                case .void: verdicts.append("void")
                case .withoutEffect: verdicts.append("none")
                case .unknownKind: verdicts.append("unknown")
                }
            }
            #expect(verdicts == expected, "\(vector["name"] ?? ""): \(state.irregularities)")
            try end(state, Self.part(vector, "out"))
            count += 1
        }
        return count
    }
}
