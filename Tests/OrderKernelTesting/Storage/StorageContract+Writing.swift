internal import OrderKernel

extension StorageContract {
    static let writing = [
        Rule("a created order is read as it was answered") { trial in
            try await trial.opened { desk in
                let draft = OrderDraft(customerID: "cust_1", woodType: "elm", quantity: 1_000_000, status: .blocked)
                let created = try await desk.create(draft)
                guard let order = created.first, created.count == 1 else { return trial.violate("nothing created") }
                let time = StorageDesk.time
                let expected = Order(
                    id: order.id, draft: draft, status: .blocked, createdAt: time, updatedAt: time, revision: 1)
                trial.expectEqual(order, expected, "answer")
                trial.expectEqual(try await desk.order(order.id), expected, "order")
                trial.expectEqual(try await desk.orders(OrderQuery()), [expected], "list")
            }
        },
        Rule("ids are positive and ascend with the writes of a batch and with batches") { trial in
            try await trial.opened { desk in
                var ids: [Order.ID] = []
                for _ in 0..<3 { ids += try await desk.create(.oak(), .oak(), .oak()).map(\.id) }
                trial.expect(ids.count == 9 && ids[0] > 0, "ids \(ids)")
                trial.expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }, "ids do not ascend: \(ids)")
            }
        },
        Rule("an order that is not there is none") { trial in
            try await trial.opened { desk in
                for id: Order.ID in [1, 0, -1, .max, .min] {
                    trial.expectEqual(try await desk.order(id), nil, "order \(id)")
                    trial.expectEqual(
                        try await desk.update(id, .ready), [.refused(.unknownOrder(id))], "update of \(id)")
                }
            }
        },
        Rule("an update changes status, revision and time, and nothing else") { trial in
            try await trial.opened { desk in
                let orders = try await desk.create(.oak("a"), .oak("b"))
                guard orders.count == 2 else { return trial.violate("nothing created") }
                let later = Timestamp(milliseconds: StorageDesk.time.milliseconds + 77)
                let expected = Order(
                    id: orders[0].id, draft: .oak("a"), status: .ready, createdAt: StorageDesk.time, updatedAt: later,
                    revision: 2)
                trial.expectEqual(
                    try await desk.update(orders[0].id, .ready, at: later), [.updated(expected)], "answer")
                trial.expectEqual(try await desk.order(orders[0].id), expected, "order")
                trial.expectEqual(try await desk.order(orders[1].id), orders[1], "the other order")
            }
        },
        Rule("an update that changes nothing keeps revision and time") { trial in
            try await trial.opened { desk in
                guard let order = try await desk.create(.oak()).first else { return trial.violate("nothing created") }
                let later = Timestamp(milliseconds: StorageDesk.time.milliseconds + 1)
                trial.expectEqual(
                    try await desk.update(order.id, .registered, at: later), [.unchanged(order)], "answer")
                trial.expectEqual(try await desk.order(order.id), order, "order")
            }
        },
        Rule("an update for another revision is refused and changes nothing") { trial in
            try await trial.opened { desk in
                guard let order = try await desk.create(.oak()).first else { return trial.violate("nothing created") }
                let outcomes = try await desk.commit([
                    .update(order.id, OrderChange(status: .ready, ifRevision: [2, 3])),
                    .update(order.id, OrderChange(status: .ready, ifRevision: [])),
                ])
                let refused = WriteOutcome.refused(.revisionConflict(current: 1))
                trial.expectEqual(outcomes, [refused, refused], "answers")
                trial.expectEqual(try await desk.order(order.id), order, "order")
                let accepted = try await desk.commit([
                    .update(order.id, OrderChange(status: .ready, ifRevision: [3, 1]))
                ])
                trial.expectEqual(accepted, [.updated(order.changed(to: .ready))], "the right revision")
            }
        },
        Rule("a transition that the profile does not allow is refused and changes nothing") { trial in
            try await trial.opened { desk in
                guard let order = try await desk.create(.oak(status: .shipped)).first else {
                    return trial.violate("nothing created")
                }
                var rules = OrderRules.standard
                rules.transitions = [.shipped: [.closed]]
                let outcomes = try await desk.commit(
                    [
                        .update(order.id, OrderChange(status: .ready)),
                        .update(order.id, OrderChange(status: .closed)),
                    ], rules: rules)
                let refused = WriteOutcome.refused(.transitionRefused(from: .shipped, to: .ready))
                trial.expectEqual(outcomes, [refused, .updated(order.changed(to: .closed))], "answers")
                trial.expectEqual(try await desk.order(order.id), order.changed(to: .closed), "order")
            }
        },
        Rule("updates of one order in one batch take effect in their order") { trial in
            try await trial.opened { desk in
                guard let order = try await desk.create(.oak()).first else { return trial.violate("nothing created") }
                let statuses: [OrderStatus] = [.ready, .blocked, .ready, .shipped]
                let outcomes = try await desk.commit(statuses.map { .update(order.id, OrderChange(status: $0)) })
                var expected = order
                for (outcome, status) in zip(outcomes, statuses) {
                    expected = expected.changed(to: status)
                    trial.expectEqual(outcome, .updated(expected), "answer")
                }
                trial.expectEqual(try await desk.order(order.id), expected, "order")
            }
        },
    ]
}

extension Order {
    /// The order after one more change at the same time.
    func changed(to status: OrderStatus) -> Order {
        Order(
            id: id, draft: OrderDraft(customerID: customerID, woodType: woodType, quantity: quantity), status: status,
            createdAt: createdAt, updatedAt: updatedAt, revision: revision + 1)
    }
}
