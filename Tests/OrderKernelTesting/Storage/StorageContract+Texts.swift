internal import OrderKernel

extension StorageContract {
    static let texts = [
        Rule("texts come back byte by byte, and are found by themselves alone") { trial in
            try await trial.opened { desk in
                let texts = [
                    "a", "A", "\u{e9}", "e\u{301}", "\u{1f469}\u{200d}\u{1f692}", "\u{1f1e9}\u{1f1ea}",
                    "o'; DROP TABLE orders; --", "\"", "\\", "%_", " a", "a ", "\u{feff}a", "\u{fffe}",
                    "\u{200f}\u{5d0}",
                    String(repeating: "\u{10ffff}", count: 128), String(repeating: "x", count: 128), "1", "1.0", "NULL",
                ]
                let orders = try await desk.commit(texts.map { .create(.oak($0), key: nil) })
                trial.expectEqual(orders.count, texts.count, "orders")
                for (text, outcome) in zip(texts, orders) {
                    guard case .created(let order) = outcome else { trial.violate("\(text): \(outcome)"); continue }
                    let read = try await desk.order(order.id)?.customerID
                    trial.expect(
                        text.utf8.elementsEqual((read ?? "").utf8), "\(Array(text.utf8)) came back as \(read ?? "")")
                    trial.expectEqual(try await desk.ids(OrderQuery(customerID: text)), [order.id], "orders of \(text)")
                }
            }
        },
        Rule("wood types are kept and found as the profile names them") { trial in
            try await trial.opened { desk in
                var rules = OrderRules.standard
                rules.woodTypes = [
                    "oak", "Oak", "oak ", "teak", "\u{e9}b\u{e8}ne", "e\u{301}be\u{300}ne", "o'ak", "%", "1",
                    String(repeating: "\u{10ffff}", count: 128),
                ]
                let drafts = rules.woodTypes.map { OrderDraft(customerID: "c", woodType: $0, quantity: 1) }
                let outcomes = try await desk.commit(drafts.map { .create($0, key: nil) }, rules: rules)
                trial.expectEqual(outcomes.count, drafts.count, "orders")
                for (woodType, outcome) in zip(rules.woodTypes, outcomes) {
                    guard case .created(let order) = outcome else { trial.violate("\(woodType): \(outcome)"); continue }
                    let read = try await desk.order(order.id)?.woodType ?? ""
                    trial.expect(woodType.utf8.elementsEqual(read.utf8), "\(woodType) came back as \(read)")
                    trial.expectEqual(
                        try await desk.ids(OrderQuery(woodType: woodType)), [order.id], "orders of \(woodType)")
                }
            }
        },
        Rule("every Unicode scalar but the controls is kept") { trial in
            try await trial.opened { desk in
                let scalars = (0x20...0x10ffff).lazy.compactMap(Unicode.Scalar.init)
                    .filter { $0.properties.generalCategory != .control }
                let texts = Array(scalars).chunked(by: 128)
                for part in texts.chunked(by: 1_024) {
                    let outcomes = try await desk.commit(part.map { .create(.oak($0.text), key: nil) })
                    for (scalars, outcome) in zip(part, outcomes) {
                        guard case .created(let order) = outcome else { return trial.violate("\(outcome)") }
                        let read = try await desk.order(order.id)?.customerID ?? ""
                        if !read.unicodeScalars.elementsEqual(scalars) {
                            return trial.violate("lost one of \(scalars)")
                        }
                    }
                }
            }
        },
        Rule("numbers and times keep their ends") { trial in
            try await trial.opened { desk in
                for milliseconds: Int64 in [0, 1, -1, 253_402_300_799_999] {
                    let time = Timestamp(milliseconds: milliseconds)
                    let draft = OrderDraft(customerID: nil, woodType: "pine", quantity: 1_000_000)
                    let outcomes = try await desk.commit([.create(draft, key: nil)], at: time)
                    guard case .created(let order) = outcomes.first else { return trial.violate("\(outcomes)") }
                    trial.expectEqual(order.createdAt, time, "time")
                    trial.expectEqual(try await desk.order(order.id), order, "order")
                }
            }
        },
    ]
}

extension Array {
    /// The elements in parts of `size`, the last one shorter.
    func chunked(by size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}

extension [Unicode.Scalar] {
    var text: String { String(String.UnicodeScalarView(self)) }
}
