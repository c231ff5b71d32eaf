internal import OrderKernel

extension StorageContract {
    static let keys = [
        Rule("a create under a used key answers with that order as it is now") { trial in
            try await trial.opened { desk in
                let first = try await desk.commit([.create(.oak(), key: .anonymous("k"))])
                guard case .created(let order) = first.first else { return trial.violate("answered \(first)") }
                let replay = Write.create(.oak(), key: .anonymous("k"))
                trial.expectEqual(try await desk.commit([replay]), [.replayed(order)], "answer")
                _ = try await desk.update(order.id, .ready)
                let changed = order.changed(to: .ready)
                trial.expectEqual(try await desk.commit([replay]), [.replayed(changed)], "answer after an update")
                trial.expectEqual(try await desk.ids(OrderQuery()), [order.id], "orders")
            }
        },
        Rule("another create under a used key is refused") { trial in
            try await trial.opened { desk in
                let outcomes = try await desk.commit([.create(.oak("a"), key: .anonymous("k"))])
                let refused = try await desk.commit([
                    .create(.oak("b"), key: .anonymous("k")), .create(.oak(nil), key: .anonymous("k")),
                ])
                trial.expectEqual(refused, [.refused(.keyReused), .refused(.keyReused)], "answers")
                trial.expectEqual(try await desk.orders(OrderQuery()).count, outcomes.count, "orders")
            }
        },
        Rule("a key used twice in one batch creates one order") { trial in
            try await trial.opened { desk in
                let outcomes = try await desk.commit([
                    .create(.oak("a"), key: .anonymous("k")), .create(.oak("a"), key: .anonymous("k")),
                    .create(.oak("b"), key: .anonymous("k")), .create(.oak("b"), key: .anonymous("other")),
                ])
                let orders = try await desk.orders(OrderQuery())
                guard orders.count == 2 else { return trial.violate("\(orders.count) orders instead of 2") }
                trial.expectEqual(
                    outcomes,
                    [.created(orders[0]), .replayed(orders[0]), .refused(.keyReused), .created(orders[1])], "answers")
            }
        },
        Rule("a key belongs to the principal that used it, however the two read together") { trial in
            try await trial.opened { desk in
                for (principal, text) in owned {
                    let key = IdempotencyKey(principal: principal, text: text)
                    let outcomes = try await desk.commit([.create(.oak(principal + "x"), key: key)])
                    guard case .created = outcomes.first else {
                        return trial.violate("\(text) of \(principal): \(outcomes)")
                    }
                }
                trial.expectEqual(try await desk.orders(OrderQuery()).count, owned.count, "orders")
            }
        },
        Rule("keys are told apart byte by byte") { trial in
            try await trial.opened { desk in
                let texts =
                    ["k", "K", "k ", " k", "\u{e9}", "e\u{301}", "k\0", "k\0x", "'", "\"", "%", "\u{10ffff}"] + longest
                for text in texts {
                    let outcomes = try await desk.commit([.create(.oak(), key: .anonymous(text))])
                    guard case .created = outcomes.first else {
                        trial.violate("\(Array(text.utf8)): \(outcomes)"); continue
                    }
                }
                for text in texts {
                    let outcomes = try await desk.commit([.create(.oak(), key: .anonymous(text))])
                    guard case .replayed = outcomes.first else {
                        trial.violate("\(Array(text.utf8)): \(outcomes)"); continue
                    }
                }
            }
        },
        Rule("keys outlive the storage", for: .durable) { trial in
            let first = try await trial.opened { desk in
                try await desk.commit([.create(.oak(), key: .anonymous("k"))])
            }
            guard case .created(let order) = first.first else { return trial.violate("answered \(first)") }
            let second = try await trial.opened { desk in
                try await desk.commit([.create(.oak(), key: .anonymous("k")), .create(.oak("b"), key: .anonymous("k"))])
            }
            trial.expectEqual(second, [.replayed(order), .refused(.keyReused)], "answers")
        },
    ]

    /// Principals and keys, some of which are the same text when they are joined.
    private static let owned =
        [("", "k"), ("ann", "k"), ("bob", "k"), ("k", "k"), ("an", "nk"), ("", "annk")]
        + [" ", ":", "/", "|", ","].flatMap { [("a\($0)b", "c"), ("a", "b\($0)c")] }

    /// Keys as long as they may be, which differ in their last character alone, or in being there.
    private static let longest = ["x", "\u{10ffff}"].flatMap { character in
        let almost = String(repeating: character, count: IdempotencyKey.lengths.upperBound - 1)
        return [almost, almost + character, almost + "y"]
    }
}

extension IdempotencyKey {
    /// A key of nobody in particular.
    static func anonymous(_ text: String) -> IdempotencyKey { IdempotencyKey(principal: "", text: text) }
}
