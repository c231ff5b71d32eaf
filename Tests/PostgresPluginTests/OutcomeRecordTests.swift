import OrderKernel
import Testing

@testable import PostgresPlugin

@Suite("Record of outcomes")
struct OutcomeRecordTests {
    let time = Timestamp(milliseconds: 1_762_597_800_123)

    func order(_ id: Order.ID, customer: String?, status: OrderStatus = .ready) -> Order {
        Order(
            id: id, draft: OrderDraft(customerID: customer, woodType: "elm", quantity: 1_000_000), status: status,
            createdAt: Timestamp(milliseconds: -1), updatedAt: time, revision: 9)
    }

    @Test("every kind of outcome comes back as it was")
    func roundTrip() {
        let draft = OrderDraft(customerID: "c", woodType: "oak", quantity: 5, status: .blocked)
        let created = Order(id: .max, draft: draft, status: .blocked, createdAt: time, updatedAt: time, revision: 1)
        let outcomes: [WriteOutcome] = [
            .created(created), .replayed(order(1, customer: nil)), .updated(order(2, customer: "")),
            .unchanged(order(3, customer: "\u{10ffff}e\u{301}")), .refused(.unknownOrder(-4)), .refused(.keyReused),
            .refused(.revisionConflict(current: 12)), .refused(.transitionRefused(from: .ready, to: .closed)),
            .postponed,
        ]
        let writes = [Write](repeating: .create(draft, key: nil), count: outcomes.count)
        let batch = WriteBatch(writes: writes, time: time, deadline: .now, rules: .standard)
        let bytes = OutcomeRecord.bytes(outcomes)
        #expect(bytes.withUnsafeBytes { OutcomeRecord.outcomes($0, of: batch) } == outcomes)
    }

    @Test("bytes that are cut, too many or of another version are no outcomes")
    func refused() {
        let write = Write.update(3, OrderChange(status: .ready))
        let batch = WriteBatch(writes: [write], time: time, deadline: .now, rules: .standard)
        let bytes = OutcomeRecord.bytes([.updated(order(3, customer: "c"))])
        for count in 0..<bytes.count {
            #expect(bytes.prefix(count).withUnsafeBytes { OutcomeRecord.outcomes($0, of: batch) } == nil, "\(count)")
        }
        #expect((bytes + [0]).withUnsafeBytes { OutcomeRecord.outcomes($0, of: batch) } == nil)
        #expect(([2] + bytes.dropFirst()).withUnsafeBytes { OutcomeRecord.outcomes($0, of: batch) } == nil)
        #expect([1, 0, 0, 0, 0, 0, 0, 0, 0, 1].withUnsafeBytes { OutcomeRecord.outcomes($0, of: batch) } == nil)
    }
}
