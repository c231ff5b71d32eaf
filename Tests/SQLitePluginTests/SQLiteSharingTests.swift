import OrderKernel
import Testing

@testable import SQLitePlugin

@Suite("SQLite storages that share a file")
struct SQLiteSharingTests {
    private let fixture = SQLiteFixture()

    @Test("two that write at the same time give no id twice, and lose nothing")
    func ids() async throws {
        defer { fixture.remove() }
        let ids = try await fixture.running { first, _ in
            try await fixture.running { second, _ in
                async let ofFirst = write(batches: 40, of: 64, to: first)
                async let ofSecond = write(batches: 80, of: 1, to: second)
                let ids = try await ofFirst + ofSecond
                #expect(try await second.allIDs() == ids.sorted())
                return ids
            }
        }
        #expect(ids.count == 40 * 64 + 80)
        #expect(Set(ids).count == ids.count)
    }

    @Test("two that open a new file at the same time both get it")
    func bothOpen() async throws {
        defer { fixture.remove() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<4 {
                tasks.addTask { try await fixture.running { storage, _ in _ = try await storage.create(1) } }
            }
            try await tasks.waitForAll()
        }
        #expect(try await fixture.running { storage, _ in try await storage.allIDs() } == [1, 2, 3, 4])
    }

    @Test("one sees what the other has committed")
    func reads() async throws {
        defer { fixture.remove() }
        try await fixture.running { first, _ in
            try await fixture.running { second, _ in
                for number in 1...10 {
                    let created = try await first.create(1)
                    #expect(created == [Order.ID(number)])
                    let seen = try await second.allIDs()
                    #expect(seen.last == Order.ID(number))
                }
            }
        }
    }

    @Test("the write-ahead log stays bounded while two write and others read, and is gone at the end")
    func boundedLog() async throws {
        defer { fixture.remove() }
        try await fixture.running { first, _ in
            try await fixture.running { second, _ in
                async let ofFirst = write(batches: 20, of: 8_000, to: first)
                async let ofSecond = write(batches: 40, of: 64, to: second)
                for _ in 0..<200 { _ = try await second.orders(OrderQuery(limit: 1_000), before: .now + .seconds(60)) }
                _ = try await ofFirst + ofSecond
            }
            #expect(size(of: fixture.path + "-wal") < 2 * WriteAheadLog.limit.bytes)
        }
        #expect(size(of: fixture.path + "-wal") == 0)
    }

    private func write(batches: Int, of count: Int, to storage: SQLiteStorage) async throws -> [Order.ID] {
        var ids: [Order.ID] = []
        for _ in 0..<batches { ids += try await storage.create(count) }
        return ids
    }
}
