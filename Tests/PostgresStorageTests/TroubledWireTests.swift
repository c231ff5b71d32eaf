import Foundation
import OrderKernel
import OrderKernelTesting
import PostgresTesting
import Testing

/// A batch whose connection is lost at every byte of its exchange is committed once.
@Suite(
    "A troubled wire", .serialized, .needs("PostgreSQL", if: PostgresServer.programs != nil),
    .timeLimit(.minutes(isLong ? 60 : 5)))
struct TroubledWireTests {
    /// What a batch holds: the first goes in one round trip, the second in two.
    enum Content: Sendable, CaseIterable {
        case creates
        case createsKeysAndUpdates
    }

    @Test(
        "a connection that is cut, after any byte, loses and doubles nothing", arguments: Content.allCases,
        TroubledWire.Direction.allCases)
    func cut(content: Content, direction: TroubledWire.Direction) async throws {
        try await sweep(.cut, content, direction, from: 0, step: isLong ? 1 : 5)
    }

    @Test(
        "a connection that falls silent, after any byte, loses and doubles nothing", arguments: Content.allCases,
        TroubledWire.Direction.allCases)
    func silence(content: Content, direction: TroubledWire.Direction) async throws {
        // Each silence lasts a second: in the long form, many sweeps share the offsets.
        let lanes = isLong ? 16 : 1
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for lane in 0..<lanes {
                tasks.addTask { try await sweep(.silence, content, direction, from: lane, step: isLong ? lanes : 97) }
            }
            try await tasks.waitForAll()
        }
    }

    @Test(
        "behind a pooler, a connection that is cut or falls silent loses and doubles nothing",
        arguments: Content.allCases, TroubledWire.Trouble.allCases)
    func pooler(content: Content, trouble: TroubledWire.Trouble) async throws {
        try await PostgresServer.withServer("fsync=off", options: ["--pooler"]) { server in
            for direction in TroubledWire.Direction.allCases {
                try await server.withDatabase { database in
                    let sweep = Sweep(trouble: trouble, content: content, direction: direction)
                    try await sweep.run(
                        at: try #require(database.poolerURL), "prepare: false", step: trouble == .cut ? 11 : 397)
                }
            }
        }
    }

    private func sweep(
        _ trouble: TroubledWire.Trouble, _ content: Content, _ direction: TroubledWire.Direction, from first: Int,
        step: Int
    ) async throws {
        try await PostgresServer.shared.withDatabase { database in
            let sweep = Sweep(trouble: trouble, content: content, direction: direction)
            try await sweep.run(at: database.url, from: first, step: step)
        }
    }
}

/// One trouble after another, each a few bytes later than the one before.
private struct Sweep {
    let trouble: TroubledWire.Trouble
    let content: TroubledWireTests.Content
    let direction: TroubledWire.Direction

    /// - Parameters:
    ///   - url: What the wire leads to.
    ///   - settings: Further settings of the storage.
    func run(at url: String, _ settings: String = "", from first: Int = 0, step: Int) async throws {
        let port = try #require(URLComponents(string: url)?.port)
        try await TroubledWire.withWire(to: port) { wire in
            let wired = url.replacingOccurrences(of: ":\(port)/", with: ":\(wire.port)/")
            try await StorageAtWork.run(at: wired, "statement_timeout: 100ms\n" + settings) { work in
                var ledger = Ledger(content)
                try ledger.note(try await work.create("first", "second"))
                var offset = first
                repeat {
                    wire.plan(trouble, after: offset, direction)
                    ledger.note(try await work.commit(ledger.batch), after: offset)
                    offset += step
                } while wire.forget()
                #expect(offset > 100)  // the shortest exchange is longer
                ledger.compare(with: try await work.all())
            }
        }
    }
}

/// What a sweep has committed.
private struct Ledger {
    private let content: TroubledWireTests.Content
    private var customers: [Order.ID: String] = [:]
    private var updated: Order.ID = 0
    private var revision = 1
    private var round = 0

    init(_ content: TroubledWireTests.Content) {
        self.content = content
    }

    /// Takes in the orders that are there before.
    mutating func note(_ ids: [Order.ID]) throws {
        try #require(ids.count == 2)
        customers = [ids[0]: "first", ids[1]: "second"]
        updated = ids[0]
    }

    /// The next batch.
    var batch: [Write] {
        let creates: [Write] = [.create(.oak("a\(round)"), key: nil), .create(.oak("b\(round)"), key: nil)]
        guard content == .createsKeysAndUpdates else { return creates }
        let key = IdempotencyKey(principal: "", text: "key \(round)")
        let status: OrderStatus = round % 2 == 0 ? .ready : .registered
        return creates + [.create(.oak("c\(round)"), key: key), .update(updated, OrderChange(status: status))]
    }

    /// Takes in what a batch gave.
    mutating func note(_ outcomes: [WriteOutcome], after offset: Int) {
        #expect(outcomes.count == batch.count, "after \(offset) bytes")
        for (letter, outcome) in zip(["a", "b", "c", ""], outcomes) {
            switch outcome {
            case .created(let order):
                #expect(order.customerID == "\(letter)\(round)", "after \(offset) bytes")
                #expect(customers.updateValue("\(letter)\(round)", forKey: order.id) == nil, "after \(offset) bytes")
            case .updated(let order):
                revision += 1
                #expect(order.id == updated && order.revision == revision, "after \(offset) bytes")
            default:
                Issue.record("\(outcome) after \(offset) bytes")
            }
        }
        round += 1
    }

    /// Compares with the orders that are there in the end.
    func compare(with orders: [Order]) {
        #expect(orders.count == customers.count)
        #expect(Dictionary(uniqueKeysWithValues: orders.map { ($0.id, $0.customerID ?? "") }) == customers)
        #expect(orders.first { $0.id == updated }?.revision == revision)
    }
}
