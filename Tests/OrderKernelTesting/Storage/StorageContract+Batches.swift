internal import OrderKernel

extension StorageContract {
    static let batches = [
        Rule("one bad write fails none of its neighbours") { trial in
            try await trial.opened { desk in
                guard let order = try await desk.create(.oak()).first else { return trial.violate("nothing created") }
                let outcomes = try await desk.commit([
                    .create(.oak("a"), key: nil), .update(.max, OrderChange(status: .ready)),
                    .update(order.id, OrderChange(status: .ready, ifRevision: [9])),
                    .update(order.id, OrderChange(status: .ready)), .create(.oak("b"), key: nil),
                ])
                guard outcomes.count == 5 else { return trial.violate("\(outcomes.count) outcomes of 5") }
                trial.expectEqual(outcomes[1], .refused(.unknownOrder(.max)), "unknown order")
                trial.expectEqual(outcomes[2], .refused(.revisionConflict(current: 1)), "wrong revision")
                trial.expectEqual(outcomes[3], .updated(order.changed(to: .ready)), "update")
                trial.expectEqual(
                    try await desk.orders(OrderQuery()).map(\.customerID), ["cust_1", "a", "b"], "orders")
            }
        },
        Rule("an empty batch, and one that changes nothing, are committed") { trial in
            try await trial.opened { desk in
                trial.expectEqual(try await desk.commit([]), [], "outcomes")
                trial.expectEqual(try await desk.update(1, .ready), [.refused(.unknownOrder(1))], "outcomes")
            }
        },
        Rule("a batch of 8,192 writes is one commit like any other") { trial in
            try await trial.opened { desk in
                let outcomes = try await desk.commit(
                    (0..<8_192).map { .create(.oak("c\($0)"), key: .anonymous("\($0)")) })
                guard case .created(let last) = outcomes.last, outcomes.count == 8_192 else {
                    return trial.violate("\(outcomes.count) outcomes")
                }
                trial.expectEqual(try await desk.order(last.id)?.customerID, "c8191", "last order")
                let numbers = [0, 4_000, 8_191]
                let again = try await desk.commit(
                    numbers.map { .create(.oak("c\($0)"), key: .anonymous("\($0)")) })
                let expected = numbers.map { outcomes[$0].asReplayed }
                trial.expectEqual(again, expected, "answers to the same keys again")
            }
        },
        Rule("a batch whose deadline has passed is refused whole, or committed whole") { trial in
            try await trial.opened { desk in
                let writes = (0..<3).map { _ in Write.create(.oak(), key: nil) }
                let batch = WriteBatch(
                    writes: writes, time: StorageDesk.time, deadline: .now - .seconds(1), rules: .standard)
                var answered = 0
                await trial.expectInTimeOrLate { answered = try await desk.storage.commitWhole(batch).count }
                trial.expectEqual(
                    try await desk.orders(OrderQuery()).count, answered,
                    answered == 0 ? "orders of a batch that it refused" : "orders of a batch that it committed")
            }
        },
        Rule("ten thousand random writes in random batches end as the same writes one by one") { trial in
            let ledger = StorageLedger(trial, seed: 20_251_108)
            try await trial.opened { desk in try await ledger.play(writes: 10_000, on: desk) }
        },
    ]
}

extension WriteOutcome {
    /// What the same create under the same key is answered with later, while its order stays as it is.
    fileprivate var asReplayed: WriteOutcome {
        if case .created(let order) = self { .replayed(order) } else { self }
    }
}
