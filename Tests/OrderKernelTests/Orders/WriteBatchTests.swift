import Testing

@testable import OrderKernel

@Suite("What a write does")
struct WriteBatchTests {
    let early = Timestamp(milliseconds: 1_000)
    let late = Timestamp(milliseconds: 2_000)
    let oak = OrderDraft(customerID: "c", woodType: "oak", quantity: 5)
    let key = IdempotencyKey(principal: "", text: "k")

    func effects(
        _ writes: [Write], on rows: CurrentRows = CurrentRows(), rules: OrderRules = .standard, nextID: Order.ID = 1
    ) -> WriteEffects {
        WriteBatch(writes: writes, time: late, deadline: .now, rules: rules).effects(on: rows, nextID: nextID)
    }

    /// Rows with one order, created early.
    func rows(_ id: Order.ID = 1, _ draft: OrderDraft? = nil) -> CurrentRows {
        var rows = CurrentRows()
        rows.orders[id] = Order(id: id, draft: draft ?? oak, at: early)
        return rows
    }

    @Test("a create takes the next id, with revision 1 and both times equal")
    func create() {
        let effects = effects([.create(oak, key: nil), .create(oak, key: nil)], nextID: 7)
        #expect(effects.inserted.map(\.id) == [7, 8])
        #expect(effects.inserted.allSatisfy { $0.revision == 1 && $0.createdAt == late && $0.updatedAt == late })
        #expect(effects.outcomes == effects.inserted.map(WriteOutcome.created))
    }

    @Test("creates take the given ids in their order, and updates find them and what lies between")
    func givenIDs() {
        let ready = OrderChange(status: .ready)
        let batch = WriteBatch(
            writes: [
                .create(oak, key: nil), .create(oak, key: key), .create(oak, key: key), .create(oak, key: nil),
                .update(9, ready), .update(3, ready), .update(5, ready), .update(8, ready), .update(1, ready),
            ], time: late, deadline: .now, rules: .standard)
        let rows = rows(5)
        #expect(batch.creates(on: rows) == 3)
        let effects = batch.effects(on: rows, ids: [3, 7, 9])
        #expect(effects.inserted.map(\.id) == [3, 7, 9])
        #expect(effects.inserted.map(\.status) == [.ready, .registered, .ready])
        #expect(effects.updated.map(\.id) == [5])
        #expect(effects.takenKeys.map(\.value.orderID) == [7])
        #expect(Array(effects.outcomes.suffix(2)) == [.refused(.unknownOrder(8)), .refused(.unknownOrder(1))])
    }

    @Test("a create under a used key, or under one used before in the batch, needs no id")
    func counting() {
        var rows = CurrentRows()
        rows.keys[IdempotencyKey(principal: "p", text: "k")] = KeyedOrder(digest: oak.digest, orderID: 1)
        let batch = WriteBatch(
            writes: [
                .create(oak, key: IdempotencyKey(principal: "p", text: "k")), .create(oak, key: key),
                .create(oak, key: key), .update(1, OrderChange(status: .ready)),
            ], time: late, deadline: .now, rules: .standard)
        #expect(batch.creates(on: rows) == 1)
        #expect(batch.creates(on: CurrentRows()) == 2)
    }

    @Test("an update raises the revision and the time, and nothing else")
    func update() {
        let effects = effects([.update(1, OrderChange(status: .ready))], on: rows(), nextID: 2)
        let expected = Order(
            id: 1, draft: oak, status: .ready, createdAt: early, updatedAt: late, revision: 2)
        #expect(effects.updated == [expected])
        #expect(effects.outcomes == [.updated(expected)])
    }

    @Test("an update to the same status changes neither revision nor time")
    func unchanged() {
        let effects = effects([.update(1, OrderChange(status: .registered))], on: rows(), nextID: 2)
        #expect(effects.updated == [])
        #expect(effects.outcomes == [.unchanged(Order(id: 1, draft: oak, at: early))])
    }

