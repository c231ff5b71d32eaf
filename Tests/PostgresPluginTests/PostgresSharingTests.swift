import OrderKernel
import OrderKernelTesting
import PostgresPlugin
import PostgresTesting
import Testing

@Suite(
    "Several orderd on one database", .needs("PostgreSQL", if: PostgresServer.programs != nil), .timeLimit(.minutes(5)))
struct PostgresSharingTests {
    @Test("a key that several use at once creates one order, whoever is first")
    func keys() async throws {
        try await PostgresFixture.with { fixture in
            try await withStorages(4, fixture) { storages in
                for round in 0..<10 {
                    let key = IdempotencyKey(principal: "", text: "k\(round)")
                    let outcomes = try await withThrowingTaskGroup(of: [WriteOutcome].self) { tasks in
                        for storage in storages {
                            tasks.addTask {
                                try await storage.commit([.create(.oak(), key: key), .create(.oak("b"), key: nil)])
                            }
                        }
                        return try await tasks.reduce(into: []) { $0.append($1[0]) }
                    }
                    let created = outcomes.filter { if case .created = $0 { true } else { false } }
                    let replayed = outcomes.filter { if case .replayed = $0 { true } else { false } }
                    #expect(created.count == 1 && replayed.count == 3, "\(outcomes)")
                }
                #expect(try await storages[0].allOrders().count == 50)
            }
        }
    }

    @Test("a key whose order others have removed is used up, as in every storage")
    func removedOrder() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, _ in
                let keyed = Write.create(.oak(), key: IdempotencyKey(principal: "", text: "k"))
                try await storage.commit([keyed])
                try await fixture.database.sql("DELETE FROM orders")
                #expect(try await storage.commit([keyed]) == [.refused(.keyReused)])
                try await storage.commit([.create(.oak(), key: nil)])
                #expect(try await fixture.database.sql("SELECT count(*) FROM orders") == "1")
            }
        }
    }

    @Test("a row of others that cannot be read fails those alone who ask for it")
    func unreadable() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, _ in
                try await storage.commit([.create(.oak(), key: nil), .create(.oak(), key: nil)])
                try await fixture.database.sql(
                    """
                    UPDATE orders SET status = 'weird' WHERE id = 2;
                    UPDATE orders SET revision = \(Int64.max) WHERE id = 1
                    """)
                let deadline = Instant.now + .seconds(60)
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for number in 0..<400 {
                        tasks.addTask {
                            if number.isMultiple(of: 8) {
                                await #expect(throws: StorageError.self) {
                                    try await storage.order(2, before: deadline)
                                }
                            } else {
                                let order = try await storage.order(1, before: deadline)
                                #expect(order?.id == 1)
                            }
                        }
                    }
                    try await tasks.waitForAll()
                }
                let outcomes = try await storage.commit([.update(1, OrderChange(status: .ready))])
                let revisions = outcomes.map { if case .updated(let order) = $0 { order.revision } else { 0 } }
                #expect(revisions == [Int.max])
            }
        }
    }

    @Test("updates of the same orders in any order never block each other for good, and none is lost")
    func updates() async throws {
        try await PostgresFixture.with { fixture in
            try await withStorages(3, fixture) { storages in
                let ids: [Order.ID] = Array(1...20)
                try await storages[0].commit(ids.map { _ in .create(.oak(), key: nil) })
                let updated = try await withThrowingTaskGroup(of: [Order].self) { tasks in
                    for (number, storage) in storages.enumerated() {
                        tasks.addTask {
                            var updated: [Order] = []
                            for round in 0..<20 {
                                let status = OrderStatus.allCases[(number + round) % OrderStatus.allCases.count]
                                let order = number.isMultiple(of: 2) ? ids : ids.reversed()
                                let outcomes = try await storage.commit(
                                    order.map { .update($0, OrderChange(status: status)) })
                                for case .updated(let order) in outcomes { updated.append(order) }
                            }
                            return updated
                        }
                    }
                    return try await tasks.reduce(into: []) { $0 += $1 }
                }
                let orders = try await storages[0].allOrders()
                #expect(orders.map(\.id) == ids)
                for order in orders {
                    let revisions = updated.filter { $0.id == order.id }.map(\.revision).sorted()
                    #expect(revisions.count > 1 && revisions == Array(2...order.revision), "order \(order.id)")
                }
            }
        }
    }

    @Test("an update with a revision wins once, however many try")
    func revisions() async throws {
        try await PostgresFixture.with { fixture in
            try await withStorages(4, fixture) { storages in
                try await storages[0].commit([.create(.oak(), key: nil)])
                for revision in 1...10 {
                    let outcomes = try await withThrowingTaskGroup(of: [WriteOutcome].self) { tasks in
                        for storage in storages {
                            let status: OrderStatus = revision.isMultiple(of: 2) ? .registered : .ready
                            tasks.addTask {
                                try await storage.commit([
                                    .update(1, OrderChange(status: status, ifRevision: [revision]))
                                ])
                            }
                        }
                        return try await tasks.reduce(into: []) { $0 += $1 }
                    }
                    let updated = outcomes.filter { if case .updated = $0 { true } else { false } }
                    let refused = outcomes.filter { $0 == .refused(.revisionConflict(current: revision + 1)) }
                    #expect(updated.count == 1 && refused.count == 3, "\(outcomes)")
                }
            }
        }
    }

    @Test("ids ascend in the order of a batch, also where others take ids meanwhile")
    func ids() async throws {
        try await PostgresFixture.with { fixture in
            try await withStorages(3, fixture) { storages in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for (number, storage) in storages.enumerated() {
                        tasks.addTask {
                            for round in 0..<20 {
                                let outcomes = try await storage.commit(
                                    (0..<50).map { index in
                                        let key =
                                            round.isMultiple(of: 2)
                                            ? nil : IdempotencyKey(principal: "\(number)", text: "\(round)-\(index)")
                                        return .create(.oak("\(number)-\(index)"), key: key)
                                    })
                                for (index, outcome) in outcomes.enumerated() {
                                    guard case .created(let order) = outcome else {
                                        Issue.record("\(outcome)"); continue
                                    }
                                    #expect(order.customerID == "\(number)-\(index)")
                                    #expect(try await storage.order(order.id, before: .now + .seconds(60)) == order)
                                }
                            }
                        }
                    }
                    try await tasks.waitForAll()
                }
                #expect(try await storages[0].allOrders().count == 3_000)
            }
        }
    }

    private func withStorages(
        _ count: Int, _ fixture: PostgresFixture, _ others: [PostgresStorage] = [],
        _ body: ([PostgresStorage]) async throws -> Void
    ) async throws {
        if others.count == count { return try await body(others) }
        try await fixture.running("pool: {max: 3}") { storage, _ in
            try await withStorages(count, fixture, others + [storage], body)
        }
    }
}
