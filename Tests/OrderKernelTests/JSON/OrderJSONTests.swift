import OrderKernel
import Testing

@Suite("Orders in JSON")
struct OrderJSONTests {
    @Test("an order is written with its members in the order they always have")
    func orderBytes() {
        let draft = OrderDraft(customerID: "cust_\"1\"", woodType: "oak", quantity: 5)
        let order = Order(
            id: 7, draft: draft, status: .ready, createdAt: Timestamp(milliseconds: 1_762_597_800_000),
            updatedAt: Timestamp(milliseconds: 1_762_597_800_042), revision: 2)
        #expect(
            String(decoding: order.json, as: UTF8.self) == #"""
                {"id":7,"customer_id":"cust_\"1\"","wood_type":"oak","quantity":5,"status":"ready",\#
                "created_at":"2025-11-08T10:30:00.000Z","updated_at":"2025-11-08T10:30:00.042Z","revision":2}
                """#)
    }

    @Test("a draft is read whatever the order and spelling of its members")
    func draft() throws {
        let text = #" {"quantity":5,"wood\u005ftype":"oak","customer_id":"cüst" , "status":"ready"}"#
        let draft = try decode(text)
        #expect(draft == OrderDraft(customerID: "cüst", woodType: "oak", quantity: 5, status: .ready))
    }

    private func decode(_ text: String) throws -> OrderDraft {
        var text = text
        return try text.withUTF8 { try OrderDraft.decode(UnsafeRawBufferPointer($0), rules: .standard) }
    }
}