    @Test("an update of one of several revisions is done, of another refused")
    func revisions() {
        let stale = OrderChange(status: .ready, ifRevision: [2, 3])
        let fresh = OrderChange(status: .ready, ifRevision: [3, 1])
        #expect(
            effects([.update(1, stale)], on: rows(), nextID: 2).outcomes == [.refused(.revisionConflict(current: 1))])
        #expect(effects([.update(1, fresh)], on: rows(), nextID: 2).updated.map(\.revision) == [2])
    }

    @Test("an update sees what the writes before it left, also of an order of the same batch")
    func sequence() {
        let effects = effects([
            .create(oak, key: nil), .update(1, OrderChange(status: .ready)), .update(1, OrderChange(status: .shipped)),
        ])
        #expect(effects.inserted.map(\.status) == [.shipped])
        #expect(effects.inserted.map(\.revision) == [3])
        #expect(effects.updated == [])
    }

    @Test("an order that is not there, or not yet, cannot be updated")
    func unknown() {
        let effects = effects([.update(1, OrderChange(status: .ready)), .create(oak, key: nil)])
        #expect(effects.outcomes.first == .refused(.unknownOrder(1)))
        #expect(effects.inserted.map(\.status) == [.registered])
    }

    @Test("a transition that the profile does not allow is refused; a status without rules may become any other")
    func transitions() {
        let rules = OrderRules(
            woodTypes: ["oak"], requiresCustomer: true, transitions: [.registered: [.ready], .closed: []])
        let shipped = Write.update(1, OrderChange(status: .shipped))
        #expect(
            effects([shipped], on: rows(), rules: rules, nextID: 2).outcomes
                == [.refused(.transitionRefused(from: .registered, to: .shipped))])
        let ready = Write.update(1, OrderChange(status: .ready))
        #expect(effects([ready, shipped], on: rows(), rules: rules, nextID: 2).updated.map(\.status) == [.shipped])
    }

    @Test("the same create under the same key gives the order as it is now, and takes no id")
    func replay() {
        let effects = effects([
            .create(oak, key: key), .update(1, OrderChange(status: .ready)), .create(oak, key: key),
            .create(oak, key: nil),
        ])
        #expect(effects.inserted.map(\.id) == [1, 2])
        #expect(effects.takenKeys.map(\.value.orderID) == [1])
        guard case .replayed(let order) = effects.outcomes[2] else { Issue.record("not replayed"); return }
        #expect(order.status == .ready)
    }

    @Test("another create under a used key is refused, whoever stored it")
    func reuse() {
        var rows = rows()
        rows.keys[key] = KeyedOrder(digest: oak.digest, orderID: 1)
        var pine = oak
        pine.woodType = "pine"
        #expect(effects([.create(pine, key: key)], on: rows, nextID: 2).outcomes == [.refused(.keyReused)])
        #expect(
            effects([.create(oak, key: key)], on: rows, nextID: 2).outcomes == [
                .replayed(Order(id: 1, draft: oak, at: early))
            ])
    }

    @Test("principals do not share keys")
    func principals() {
        let other = IdempotencyKey(principal: "p", text: "k")
        #expect(effects([.create(oak, key: key), .create(oak, key: other)]).inserted.map(\.id) == [1, 2])
    }

    @Test("a batch names the rows it touches, each once")
    func touched() {
        let change = OrderChange(status: .ready)
        let batch = WriteBatch(
            writes: [
                .update(9, change), .update(2, change), .update(9, change), .create(oak, key: key),
                .create(oak, key: key),
            ],
            time: late, deadline: .now, rules: .standard)
        #expect(batch.updatedIDs == [2, 9])
        #expect(batch.keys == [key])
    }

    @Test("the digest tells creates apart, and never changes for one")
    func digest() {
        // FNV-1a with 128 bits of the members, worked out apart from this code.
        #expect(
            oak.digest.map { String($0 / 16, radix: 16) + String($0 % 16, radix: 16) }.joined()
                == "01df1b00202830f2f4f8de486a3170ab65")
        let others = [
            OrderDraft(customerID: nil, woodType: "oak", quantity: 5),
            OrderDraft(customerID: "co", woodType: "ak", quantity: 5),
            OrderDraft(customerID: "c", woodType: "oak", quantity: 55),
            OrderDraft(customerID: "c", woodType: "oak", quantity: 5, status: .ready),
        ]
        #expect(Set((others + [oak]).map(\.digest)).count == 5)
    }
}

@Suite("Cursors")
struct OrderQueryCursorTests {
    @Test("a cursor leads back to its id, in its own direction only", arguments: [1, 35, 36, Order.ID.max])
    func roundTrip(id: Order.ID) {
        let ascending = OrderQuery()
        let descending = OrderQuery(direction: .descending)
        let cursor = ascending.cursor(after: id)
        #expect(ascending.id(after: cursor) == id)
        #expect(descending.id(after: cursor) == nil)
    }

    @Test(
        "what is no cursor is none",
        arguments: ["", "a", "a0", "a-1", "a+1", "A1", "a01", "a1 ", "b1", "azzzzzzzzzzzzzz"])
    func refused(text: String) {
        #expect(OrderQuery().id(after: text) == nil)
    }
}
