internal import OrderKernel

extension StorageContract {
    static let running = [
        Rule("a read sees every write that was acknowledged before it, while others commit") { trial in
            try await trial.opened { desk in
                let (hasBegun, hasEnded) = ((0..<4).map { _ in Latch() }, Latch())
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        defer { hasEnded.open() }
                        for latch in hasBegun { try await latch.wait() }
                        for number in 0..<50 {
                            let outcomes = try await desk.commit(
                                (0..<20).map { .create(.oak("c\(number)-\($0)"), key: nil) })
                            guard case .created(let last) = outcomes.last else { return trial.violate("\(outcomes)") }
                            trial.expectEqual(try await desk.order(last.id), last, "order just created")
                            let newest = try await desk.orders(OrderQuery(limit: 1, direction: .descending))
                            trial.expectEqual(newest, [last], "list after a commit")
                        }
                    }
                    for latch in hasBegun {
                        tasks.addTask {
                            defer { latch.open() }
                            try await trial.expectWholeBatches(of: 20, on: desk, from: latch, until: hasEnded)
                        }
                    }
                    try await tasks.waitForAll()
                }
            }
        },
        Rule("what was acknowledged is there when the storage is opened again", for: .durable) { trial in
            let orders = try await trial.opened { desk in
                let created = try await desk.create(.oak("a"), .oak("b"), .oak(nil))
                _ = try await desk.update(created[1].id, .ready)
                return try await desk.orders(OrderQuery())
            }
            for _ in 0..<2 {
                let again = try await trial.opened { try await $0.orders(OrderQuery()) }
                trial.expectEqual(again, orders, "orders")
            }
            let next = try await trial.opened { try await $0.create(.oak()) }
            trial.expect((next.first?.id ?? 0) > (orders.last?.id ?? 0), "an id is used again: \(next)")
        },
        Rule("what was opened is closed again") { trial in
            try await trial.expectNothingLeftOpen {
                try await trial.opened { desk in
                    try await desk.create(.oak())
                    _ = try await desk.orders(OrderQuery())
                }
            }
            let left = OpenFile.all.map(\.target).filter { $0.hasPrefix(trial.folder + "/") }
            trial.expectEqual(left, [], "files still open")
        },
    ]
}

extension StorageTrial {
    /// Reads while batches are committed: every batch shows whole or not at all, and ids ascend.
    /// - Parameters:
    ///   - hasBegun: Opens after the first read.
    ///   - hasEnded: Opens after the last commit.
    func expectWholeBatches(
        of size: Int, on desk: StorageDesk, from hasBegun: Latch, until hasEnded: Latch
    ) async throws {
        var counts: [Int] = []
        var isLast = false
        while !isLast {
            try Task.checkCancellation()
            isLast = hasEnded.isOpen
            let ids = try await desk.ids(OrderQuery(limit: 1_001))
            expect(ids.count % size == 0, "\(ids.count) orders in batches of \(size)")
            expect(ids.count >= counts.last ?? 0, "\(ids.count) orders after \(counts.last ?? 0)")
            expect(ids == ids.sorted(), "ids do not ascend")
            counts.append(ids.count)
            hasBegun.open()
            await Task.yield()
        }
        expect(Set(counts).count > 1, "no order was read while others were committed")
    }
}
