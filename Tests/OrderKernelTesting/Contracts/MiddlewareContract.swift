internal import Logging
public import OrderKernel
internal import Synchronization

/// What every middleware has to do, as checks that a plugin's own tests run.
///
/// ```swift
/// @Test("it keeps the contract of every middleware", arguments: MiddlewareContract.rules)
/// func keeps(_ rule: MiddlewareContract.Rule) async {
///     await MiddlewareContract { MyMiddleware(try .init(yaml: ""), context: $0) }.check(rule)
/// }
/// ```
public struct MiddlewareContract: Contract {
    private let principal: String
    private let metadata: (any RequestMetadata)?
    private let make: @Sendable (PluginContext) throws -> any MiddlewarePlugin

    /// - Parameters:
    ///   - principal: Who asks, in every request of the contract.
    ///   - metadata: What every request of the contract has besides, such as what lets it through.
    ///   - make: Makes a middleware, opening nothing yet.
    public init(
        principal: String = "", metadata: (any RequestMetadata)? = nil,
        make: @escaping @Sendable (PluginContext) throws -> any MiddlewarePlugin
    ) {
        self.principal = principal
        self.metadata = metadata
        self.make = make
    }

    public static let rules: [Rule] = [
        Rule("a write has the order of what stands behind, a read any answer, or an error for clients") {
            contract, findings in
            try await contract.chained(findings) { respond in
                for operation in operations { _ = await respond(operation) }
            }
        },
        Rule("one operation at least gets through") { contract, findings in
            let passed = try await contract.chained(findings) { respond in
                for operation in operations { _ = await respond(operation) }
            }
            findings.expect(passed > 0, "none does; give the contract the principal and the metadata that they need")
        },
        Rule("input that could not be read is never done") { contract, findings in
            try await contract.chained(findings) { respond in
                let outcome = await respond(.undecodable(Problem(.invalidJSON, "Not JSON.")))
                if case .reply = outcome { findings.violate("answered with \(outcome)") }
            }
        },
        Rule("what storage throws passes, or becomes an error for clients") { contract, findings in
            for kind in [StorageError.Kind.unavailable, .deadlineExceeded, .failed] {
                try await contract.chained(findings, storage: AwayStorage(kind)) { respond in
                    for operation in operations { _ = await respond(operation) }
                }
            }
        },
        Rule("where storage cannot say what became of a write, nobody else does, and it is not done again") {
            contract, findings in
            try await contract.chained(findings, storage: AwayStorage(.outcomeUnknown)) { respond in
                for operation in operations where operation.isWrite { _ = await respond(operation) }
            }
        },
        Rule("of many requests at once each has its own answer, and is passed on once at most") { contract, findings in
            try await contract.chained(findings) { respond in
                await withTaskGroup(of: Void.self) { tasks in
                    for number in 0..<256 {
                        tasks.addTask {
                            let outcome = await respond(.create(.oak("cust_\(number)"), key: nil))
                            guard case .reply(.created(let order)) = outcome else { return }
                            findings.expectEqual(order.customerID, "cust_\(number)", "customer")
                        }
                    }
                }
            }
        },
        Rule("what it opened is closed again") { contract, findings in
            try await findings.expectNothingLeftOpen {
                try await contract.chained(findings) { respond in _ = await respond(.get(1)) }
            }
        },
    ]

    private static let operations: [OrderRequest.Operation] = [
        .create(.oak(), key: nil), .create(.oak("é"), key: "k"), .create(.oak("é"), key: "k"),
        .create(.oak(), key: "k"), .get(1), .get(1, unless: .any), .get(.max), .list(OrderQuery()),
        .list(OrderQuery(status: .ready)),
        .update(1, OrderChange(status: .ready)), .update(1, OrderChange(status: .ready)),
        .update(.max, OrderChange(status: .ready)), .undecodable(Problem(.unknownPath, "There is nothing.")),
    ]

    private typealias Respond = @Sendable (OrderRequest.Operation) async -> Outcome

    /// Runs the middleware between two others, which compare what goes in with what comes out.
    /// - Returns: How many requests got through.
    @discardableResult
    private func chained(
        _ findings: Findings, storage: any StoragePlugin = InMemoryStorage(),
        _ body: (@escaping Respond) async throws -> Void
    ) async throws -> Int {
        let context = PluginContext.standalone("middleware", logger: .silent, time: SystemTime())
        let subject = try make(context)
        let inner = InnerProbe()
        let chain: [any MiddlewarePlugin] = [OuterProbe(inner: inner, findings: findings), subject, inner]
        try await OrderService.standalone(storage: storage, middleware: chain) { service in
            let route = service.telemetry.route(name: "contract", attributes: [], logLevel: .trace)
            try await withRunning(subject, context) {
                try await body { operation in
                    let context = RequestContext(
                        id: .random(), route: route, deadline: .now + .seconds(60), principal: principal,
                        metadata: metadata)
                    return await service.respond(to: OrderRequest(operation, context: context))
                }
            }
        }
        return inner.count
    }
}

