internal import VaultBackup

/// Orders for people and programs.
enum OrderText {
    static let idDigits = 8

    /// Writes the orders that wait.
    static func write(_ orders: [OrderInfo], _ console: Console) throws {
        if console.isJSON {
            return try console.result("approve-list", [("orders", .array(orders.map { .object(json($0)) }))])
        }
        if orders.isEmpty { console.notice("No order waits") }
        for (number, order) in orders.enumerated() {
            if number > 0 { try console.line("") }
            for line in lines(order) { try console.line(line) }
        }
    }

    /// Writes what an approval came to.
    ///
    /// - Parameter change: what the order has changed, if it was about members or rules and is carried out.
    static func write(
        _ order: OrderInfo, _ approvals: Order.Approvals, _ change: MemberChangeReport?, _ places: [StoragePlace],
        _ console: Console
    ) throws {
        if console.isJSON {
            let after = change.map { AccessText.aftermath(of: $0, places) } ?? []
            return try console.result("approve", json(order) + ForgetText.json(approvals) + after)
        }
        if console.isQuiet { return }
        try console.line(sentence(approvals))
        // Until now nothing was changed: so who proposed it has not been told.
        if let change { try AccessText.writeAftermath(of: change, places, console) }
    }

    private static let changesShownMax = 20

    /// One order, with everything that it changes.
    static func lines(_ order: OrderInfo) -> [String] {
        let count = "\(order.approvers.count) of \(order.needed)"
        var lines = [
            "Order \(order.id.hex.prefix(idDigits)) by '\(order.writer.shown)', \(Units.minute(order.time)) UTC, "
                + "approved by \(count)"
                + (order.approvers.isEmpty ? "" : ": \(order.approvers.map(\.shown).joined(separator: ", "))")
        ]
        lines += order.changes.prefix(changesShownMax).map { "  " + $0.shown }
        if order.changes.count > changesShownMax {
            lines.append("  and \(order.changes.count - changesShownMax) more; --json lists all")
        }
        if !order.order.reason.isEmpty { lines.append("  reason: \(order.order.reason.shown)") }
        if let obstacle = order.obstacle { lines.append("  cannot be carried out now: \(obstacle.shown)") }
        return lines
    }

    /// Whether an order was carried out, and what is to be done if not.
    static func sentence(_ approvals: Order.Approvals) -> String {
        let words = ForgetText.words(approvals)
        if approvals.isCarriedOut {
            return "Done: \(words)" + (approvals.needed == 1 ? ", one administrator alone" : "")
        }
        return "Not done yet: \(words). Another administrator approves it: vault approve "
            + approvals.proposal.hex.prefix(idDigits)
    }

    static func json(_ order: OrderInfo) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("id", .string(order.id.hex)), ("record", .integer(order.position)),
            ("kind", .string(order.order.kind)), ("time", .string(order.time.description)),
            ("proposedBy", .string(order.writer)), ("reason", .string(order.order.reason)),
            ("changes", .array(order.changes.map { .string($0) })),
            ("approvedBy", .array(order.approvers.map { .string($0) })), ("approvalsNeeded", .integer(order.needed)),
        ]
        if let obstacle = order.obstacle { members.append(("obstacle", .string(obstacle))) }
        return members
    }
}
