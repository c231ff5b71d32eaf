internal import OrderKernel

extension StorageContract {
    static let reading = [
        Rule("lists go through the ids in both directions, page by page") { trial in
            try await trial.opened { desk in
                let ids = try await desk.commit((0..<25).map { .create(.oak("c\($0)"), key: nil) }).count
                let all = try await desk.ids(OrderQuery(limit: 1_001))
                trial.expectEqual(all.count, ids, "orders")
                trial.expectEqual(all, all.sorted(), "order of ids")
                for direction in [OrderQuery.Direction.ascending, .descending] {
                    var query = OrderQuery(limit: 7, direction: direction)
                    var pages: [Order.ID] = []
                    for _ in 0..<5 {
                        let page = try await desk.ids(query)
                        pages += page
                        query.after = page.last ?? query.after
                    }
                    trial.expectEqual(pages, direction == .ascending ? all : all.reversed(), "pages \(direction)")
                }
            }
        },
        Rule("every filter, alone and with others, finds what matches and nothing else") { trial in
            try await trial.opened { desk in
                let orders = try await desk.createVariety()
                for query in OrderQuery.variety {
                    let matching = orders.filter { query.matches($0) }
                    let sorted = query.direction == .ascending ? matching : matching.reversed()
                    let expected = Array(sorted.dropFirst(query.skip).prefix(query.limit))
                    trial.expectEqual(try await desk.orders(query), expected, "\(query)")
                }
            }
        },
        Rule("a list holds one more than a page may, and skips as many, in every order") { trial in
            try await trial.opened { desk in
                let outcomes = try await desk.commit((0..<1_200).map { .create(.oak("c\($0)"), key: nil) })
                let all = outcomes.compactMap { if case .created(let order) = $0 { order.id } else { nil } }
                let most = OrderQuery.limits.upperBound + 1
                for query in [OrderQuery(), OrderQuery(status: .registered), OrderQuery(woodType: "oak")] {
                    for direction in [OrderQuery.Direction.ascending, .descending] {
                        let sorted = direction == .ascending ? all : all.reversed()
                        var query = query
                        (query.direction, query.limit) = (direction, most)
                        trial.expectSame(try await desk.ids(query), Array(sorted.prefix(most)), "\(query)")
                        (query.skip, query.limit) = (most, 100)
                        trial.expectSame(
                            try await desk.ids(query), Array(sorted.dropFirst(most).prefix(100)), "\(query)")
                    }
                }
            }
        },
        Rule("a list of what nobody has is empty") { trial in
            try await trial.opened { desk in
                try await desk.create(.oak())
                let queries = [
                    OrderQuery(status: .closed), OrderQuery(woodType: "teak"), OrderQuery(customerID: "nobody"),
                    OrderQuery(customerID: ""), OrderQuery(after: .max), OrderQuery(skip: 100_000),
                    OrderQuery(after: 1, direction: .descending),
                ]
                for query in queries { trial.expectEqual(try await desk.ids(query), [], "\(query)") }
            }
        },
        Rule("an order moves between the lists of its statuses") { trial in
            try await trial.opened { desk in
                let ids = try await desk.create(.oak(), .oak(), .oak()).map(\.id)
                guard ids.count == 3 else { return trial.violate("nothing created") }
                _ = try await desk.update(ids[1], .ready)
                trial.expectEqual(try await desk.ids(OrderQuery(status: .registered)), [ids[0], ids[2]], "registered")
                trial.expectEqual(try await desk.ids(OrderQuery(status: .ready)), [ids[1]], "ready")
            }
        },
        Rule("a read whose deadline has passed ends with deadlineExceeded, or with what it read") { trial in
            try await trial.opened { desk in
                try await desk.create(.oak())
                let past = Instant.now - .seconds(1)
                await trial.expectInTimeOrLate { _ = try await desk.storage.order(1, before: past) }
                await trial.expectInTimeOrLate { _ = try await desk.storage.orders(OrderQuery(), before: past) }
            }
        },
    ]
}

extension StorageTrial {
    /// Compares long lists, and says where they differ rather than all that they hold.
    fileprivate func expectSame(_ ids: [Order.ID], _ expected: [Order.ID], _ what: String) {
        guard ids != expected else { return }
        let place = zip(ids, expected).prefix { $0 == $1 }.count
        violate("\(what): \(ids.count) orders instead of \(expected.count), the same up to number \(place)")
    }

    func expectInTimeOrLate(_ read: () async throws -> Void) async {
        do {
            try await read()
        } catch {
            let kind = (error as? StorageError)?.kind
            expect(kind == .deadlineExceeded, "late read ended with \(error)")
        }
    }
}

extension StorageDesk {
    /// Creates sixty orders of four customers, three wood types and six statuses.
    func createVariety() async throws -> [Order] {
        let drafts = (0..<60).map { number in
            OrderDraft(
                customerID: ["a", "b", "a'b", nil][number % 4], woodType: ["oak", "elm", "pine"][number / 4 % 3],
                quantity: number + 1, status: OrderStatus.allCases[number / 12 % OrderStatus.allCases.count])
        }
        return try await commit(drafts.map { .create($0, key: nil) }).compactMap {
            if case .created(let order) = $0 { order } else { nil }
        }
    }
}

extension OrderQuery {
    /// Whether an order belongs to the list, before `skip` and `limit`. Texts are compared byte by byte.
    fileprivate func matches(_ order: Order) -> Bool {
        if let status, status != order.status { return false }
        if let woodType, !woodType.utf8.elementsEqual(order.woodType.utf8) { return false }
        if let customerID, !customerID.utf8.elementsEqual((order.customerID ?? "").utf8) { return false }
        guard let after else { return true }
        return direction == .ascending ? order.id > after : order.id < after
    }
}

extension OrderQuery {
    /// Every set of filters, in both directions, from the start and from the middle, with and without a skip.
    static var variety: [OrderQuery] {
        var queries: [OrderQuery] = []
        for shape in 0..<64 {
            queries.append(
                OrderQuery(
                    status: shape & 1 == 0 ? nil : .ready, woodType: shape & 2 == 0 ? nil : "oak",
                    customerID: shape & 4 == 0 ? nil : "a", limit: shape & 32 == 0 ? 1_000 : 2,
                    after: shape & 8 == 0 ? nil : 20, skip: shape & 16 == 0 ? 0 : 1,
                    direction: shape % 3 == 0 ? .ascending : .descending))
        }
        return queries
    }
}