/// Stands before the middleware under test: compares what it gives with what stood behind it.
private struct OuterProbe: MiddlewarePlugin {
    static let name = "outer_probe"
    static let summary = "Watches a middleware from outside."
    let inner: InnerProbe
    let findings: Findings

    init(inner: InnerProbe, findings: Findings) {
        self.inner = inner
        self.findings = findings
    }

    init(_ configuration: NoSettings, context: PluginContext) {
        self.init(inner: InnerProbe(), findings: Findings())
    }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        let result: Result<Reply, any Error>
        do { result = .success(try await next(request)) } catch { result = .failure(error) }
        let passed = inner.take(request.context.id)
        findings.expect(
            passed.count <= 1 || !request.operation.isWrite, "passed on \(passed.count) times: \(request.operation)")
        if case .failure(let error) = result, request.operation.isWrite, !saysUnknown(error) {
            findings.expect(
                !passed.contains(where: \.isDone), "threw \(error), though \(request.operation) was done")
            findings.expect(
                !passed.contains(where: \.isUnknown),
                "threw \(error), though nobody knows whether \(request.operation) was done")
        }
        switch result {
        case .success(let reply):
            guard request.operation.isWrite else { break }
            findings.expect(passed.contains { $0.isOrder(of: reply) }, "\(reply) is no answer of what stands behind")
        case .failure(let error as StorageError):
            findings.expect(passed.contains(.failure(error)), "threw a StorageError of its own: \(error)")
        case .failure(let error):
            let isForClients = error is OrderError || error is Problem
            findings.expect(
                isForClients, "threw \(error) at \(request.operation), which is no OrderError and no Problem")
        }
        return try result.get()
    }
}

/// Stands behind the middleware under test: notes what comes through.
private final class InnerProbe: MiddlewarePlugin {
    static let name = "inner_probe"
    static let summary = "Watches a middleware from inside."
    /// What became of a request; an ``OrderError`` is everybody's to throw, and not told apart.
    enum Passed: Equatable {
        case success(Reply)
        case failure(StorageError?)

        /// Whether a reply has the order that what stands behind gave.
        func isOrder(of reply: Reply) -> Bool {
            guard case .success(let own) = self, let order = own.order else { return false }
            return order.id == reply.order?.id
        }

        /// Whether storage has what was asked for, from now on or from before under the same key.
        var isDone: Bool {
            switch self {
            case .success(.created), .success(.replayed), .success(.updated): true
            default: false
            }
        }

        /// Whether it may have.
        var isUnknown: Bool { if case .failure(let error?) = self { error.kind == .outcomeUnknown } else { false } }
    }

    private let passed = Mutex<[RequestID: [Passed]]>([:])  // protects what came through
    private let counted = Atomic(0)

    /// How many requests came through.
    var count: Int { counted.load(ordering: .relaxed) }

    init() {}
    init(_ configuration: NoSettings, context: PluginContext) {}

    /// What became of the requests with that id.
    func take(_ id: RequestID) -> [Passed] { passed.withLock { $0.removeValue(forKey: id) ?? [] } }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        do {
            let reply = try await next(request)
            note(.success(reply), request)
            return reply
        } catch {
            note(.failure(error as? StorageError), request)
            throw error
        }
    }

    private func note(_ result: Passed, _ request: OrderRequest) {
        counted.wrappingAdd(1, ordering: .relaxed)
        passed.withLock { $0[request.context.id, default: []].append(result) }
    }
}

/// A storage that cannot be reached.
private struct AwayStorage: StoragePlugin {
    static let name = "away"
    static let summary = "Cannot be reached."
    private let error: StorageError

    init(_ kind: StorageError.Kind) { error = StorageError(kind, code: "away", detail: "") }
    init(_ configuration: NoSettings, context: PluginContext) { self.init(.unavailable) }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] { throw error }

    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        throw error
    }

    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] {
        throw error
    }
}

/// Whether a client who is told this has to look whether its write was done.
private func saysUnknown(_ error: any Error) -> Bool {
    switch error {
    case let error as StorageError: error.kind == .outcomeUnknown
    case OrderError.refused(let problem): problem.code == .outcomeUnknown
    case let problem as Problem: problem.code == .outcomeUnknown
    default: false
    }
}

extension Reply {
    /// The order that it has; `nil` for a page.
    fileprivate var order: Order? {
        switch self {
        case .created(let order), .replayed(let order), .found(let order), .notModified(let order),
            .updated(let order), .unchanged(let order):
            order
        default: nil
        }
    }
}

extension OrderRequest.Operation {
    /// Whether it must not be done twice.
    fileprivate var isWrite: Bool {
        switch self {
        case .create, .update: true
        default: false
        }
    }
}
