import OrderKernel
import Testing

@Suite("TransportEnd")
struct TransportEndTests {
    @Test(
        "a result makes of a run what the exit codes say",
        arguments: [
            (ProblemCode.invalidOrder, TransportEnd.someRefused), (.unauthorized, .someRefused),
            (.rateLimited, .someRefused), (.internal, .internalError), (.storageUnavailable, .unavailable),
            (.outcomeUnknown, .unavailable), (.overloaded, .unavailable), (.deadlineExceeded, .unavailable),
        ])
    func problems(code: ProblemCode, end: TransportEnd) {
        #expect(TransportEnd(of: .problem(Problem(code, "It is so."))) == end)
    }

    @Test("replies are complete")
    func replies() {
        let order = Order(
            id: 1, draft: OrderDraft(customerID: "c", woodType: "oak", quantity: 1, status: .ready), status: .ready,
            createdAt: Timestamp(milliseconds: 0), updatedAt: Timestamp(milliseconds: 0), revision: 1)
        for reply in [Reply.created(order), .replayed(order), .notModified(order), .updated(order)] {
            #expect(TransportEnd(of: .reply(reply)) == .complete)
        }
    }
}
