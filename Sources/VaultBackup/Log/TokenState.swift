/// A token that was handed out.
public struct TokenState: Sendable, Equatable {
    /// SHA-256 of the record with which it was handed out.
    public let id: Digest
    /// Position of that record.
    public let position: Int
    /// Time of that record, by its writer's clock.
    public let time: Timestamp
    /// The administrator that wrote it.
    public let writer: MemberID
    /// What was handed out, and to whom.
    public let body: TokenBody
    /// The record with which it came back, and when; nil while it is out.
    public internal(set) var returned: Admission?

    /// Whether somebody has it.
    public var isOut: Bool { returned == nil }
}

extension RepositoryState {
    /// Tokens that are out, in the order in which they were handed out.
    public var tokensOut: [TokenState] { tokens.filter(\.isOut) }

    /// Place of the token that this record is about, while it is out.
    private func placeOut(of body: TokenBody) -> Int? {
        tokens.lastIndex { $0.isOut && $0.body.isOf(device: body.device, serial: body.serial) }
    }

    /// The condition that a TOKEN record does not meet; nil when it is effective.
    func unmetCondition(of body: TokenBody) -> UnmetCondition? {
        let holder = placeOut(of: body).map { tokens[$0].body.holder }
        switch body.action {
        case .issued:
            guard keyring.member(body.holder) != nil else { return .noHolder(body.holder) }
            return holder.map { .tokenIsOut(holder: $0) }
        case .returned: return holder == body.holder ? nil : .tokenNotOut(holder: body.holder)
        }
    }

    /// Carries out a TOKEN record whose condition is met.
    mutating func take(_ body: TokenBody, _ record: Record, _ digest: Digest) {
        switch body.action {
        case .issued:
            tokens.append(
                TokenState(
                    id: digest, position: record.position, time: record.time, writer: record.writer, body: body))
        case .returned:
            guard let place = placeOut(of: body) else { return }
            tokens[place].returned = Admission(position: record.position, time: record.time)
        }
    }
}

extension TokenState {
    func encode(into bytes: inout ByteWriter) {
        bytes.origin(id, position, time, writer)
        bytes.text(body.device)
        bytes.text(body.serial)
        bytes.raw(body.holder.bytes)
        bytes.text(body.reason)
        bytes.optional(returned?.position)
        bytes.integer(returned?.time.milliseconds ?? 0)
    }

    init(decoding reader: inout ByteReader) throws(FormatError) {
        (id, position, time, writer) = try reader.origin()
        let (device, serial) = (try reader.text(), try reader.text())
        let holder: MemberID = try reader.id()
        let reason = try reader.text()
        guard TokenBody.deviceBytes.contains(device.utf8.count), TokenBody.serialBytes.contains(serial.utf8.count),
            reason.utf8.count <= ForgetBody.reasonBytesMax
        else { throw reader.error("unknown token") }
        body = TokenBody(.issued, device: device, serial: serial, holder: holder, reason: reason)
        let place = try reader.place()
        let moment = Timestamp(milliseconds: try reader.integer())
        returned = place.map { Admission(position: $0, time: moment) }
    }
}
